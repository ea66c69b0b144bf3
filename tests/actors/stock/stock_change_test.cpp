// Drives what administrators do to counts, message by message on the deterministic scheduler,
// against a scripted store: setting, adjusting, versions, keys, and holds.
#include "tests/actors/support/shop_fixture.hpp"

#include "actors/messages/codec.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

/// Shard 0, which owns product 4 with 5 on hand.
struct change_fixture : shop_fixture {
  change_fixture() {
    store.add_product(4, 5);
    shard = start_stock(0);
  }

  reply<stock_answer> set(int64_t quantity, call c = by_admin(),
                          std::optional<int64_t> expected = {}) {
    return ask<stock_answer>(shard, set_stock{c, 4, quantity, "count", expected});
  }
  reply<stock_answer> adjust(int64_t delta, call c = by_admin(),
                             std::optional<int64_t> expected = {}) {
    return ask<stock_answer>(shard, adjust_stock{c, 4, delta, "lost", expected});
  }
  stock_view level() { return ask<stock_view>(shard, get_stock{{}, 4})->got(); }
  reply<stock_reserved> reserve(int64_t reservation, int64_t quantity) {
    return ask<stock_reserved>(shard, want(reservation, {{4, quantity}}));
  }

  stock_actor shard;
};

} // namespace

TEST_CASE_METHOD(change_fixture, "a count is set durably: the answer follows the commit") {
  store.hold_writes = true;
  auto r = set(9);
  CHECK(r->open());
  REQUIRE(store.writes.size() == 1);
  auto& w = store.writes[0];
  REQUIRE(w.stock.size() == 1);
  CHECK(w.stock[0].kind == stock_change_kind::set);
  CHECK(w.stock[0].amount == 9);
  CHECK(w.stock[0].reason == "count");
  CHECK(w.request_id == "request");
  REQUIRE(w.events.size() == 1);
  CHECK(w.events[0].subject == "product:4");
  CHECK_FALSE(w.keep);
  store.commit(0);
  CHECK(r->got().value.level.on_hand == 9);
  CHECK(r->got().value.level.version == 2);
  CHECK(level().level.on_hand == 9);
}

TEST_CASE_METHOD(change_fixture, "more on hand lets those in who wait") {
  reserve(1, 5);
  auto waiter = reserve(2, 2);
  CHECK(waiter->open());
  auto r = adjust(3);
  CHECK(r->got().value.level.on_hand == 8);
  CHECK(waiter->value);
  CHECK(level().reserved == 7);
}

TEST_CASE_METHOD(change_fixture, "less on hand waits for what others hold, and takes none of it") {
  reserve(1, 3);
  auto r = adjust(-3);
  CHECK(r->open());
  CHECK(store.writes.empty());
  tell(shard, release_stock{1});
  CHECK(r->got().value.level.on_hand == 2);
  CHECK(level().reserved == 0);
}

TEST_CASE_METHOD(change_fixture, "a count never falls below zero") {
  auto r = adjust(-6);
  CHECK(r->failed == ec::out_of_stock);
  auto missing = context_of<std::vector<shortage>>(r->why);
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].requested == 6);
  CHECK(missing[0].available == 5);
  CHECK(store.writes.empty());
}

TEST_CASE_METHOD(change_fixture, "rule 7: the database is the arbiter when memory was wrong") {
  level();
  store.counts[4] = {4, 2, 6, 0}; // another node sold some
  auto r = adjust(-4);
  CHECK(r->failed == ec::out_of_stock);
  auto missing = context_of<std::vector<shortage>>(r->why);
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].available == 2);
  CHECK(level().reserved == 0);
}

TEST_CASE_METHOD(change_fixture, "an adjustment that waits too long did nothing, and says so") {
  reserve(1, 5);
  auto r = adjust(-1);
  advance(9s);
  CHECK(r->open());
  advance(4s);
  CHECK(r->failed == ec::overloaded);
  tell(shard, release_stock{1});
  CHECK(level().reserved == 0);
  CHECK(level().level.on_hand == 5);
}

TEST_CASE_METHOD(change_fixture, "an older version than the known one is refused at once") {
  level();
  CHECK(set(9, by_admin(), 1)->value);
  CHECK(set(7, by_admin(), 1)->failed == ec::stale_version);
  CHECK(adjust(1, by_admin(), 1)->failed == ec::stale_version);
  CHECK(set(7, by_admin(), no_version)->failed == ec::stale_version); // nor one that never is
  CHECK(adjust(-99, by_admin(), no_version)->failed == ec::stale_version);
  CHECK(store.writes.size() == 1);
  CHECK(set(7, by_admin(), 2)->got().value.level.version == 3);
}

