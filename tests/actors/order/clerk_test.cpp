// Drives the clerk and with it the log follower on the deterministic scheduler, against a scripted
// store with a log.
#include "actors/clerk/actor.hpp"
#include "tests/actors/support/shop_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

using status = domain::order_status;

/// Order shard 3 with the orders of user 3, and a clerk.
struct clerk_fixture : shop_fixture {
  clerk_fixture() {
    script_stock();
    store.add_product(4, 1'000'000);
    shard = start_order(3);
    orders->set(3, shard);
  }

  log_reader_actor start_clerk(bool confirm = true) {
    clerk_config c;
    c.shards = shards;
    c.confirm = confirm;
    c.payment_window = 60s;
    c.now = [this] { return now(); };
    log_reader_actor h =
      keep(sys.spawn(clerk_behavior, c, store.writers(), store.readers(), router{orders}));
    run();
    return h;
  }

  int64_t place(domain::payment_method payment = {}) {
    auto cmd = order_of(by(3), {{4, 1}});
    cmd.payment = payment;
    return ask<order_answer>(shard, cmd)->got().value.id;
  }
  size_t confirmed() const {
    return static_cast<size_t>(std::count_if(store.orders.begin(), store.orders.end(), [](auto& x) {
      return x.second.status == status::confirmed;
    }));
  }

  order_actor shard;
  std::shared_ptr<shard_table<order_actor>> orders =
    std::make_shared<shard_table<order_actor>>(shards);
};

} // namespace

TEST_CASE_METHOD(clerk_fixture, "every placed order is confirmed once, however many there are") {
  for (int i = 0; i < 600; ++i)
    place();
  auto clerk = start_clerk();
  advance(5s);
  CHECK(confirmed() == 600);
  for (auto& [id, o] : store.orders)
    CHECK(o.version == 2);
  auto last = place();
  tell(clerk, log_grew{1});
  advance(50ms);
  CHECK(store.orders.at(last).status == status::confirmed);
}

TEST_CASE_METHOD(clerk_fixture, "without a nudge the log is looked at by itself") {
  start_clerk();
  auto id = place();
  CHECK(store.orders.at(id).status == status::pending);
  advance(2s);
  CHECK(store.orders.at(id).status == status::confirmed);
}

TEST_CASE_METHOD(clerk_fixture, "a clerk that begins anew goes on where it stood") {
  auto first = start_clerk();
  place();
  place();
  advance(3s);
  CHECK(confirmed() == 2);
  REQUIRE(store.positions.contains("clerk"));
  auto kept = store.positions.at("clerk").id;
  CHECK(kept >= 2);
  kill(first);
  auto id = place();
  start_clerk();
  advance(2s);
  CHECK(store.orders.at(id).status == status::confirmed);
  CHECK(store.positions.at("clerk").id > kept);
}

TEST_CASE_METHOD(clerk_fixture, "what fails is tried again, and nothing is skipped") {
  start_clerk();
  store.writes_fail = ec::write_failed;
  store.orders.clear();
  domain::order o;
  o.id = 403;
  o.user_id = user(3);
  o.lines = {{403 * 128, 4, "product 4", 100, 1}};
  store.orders[403] = o;
  store.events.push_back({1, "order_placed", "order:403", "{}", now(), {}});
  advance(3s);
  CHECK(store.orders.at(403).status == status::pending);
  store.writes_fail.reset();
  advance(5s);
  CHECK(store.orders.at(403).status == status::confirmed);
}

TEST_CASE_METHOD(clerk_fixture, "an order that is gone does not hold the others up") {
  store.events.push_back({1, "order_placed", "order:407", "{}", now(), {}});
  store.events.push_back({2, "user_registered", "user:x", "{}", now(), {}});
  auto id = place();
  start_clerk();
  advance(2s);
  CHECK(store.orders.at(id).status == status::confirmed);
}

TEST_CASE_METHOD(clerk_fixture, "orders that are not paid in time are cancelled") {
  start_clerk(false);
  auto prepaid = place(domain::payment_method::prepaid);
  auto cash = place();
  advance(58s);
  CHECK(store.orders.at(prepaid).status == status::pending);
  advance(5s);
  CHECK(store.orders.at(prepaid).status == status::cancelled);
  CHECK(store.orders.at(cash).status == status::pending);
  CHECK(store.counts.at(4).on_hand == 1'000'000 - 1);
}
