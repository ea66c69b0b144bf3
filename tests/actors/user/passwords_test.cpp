// Drives a password worker with real hashes, on the deterministic scheduler.
#include "actors/user/passwords.hpp"
#include "tests/actors/support/fixture.hpp"

#include <catch2/catch.hpp>

#include <ctime>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

struct password_fixture : actor_fixture {
  password_actor start(const password_config& c = {}) {
    return keep(sys.spawn(password_behavior, c));
  }

  std::string hash(const password_actor& worker, const std::string& password) {
    return ask<std::string>(worker, hash_password{password})->got();
  }

  password_verified verify(const password_actor& worker, const std::string& hash,
                           const std::string& password) {
    return ask<password_verified>(worker, verify_password{password, hash})->got();
  }
};

} // namespace

TEST_CASE_METHOD(password_fixture, "a password's hash costs what OWASP asks for at least") {
  auto worker = start();
  const auto made = hash(worker, "correct horse");
  CHECK(made.substr(0, 31) == "$argon2id$v=19$m=19456,t=2,p=1$");
  CHECK(made != hash(worker, "correct horse")); // its salt is its own
  CHECK(verify(worker, made, "correct horse").matches);
  CHECK_FALSE(verify(worker, made, "correct horsE").matches);
  CHECK_FALSE(verify(worker, made, "").matches);
}

TEST_CASE_METHOD(password_fixture, "for an unknown user a password is compared all the same") {
  auto worker = start();
  const auto made = hash(worker, "correct horse");
  // By this thread's own processor time: whatever else the machine does is not in it.
  const auto cost = [&](const std::string& stored) {
    timespec from{};
    timespec to{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    CHECK_FALSE(verify(worker, stored, "nobody's password").matches);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    return static_cast<double>(to.tv_sec - from.tv_sec) * 1e9
           + static_cast<double>(to.tv_nsec - from.tv_nsec);
  };
  const auto known = cost(made);
  const auto unknown = cost({});
  CHECK(unknown > known / 4); // without the work it is a ten-thousandth
  CHECK(unknown < known * 4);
}

TEST_CASE_METHOD(password_fixture, "a password worker refuses what would wait for too long") {
  password_config narrow;
  narrow.max_queue = 1;
  auto worker = start(narrow);
  std::vector<ec> answers;
  keep(sys.spawn([&, worker](caf::event_based_actor* self) {
    for (int i = 0; i < 4; ++i)
      self->request(worker, std::chrono::minutes{1}, hash_password{"p"})
        .then([&](const std::string&) { answers.push_back(ec::none); },
              [&](caf::error& why) { answers.push_back(code_of(why)); });
    for (int i = 0; i < 4; ++i)
      self->request(worker, std::chrono::minutes{1}, verify_password{"p", {}})
        .then([&](const password_verified&) { answers.push_back(ec::none); },
              [&](caf::error& why) { answers.push_back(code_of(why)); });
  }));
  run();
  REQUIRE(answers.size() == 8);
  CHECK(std::count(answers.begin(), answers.end(), ec::none) == 2);
  CHECK(std::count(answers.begin(), answers.begin() + 6, ec::overloaded) == 6);
}