TEST_CASE_METHOD(change_fixture, "a version that only the database knows is left to it") {
  level();
  store.counts[4] = {4, 8, 3, 0};
  CHECK(set(9, by_admin(), 2)->failed == ec::stale_version);
  CHECK(store.writes.size() == 1);
  CHECK(store.counts[4].on_hand == 8);
}

TEST_CASE_METHOD(change_fixture, "a product that does not exist has no count to change") {
  CHECK(ask<stock_answer>(shard, set_stock{by_admin(), 8, 1, "", {}})->failed == ec::not_found);
  store.products[4].deleted = true;
  CHECK(set(1)->failed == ec::not_found);
  CHECK(adjust(-1)->failed == ec::not_found);
  CHECK(ask<stock_view>(shard, get_stock{{}, 4})->failed == ec::not_found);
}

TEST_CASE_METHOD(change_fixture, "rule 12: a change repeated with its key happens once") {
  auto first = adjust(2, by_admin("k"));
  auto second = adjust(2, by_admin("k"));
  CHECK_FALSE(first->got().replayed);
  CHECK(second->got().replayed);
  CHECK(second->got().value.level == first->got().value.level);
  CHECK(store.counts[4].on_hand == 7);
  CHECK(adjust(2, by_admin("k", "other"))->failed == ec::idempotency_key_reused);
}

TEST_CASE_METHOD(change_fixture,
                 "rule 12: after a restart the row answers, for changes up and down") {
  auto up = adjust(2, by_admin("up"));
  auto down = adjust(-3, by_admin("down"));
  kill(shard);
  shard = start_stock(0);
  auto again = adjust(2, by_admin("up"));
  CHECK(again->got().replayed);
  CHECK(again->got().value.level == up->got().value.level);
  again = adjust(-3, by_admin("down"));
  CHECK(again->got().replayed);
  CHECK(again->got().value.level == down->got().value.level);
  CHECK(store.counts[4].on_hand == 4);
  CHECK(level().reserved == 0);
}

TEST_CASE_METHOD(change_fixture,
                 "rule 12: a refused adjustment after a restart looks into the store first") {
  auto first = adjust(-5, by_admin("k"));
  CHECK(first->value);
  kill(shard);
  shard = start_stock(0);
  auto again = adjust(-5, by_admin("k"));
  CHECK(again->got().replayed);
  CHECK(adjust(-5, by_admin("new"))->failed == ec::out_of_stock);
}

TEST_CASE_METHOD(change_fixture, "rule 12: a refusal is not kept") {
  CHECK(adjust(-6, by_admin("k"))->failed == ec::out_of_stock);
  CHECK(adjust(1)->value);
  auto r = adjust(-6, by_admin("k"));
  CHECK(r->value);
  CHECK_FALSE(r->got().replayed);
}

TEST_CASE_METHOD(change_fixture, "rule 1: after an unknown outcome the count is read anew") {
  store.hold_writes = true;
  auto r = adjust(-2);
  store.commit_in_silence(0);
  store.hold_fences = true;
  store.fail(0, ec::outcome_unknown);
  CHECK(r->failed == ec::outcome_unknown);
  store.answer_fences();
  CHECK(level().level.on_hand == 3);
  CHECK(level().reserved == 0);
}

TEST_CASE_METHOD(change_fixture, "rule 1: a write that expired takes no memory with it") {
  store.hold_writes = true;
  auto r = adjust(-2);
  store.fail(0, ec::write_expired);
  CHECK(r->failed == ec::write_expired);
  CHECK(store.fences.size() == 1);
  CHECK(level().reserved == 0);
  CHECK(store.reads<load_stock>() == 1);
}

TEST_CASE_METHOD(change_fixture, "rule 2: a change waits for the fence") {
  store.hold_fences = true;
  kill(shard);
  shard = start_stock(0);
  auto r = set(9);
  CHECK(r->open());
  CHECK(store.writes.empty());
  store.answer_fences();
  CHECK(r->value);
  CHECK(store.writes[0].by.number == 2);
}

TEST_CASE_METHOD(change_fixture, "rule 10: a change that was sent is told to be unknown") {
  store.hold_writes = true;
  auto sent = set(9, by_admin("k"));
  auto behind = set(9, by_admin("k"));
  store.hold_reads = true;
  kill(shard);
  CHECK(sent->failed == ec::outcome_unknown);
  CHECK(behind->failed == ec::outcome_unknown);
}
