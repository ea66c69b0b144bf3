// Drives a stock shard through lost orders, failed writes and full caches in virtual time,
// against a scripted store: holds, those who wait, and what is read anew.
#include "tests/actors/support/shop_fixture.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

/// Shard 0, which owns the products 4, 8, ...
struct faults_fixture : shop_fixture {
  faults_fixture() {
    for (int64_t id = 4; id <= 80; id += 4)
      store.add_product(id, 5);
  }

  reply<stock_reserved> reserve(int64_t reservation, std::initializer_list<wanted_line> lines,
                                milliseconds patience = 100s) {
    return ask<stock_reserved>(shard, want(reservation, lines, patience));
  }
  stock_view level(int64_t product) {
    auto r = ask<stock_view>(shard, get_stock{{}, product});
    REQUIRE(r->value);
    return r->got();
  }
  /// Makes the shard forget: a write of its own fails.
  void reset() {
    auto held = std::exchange(store.hold_writes, false);
    store.writes_fail = ec::write_failed;
    auto r = ask<stock_answer>(shard, set_stock{by_admin(), 80, 1, "count", {}});
    CHECK(r->failed == ec::write_failed);
    store.writes_fail.reset();
    store.hold_writes = held;
  }

  stock_actor shard = start_stock(0);
};

} // namespace

TEST_CASE_METHOD(faults_fixture,
                 "rule 9: a hold of an order that is never decided ends after 30 s") {
  reserve(1, {{4, 5}});
  auto waiter = reserve(2, {{4, 1}});
  store.counts[4] = {4, 3, 8, 0}; // it was committed after all, and nobody heard of it
  advance(29s);
  CHECK(waiter->open());
  CHECK(level(4).reserved == 5);
  CHECK(store.reads<load_stock>() == 1);
  advance(2s);
  CHECK(waiter->value);
  CHECK(store.reads<load_stock>() == 2);
  CHECK(level(4).level.on_hand == 3);
  CHECK(level(4).reserved == 1);
}

TEST_CASE_METHOD(faults_fixture, "rule 9: an order settled in time is not read anew") {
  reserve(1, {{4, 2}});
  tell(shard, settle_stock{{{{4, 3, 2, 0}, {1}}}});
  advance(40s);
  CHECK(store.reads<load_stock>() == 1);
  CHECK(level(4).reserved == 0);
}

TEST_CASE_METHOD(faults_fixture, "a stock shard forgets who was settled, released or lost") {
  reserve(1, {{4, 1}, {8, 1}});
  reserve(2, {{4, 1}});
  tell(shard, settle_stock{{{{4, 4, 2, 0}, {1}}, {{8, 4, 2, 0}, {1}}}});
  tell(shard, release_stock{2});
  advance(2s);
  CHECK_FALSE(sched.has_pending_timeout()); // its clock runs as long as it remembers a hold
  reserve(3, {{12, 1}});
  advance(3s);
  CHECK(sched.has_pending_timeout());
  advance(30s);
  CHECK_FALSE(sched.has_pending_timeout());
}

TEST_CASE_METHOD(faults_fixture, "rule 9: a lost order of two products gives both back") {
  reserve(1, {{4, 5}, {8, 5}});
  advance(31s);
  CHECK(level(4).reserved == 0);
  CHECK(level(8).reserved == 0);
  CHECK(reserve(2, {{4, 5}, {8, 5}})->value);
}

TEST_CASE_METHOD(faults_fixture, "rule 9: a late settle of an expired hold does no harm") {
  reserve(1, {{4, 2}});
  advance(31s);
  CHECK(reserve(2, {{4, 5}})->value);
  tell(shard, settle_stock{{{{4, 3, 2, 0}, {1}}}});
  CHECK(level(4).level.on_hand == 3);
  CHECK(level(4).reserved == 5);
}

TEST_CASE_METHOD(faults_fixture, "rule 9: who waits keeps waiting while the product is read anew") {
  reserve(1, {{4, 5}});
  auto waiter = reserve(2, {{4, 1}});
  auto second = reserve(3, {{4, 1}}, 30s);
  store.hold_reads = true;
  advance(31s); // the hold has expired, the read is on its way, and the second one's time is up
  CHECK(waiter->open());
  CHECK(second->failed == ec::overloaded);
  store.answer_reads();
  CHECK(waiter->value);
}

TEST_CASE_METHOD(faults_fixture, "rule 9: who waits outlives a read that fails") {
  reserve(1, {{4, 5}});
  auto waiter = reserve(2, {{4, 1}});
  store.reads_fail = ec::database_unavailable;
  advance(35s);
  CHECK(waiter->open());
  store.reads_fail.reset();
  advance(2s);
  CHECK(waiter->value);
}

TEST_CASE_METHOD(faults_fixture, "rule 1: after a failed write every count is read anew") {
  CHECK(level(4).level.on_hand == 5);
  store.counts[4] = {4, 2, 9, 0};
  CHECK(level(4).level.on_hand == 5);
  reset();
  CHECK(level(4).level.on_hand == 2);
}

