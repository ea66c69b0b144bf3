// Drives the external catalog's worker on a thread of its own,
// against a server on 127.0.0.1 that the test starts.
#include "actors/external/actor.hpp"

#include "actors/log.hpp"
#include "tests/actors/external/source_server.hpp"

#include <caf/all.hpp>
#include <catch2/catch.hpp>

#include <chrono>
#include <string>

using namespace souk::actors;
using namespace souk::external::test;
using namespace std::chrono_literals;

namespace {

struct worker_fixture {
  struct system_config : caf::actor_system_config {
    system_config() { add_message_types<caf::id_block::souk>(); }
  } cfg;
  source_server server;
  external_config config;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  external_actor worker;
  spdlog::level::level_enum log_level = spdlog::get_level();

  worker_fixture() {
    spdlog::set_level(spdlog::level::off); // failures are what is tested
    config.url = server.url();
    config.timeout = 20s;
  }
  ~worker_fixture() {
    caf::anon_send_exit(worker, caf::exit_reason::kill);
    self->wait_for(worker);
    spdlog::set_level(log_level);
  }

  void start() { worker = sys.spawn<caf::detached>(external_behavior, config); }

  external_answer find(const std::string& id) {
    external_answer got;
    self->request(worker, 30s, fetch_external{id})
      .receive([&](external_answer& x) { got = std::move(x); },
               [&](const caf::error& why) { FAIL(sys.render(why)); });
    return got;
  }
};

} // namespace

TEST_CASE_METHOD(worker_fixture, "a worker finds products in both forms, and asks once for each") {
  server.answer("/products/1", response("200 OK", R"({"id": 1, "title": "Lamp", "price": 9.5})"));
  server.answer("/products/2", response("200 OK", R"({"status": "SUCCESS", "product":
    {"id": 2, "title": "Chair", "price": "40", "category": "home"}})"));
  server.answer("/products/4", response("200 OK", "<html>"));
  start();
  for (int i = 0; i < 2; ++i) {
    auto lamp = find("1");
    REQUIRE(lamp.outcome == external_outcome::found);
    CHECK(lamp.product.price == 950);
    auto chair = find("2");
    REQUIRE(chair.outcome == external_outcome::found);
    CHECK(chair.product.name == "Chair");
    CHECK(chair.product.category == "home");
    CHECK(find("3").outcome == external_outcome::not_found);
  }
  CHECK(server.asked().size() == 3);
  CHECK(find("4").outcome == external_outcome::unavailable);
}

TEST_CASE_METHOD(worker_fixture,
                 "a worker refuses when too many wait, and is there again after it") {
  server.answer("/products/slow", "");
  server.answer("/products/1", response("200 OK", R"({"id": 1, "title": "Lamp", "price": 9.5})"));
  config.timeout = 2s;
  config.max_queue = 3;
  start();
  REQUIRE(find("1").outcome == external_outcome::found);
  // All of them arrive while the first is on its way.
  constexpr int sent = 12;
  int unavailable = 0;
  int overloaded = 0;
  auto ask = [&](const std::string& id) { return self->request(worker, 30s, fetch_external{id}); };
  auto first = ask("slow");
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (server.asked().size() < 2 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  REQUIRE(server.asked().size() == 2);
  std::vector<decltype(ask(""))> more;
  for (int i = 1; i < sent; ++i)
    more.push_back(ask("other" + std::to_string(i)));
  auto known = ask("1");
  auto count = [&](auto& response) {
    response.receive(
      [&](external_answer& x) {
        unavailable += x.outcome == external_outcome::unavailable ? 1 : 0;
      },
      [&](const caf::error& why) { overloaded += code_of(why) == ec::overloaded ? 1 : 0; });
  };
  count(first);
  for (auto& x : more)
    count(x);
  bool found = false;
  known.receive([&](external_answer& x) { found = x.outcome == external_outcome::found; },
                [](const caf::error&) {});
  CHECK(found); // what is known is never refused
  CHECK(unavailable == 1);
  CHECK(overloaded > 0);
  CHECK(overloaded < sent - 1); // the last few find room
  CHECK(find("1").outcome == external_outcome::found);
}
