// Drives retries, failed writes and crashes of an order shard on the deterministic scheduler,
// against a scripted store and scripted stock shards.
#include "tests/actors/support/shop_fixture.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

/// Order shard 3.
struct retry_fixture : shop_fixture {
  retry_fixture() {
    script_stock();
    for (int64_t id = 4; id <= 8; ++id)
      store.add_product(id, 100);
  }

  reply<order_answer> place(call c) {
    return ask<order_answer>(shard, order_of(std::move(c), {{4, 2}}));
  }
  void restart() {
    kill(shard);
    shard = start_order(3);
  }

  order_actor shard = start_order(3);
};

} // namespace

TEST_CASE_METHOD(retry_fixture,
                 "rule 12: a second request waits for the first and gets its order") {
  store.hold_writes = true;
  auto first = place(by(1, "k"));
  auto second = place(by(1, "k"));
  auto other_body = place(by(1, "k", "other"));
  CHECK(store.writes.size() == 1);
  CHECK(second->open());
  CHECK(other_body->failed == ec::idempotency_key_reused);
  store.commit(0);
  CHECK_FALSE(first->got().replayed);
  CHECK(second->got().replayed);
  CHECK(second->got().value == first->got().value);
}

TEST_CASE_METHOD(retry_fixture, "rule 12: a retried order is placed once, from memory") {
  auto first = place(by(1, "k"));
  auto again = place(by(1, "k"));
  CHECK(again->got().replayed);
  CHECK(again->got().value == first->got().value);
  CHECK(store.orders.size() == 1);
  CHECK(store.writes.size() == 1);
}

TEST_CASE_METHOD(retry_fixture, "rule 12: a retried order is placed once, across a restart") {
  auto first = place(by(1, "k"));
  restart();
  auto again = place(by(1, "k"));
  REQUIRE(again->value);
  CHECK(again->got().replayed);
  CHECK(again->got().value == first->got().value);
  CHECK(store.orders.size() == 1);
  CHECK(stock.released == std::vector<int64_t>{stock.reserved.at(1).reservation_id});
  CHECK(place(by(1, "k", "other"))->failed == ec::idempotency_key_reused);
}

TEST_CASE_METHOD(retry_fixture, "rule 12: after a restart the row refuses another body") {
  place(by(1, "k"));
  restart();
  CHECK(place(by(1, "k", "other"))->failed == ec::idempotency_key_reused);
  CHECK(store.orders.size() == 1);
}

TEST_CASE_METHOD(retry_fixture, "rule 12: a refusal after a restart looks into the store first") {
  auto first = place(by(1, "k"));
  restart();
  stock.refuse_with = caf::make_error(ec::out_of_stock); // it sold the last one
  auto again = place(by(1, "k"));
  REQUIRE(again->value);
  CHECK(again->got().replayed);
  CHECK(again->got().value == first->got().value);
  CHECK(store.reads<load_kept_answer>() == 1);
  CHECK(place(by(1, "new"))->failed == ec::out_of_stock);
  CHECK(place(by(1))->failed == ec::out_of_stock);
  CHECK(store.reads<load_kept_answer>() == 2);
}

TEST_CASE_METHOD(retry_fixture, "rule 12: a limit does not refuse the retry of what it admitted") {
  auto c = config_of<order_config>(3);
  c.limit = {1, 60'000};
  kill(shard);
  shard = start_order(c);
  CHECK(place(by(1, "k"))->value);
  kill(shard);
  shard = start_order(c);
  CHECK(place(by(1, "k"))->got().replayed);
  CHECK(place(by(1, "new"))->failed == ec::order_limit_reached);
}

TEST_CASE_METHOD(retry_fixture, "rule 12: when the store cannot tell, a refusal is not given") {
  place(by(1, "k"));
  restart();
  stock.refuse_with = caf::make_error(ec::out_of_stock);
  store.reads_fail = ec::database_unavailable;
  CHECK(place(by(1, "k"))->failed == ec::overloaded);
  store.reads_fail.reset();
  CHECK(place(by(1, "k"))->got().replayed);
}

TEST_CASE_METHOD(retry_fixture, "rule 12: refusals are not kept: the key may succeed later") {
  stock.refuse_with = caf::make_error(ec::out_of_stock);
  CHECK(place(by(1, "k"))->failed == ec::out_of_stock);
  stock.refuse_with = {};
  auto r = place(by(1, "k"));
  CHECK(r->value);
  CHECK_FALSE(r->got().replayed);
}

TEST_CASE_METHOD(retry_fixture,
                 "rules 11, 12: the retry of an unknown order gets that very order") {
  store.hold_writes = true;
  auto first = place(by(1, "k"));
  store.commit_in_silence(0);
  store.fail(0, ec::outcome_unknown);
  CHECK(first->failed == ec::outcome_unknown);
  store.hold_writes = false;
  auto again = place(by(1, "k"));
  REQUIRE(again->value);
  CHECK(again->got().replayed);
  CHECK(again->got().value == store.writes[0].order->row);
  CHECK(store.orders.size() == 1);
}

TEST_CASE_METHOD(retry_fixture,
                 "rules 11, 12: the retry of an unknown order that was lost places it") {
  store.hold_writes = true;
  auto first = place(by(1, "k"));
  auto behind = place(by(1, "k"));
  store.fail(0, ec::outcome_unknown);
  CHECK(first->failed == ec::outcome_unknown);
  CHECK(behind->failed == ec::outcome_unknown);
  store.hold_writes = false;
  auto again = place(by(1, "k"));
  CHECK(again->value);
  CHECK_FALSE(again->got().replayed);
  CHECK(store.orders.size() == 1);
  CHECK(store.orders.begin()->first != store.writes[0].order->row.id); // rule 13
}

TEST_CASE_METHOD(retry_fixture, "rule 2: an order decided in an old incarnation is not written") {
  stock.hold = true;
  auto reserving = place(by(1));
  stock.hold = false;
  store.hold_writes = true;
  auto first = place(by(2));
  auto second = place(by(3));
  CHECK(reserving->open());
  store.fail(0, ec::write_failed);
  store.fail(1, ec::stale_incarnation);
  CHECK(first->failed == ec::write_failed);
  CHECK(second->failed == ec::stale_incarnation);
  store.hold_writes = false;
  CHECK(place(by(2))->value);
  CHECK(store.orders.size() == 1);
}

TEST_CASE_METHOD(retry_fixture,
                 "rule 10: restarting while stock is reserved, unknown once it is sent") {
  stock.hold = true;
  auto reserving = place(by(1, "a"));
  stock.hold = false;
  store.hold_writes = true;
  auto sent = place(by(1, "b"));
  auto behind = place(by(1, "b"));
  bool by_crash = GENERATE(true, false);
  if (by_crash) {
    crash_next = true;
    CHECK(place(by(1))->answers == 1);
  } else {
    kill(shard);
  }
  CHECK(reserving->failed == ec::restarting);
  CHECK(sent->failed == ec::outcome_unknown);
  CHECK(behind->failed == ec::outcome_unknown);
}

TEST_CASE_METHOD(retry_fixture,
                 "rule 10: who waits for the store's word on a key is told as well") {
  stock.refuse_with = caf::make_error(ec::out_of_stock);
  store.hold_reads = true;
  auto r = place(by(1, "k"));
  CHECK(r->open());
  kill(shard);
  CHECK(r->answers == 1);
  CHECK(r->failed == ec::restarting);
}
