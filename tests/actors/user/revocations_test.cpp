// Drives the list of revocations and the views of it, with plain calls.
#include "actors/user/revocations.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::actors;
using namespace std::chrono_literals;

namespace {

domain::uuid user(uint8_t n) {
  domain::uuid id;
  id.bytes[15] = n;
  return id;
}

constexpr int64_t now = 1'700'000'000'000;

} // namespace

TEST_CASE("a revoked session's tokens are refused, others are not", "[revocations]") {
  auto list = std::make_shared<revocations>(30min);
  revocation_view view{list};
  CHECK_FALSE(view.revoked(user(1), "s1", now));
  list->add(std::vector<revocation>{{user(1), "s1", now}}, now);
  CHECK(view.revoked(user(1), "s1", now));
  CHECK(view.revoked(user(1), "s1", now - 1));
  CHECK_FALSE(view.revoked(user(1), "s1", now + 1));
  CHECK_FALSE(view.revoked(user(1), "s2", now));
  CHECK_FALSE(view.revoked(user(2), "s1", now));
}

TEST_CASE("a revocation without a session concerns all of the user's", "[revocations]") {
  auto list = std::make_shared<revocations>(30min);
  revocation_view view{list};
  list->add(std::vector<revocation>{{user(1), {}, now}}, now);
  CHECK(view.revoked(user(1), "s1", now));
  CHECK(view.revoked(user(1), "s2", now));
  CHECK_FALSE(view.revoked(user(2), "s1", now));
}

TEST_CASE("what can concern no token any more is forgotten, by the views too", "[revocations]") {
  auto list = std::make_shared<revocations>(30min);
  revocation_view view{list};
  revocation_view late{list};
  for (uint8_t n = 1; n <= 100; ++n)
    list->add(std::vector<revocation>{{user(n), "s", now + n}}, now + n);
  CHECK(view.revoked(user(1), "s", now));
  CHECK(view.size() == 100);
  const auto later = now + list->keep_ms() + 50;
  list->add(std::vector<revocation>{{user(200), "s", later}}, later);
  CHECK(list->size() == 52); // of 50 milliseconds and less ago, and the new one
  for (auto* v : {&view, &late}) {
    CHECK_FALSE(v->revoked(user(1), "s", now));
    CHECK(v->revoked(user(100), "s", now));
    CHECK(v->revoked(user(200), "s", later));
    CHECK(v->size() == 52);
  }
}

TEST_CASE("without a list nothing is revoked", "[revocations]") {
  revocation_view view;
  CHECK_FALSE(view.revoked(user(1), "s", now));
}