TEST_CASE_METHOD(faults_fixture,
                 "rule 1: holds outlive a reset, and so do those who wait for them") {
  reserve(1, {{4, 4}});
  auto waiter = reserve(2, {{4, 2}, {8, 1}});
  CHECK(waiter->open());
  reset();
  CHECK(waiter->open());
  tell(shard, release_stock{77});
  CHECK(waiter->open());
  CHECK(level(4).reserved == 4);
  tell(shard, release_stock{1});
  CHECK(waiter->value);
  CHECK(level(4).reserved == 2);
}

TEST_CASE_METHOD(faults_fixture, "rule 1: who waits for one product is not refused after a reset "
                                 "because another is settled") {
  reserve(1, {{4, 5}});
  reserve(2, {{8, 5}});
  auto waiter = reserve(3, {{4, 1}});
  reset();
  tell(shard, settle_stock{{{{8, 0, 2, 0}, {2}}}});
  CHECK(waiter->failed == ec::none);
  tell(shard, release_stock{1});
  CHECK(waiter->value);
}

TEST_CASE_METHOD(faults_fixture, "rule 2: what was read before the fence is read again after it") {
  store.hold_fences = true;
  reset();
  CHECK(level(4).level.on_hand == 5);
  reserve(1, {{4, 3}});
  auto waiter = reserve(2, {{4, 3}});
  store.counts[4] = {4, 4, 2, 0}; // the old incarnation's last word is committed
  store.answer_fences();
  CHECK(level(4).level.on_hand == 4);
  CHECK(level(4).reserved == 3);
  CHECK(waiter->open());
}

TEST_CASE_METHOD(faults_fixture, "rule 2: a read that is on its way when the fence is answered is "
                                 "read again") {
  store.hold_fences = true;
  reset();
  store.hold_reads = true;
  auto r = reserve(1, {{4, 1}});
  store.counts[4] = {4, 0, 2, 0};
  store.answer_fences();
  store.hold_reads = false;
  store.answer_reads();
  CHECK(r->failed == ec::out_of_stock);
}

TEST_CASE_METHOD(faults_fixture, "rule 2: what was read before a reset is read again") {
  level(80);
  store.hold_reads = true;
  auto r = reserve(1, {{4, 1}});
  reset();
  store.counts[4] = {4, 0, 2, 0};
  store.hold_reads = false;
  store.answer_reads();
  CHECK(r->failed == ec::out_of_stock);
}

TEST_CASE_METHOD(faults_fixture, "rule 10: who waits is told when the shard is killed") {
  reserve(1, {{4, 5}});
  auto in_line = reserve(2, {{4, 1}});
  store.hold_reads = true;
  auto reading = reserve(3, {{8, 1}});
  auto adjusting = ask<stock_answer>(shard, adjust_stock{by_admin(), 4, -1, "lost", {}});
  kill(shard);
  CHECK(in_line->failed == ec::restarting);
  CHECK(reading->failed == ec::restarting);
  CHECK(adjusting->failed == ec::restarting);
}

TEST_CASE_METHOD(faults_fixture, "rule 10: who waits is told when the shard throws") {
  reserve(1, {{4, 5}});
  auto in_line = reserve(2, {{4, 1}});
  crash_next = true;
  auto r = ask<stock_reserved>(shard, reserve_stock{3, {{4, 1}}, 1});
  CHECK(in_line->failed == ec::restarting);
  CHECK(r->answers == 1);
}

TEST_CASE_METHOD(faults_fixture,
                 "a shard's next life knows no holds, and lets the database decide") {
  reserve(1, {{4, 5}});
  kill(shard);
  shard = start_stock(0);
  CHECK(level(4).reserved == 0);
  CHECK(reserve(2, {{4, 5}})->value);
}

TEST_CASE_METHOD(faults_fixture, "rule 14: a product with holds is never evicted") {
  auto c = config_of<stock_config>(0);
  c.cached = 2;
  shard = start_stock(c);
  reserve(1, {{4, 3}});
  for (int64_t id = 8; id <= 80; id += 4)
    level(id);
  auto reads = store.reads<load_stock>();
  CHECK(level(4).reserved == 3);
  CHECK(store.reads<load_stock>() == reads);
  level(8);
  CHECK(store.reads<load_stock>() == reads + 1);
}

TEST_CASE_METHOD(faults_fixture, "rule 14: a product that someone waits for is never evicted") {
  auto c = config_of<stock_config>(0);
  c.cached = 2;
  shard = start_stock(c);
  reserve(1, {{4, 5}});
  auto waiter = reserve(2, {{4, 1}, {8, 1}}); // holds nothing of 8 yet
  for (int64_t id = 12; id <= 80; id += 4)
    level(id);
  tell(shard, release_stock{1});
  CHECK(waiter->value);
}

TEST_CASE_METHOD(faults_fixture, "rule 14: an order may take the whole cache") {
  auto c = config_of<stock_config>(0);
  c.cached = 5;
  shard = start_stock(c);
  for (int64_t id = 24; id <= 80; id += 4)
    level(id);
  auto r = reserve(1, {{4, 1}, {8, 1}, {12, 1}, {16, 1}, {20, 1}});
  CHECK(r->value);
  CHECK(level(4).reserved == 1);
}
