// Drives what all writing shards share (fence, incarnation, ids, the write) through a product
// shard, against a writer that is silent, fails, or does not know what happened; in virtual time.
#include "tests/actors/support/shop_fixture.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

/// Product shard 1.
struct shard_fixture : shop_fixture {
  shard_fixture() { script_stock(); }

  reply<product_answer> create(call c = by_admin()) {
    create_product cmd;
    cmd.call = c;
    cmd.product.name = "new";
    return ask<product_answer>(shard, cmd);
  }
  reply<product_view> get(int64_t id) { return ask<product_view>(shard, get_product{{}, id}); }

  product_actor shard;
};

} // namespace

TEST_CASE_METHOD(shard_fixture,
                 "rule 2: a shard begins with its fence, and commands wait with it") {
  store.hold_fences = true;
  shard = start_product(1);
  REQUIRE(store.fences.size() == 1);
  CHECK(store.fences[0].domain == domain::domain_id::product);
  CHECK(store.fences[0].shard == 1);
  auto a = create();
  auto b = create();
  CHECK((a->open() && b->open()));
  CHECK(store.writes.empty());
  store.answer_fences();
  CHECK((a->value && b->value));
  CHECK(a->got().value.product.id < b->got().value.product.id);
}

TEST_CASE_METHOD(shard_fixture, "rule 2: a fence that fails is repeated until it is answered") {
  store.fences_fail = ec::database_unavailable;
  shard = start_product(1);
  auto r = create();
  CHECK(r->failed == ec::restarting);
  advance(2s);
  CHECK(create()->failed == ec::restarting); // at once: the database is known to be away
  CHECK(store.fences.size() >= 5);
  CHECK(store.fences.size() <= 12);
  CHECK(store.writes.empty());
  store.fences_fail.reset();
  advance(500ms);
  CHECK(create()->value);
}

TEST_CASE_METHOD(shard_fixture, "rule 2: a fence that is never answered is repeated") {
  store.hold_fences = true;
  shard = start_product(1);
  auto r = create();
  store.hold_fences = false;
  advance(14s);
  CHECK(r->open());
  advance(3s);
  CHECK(r->value);
  CHECK(store.fences.size() == 2);
}

TEST_CASE_METHOD(shard_fixture, "rule 2: a command that waited for the fence too long is dropped") {
  store.hold_fences = true;
  shard = start_product(1);
  auto c = by_admin();
  c.deadline = now() + 1'000;
  auto late = create(c);
  auto patient = create();
  advance(2s);
  store.answer_fences();
  CHECK(late->failed == ec::overloaded);
  CHECK(patient->value);
  CHECK(store.writes.size() == 1);
}

TEST_CASE_METHOD(shard_fixture, "what arrives after its deadline is dropped") {
  shard = start_product(1);
  auto c = by_admin();
  c.deadline = now() - 1;
  CHECK(create(c)->failed == ec::overloaded);
  CHECK(store.writes.empty());
}

TEST_CASE_METHOD(shard_fixture, "only so many commands wait for a fence") {
  auto c = config_of<shard_config>(1);
  c.max_waiting = 2;
  store.hold_fences = true;
  shard = start_product(c);
  auto a = create();
  auto b = create();
  CHECK(create()->failed == ec::restarting);
  store.answer_fences();
  CHECK((a->value && b->value));
}

TEST_CASE_METHOD(shard_fixture, "rules 2, 8, 9: a write carries incarnation, epoch and deadline") {
  shard = start_product(1);
  create();
  REQUIRE(store.writes.size() == 1);
  auto& w = store.writes[0];
  CHECK(w.by.domain == domain::domain_id::product);
  CHECK(w.by.shard == 1);
  CHECK(w.by.number == 1);
  CHECK(w.by.epoch == 7);
  CHECK(w.deadline == now() + 10'000);
}

TEST_CASE_METHOD(shard_fixture, "rule 1: after a failed write a shard begins a new incarnation") {
  shard = start_product(1);
  auto known = create()->got().value.product.id;
  get(known);
  CHECK(store.reads<load_product>() == 0);
  auto code = GENERATE(ec::write_failed, ec::outcome_unknown, ec::stale_incarnation, ec::not_owner);
  store.hold_writes = true;
  auto r = create();
  store.fail(1, code);
  store.hold_writes = false;
  CHECK(r->failed == code);
  CHECK(store.fences.size() == 2);
  CHECK(create()->value);
  CHECK(store.writes.back().by.number == 2);
  CHECK(get(known)->value);
  CHECK(store.reads<load_product>() == 1); // it has forgotten
}

TEST_CASE_METHOD(shard_fixture,
                 "rule 1: one that expired or was not taken is no reason to forget") {
  shard = start_product(1);
  auto known = create()->got().value.product.id;
  auto code = GENERATE(ec::write_expired, ec::overloaded);
  store.writes_fail = code;
  CHECK(create()->failed == code);
  store.writes_fail.reset();
  CHECK(store.fences.size() == 1);
  CHECK(create()->value);
  CHECK(store.writes.back().by.number == 1);
  get(known);
  CHECK(store.reads<load_product>() == 0);
}

TEST_CASE_METHOD(shard_fixture, "rule 1: a refusal is an answer, not a reason to begin anew") {
  shard = start_product(1);
  store.hold_writes = true;
  auto r = create();
  store.refuse(0, {refusal::external_id_taken, 0, {}, {}});
  CHECK(r->failed == ec::external_id_taken);
  CHECK(store.fences.size() == 1);
}

TEST_CASE_METHOD(shard_fixture,
                 "rule 1: a write that is never answered is unknown, after its time") {
  shard = start_product(1);
  store.hold_writes = true;
  auto r = create();
  advance(14'900ms);
  CHECK(r->open());
  advance(500ms);
  CHECK(r->failed == ec::outcome_unknown);
  CHECK(store.fences.size() == 2);
}

TEST_CASE_METHOD(shard_fixture,
                 "rule 2: what was sent after a failed write is refused, nothing of it "
                 "happens, and the shard begins anew only once") {
  shard = start_product(1);
  store.hold_writes = true;
  auto first = create();
  auto second = create();
  store.hold_fences = true;
  store.fail(0, ec::write_failed);
  store.fail(1, ec::stale_incarnation);
  auto third = create(); // waits for the new incarnation
  CHECK(first->failed == ec::write_failed);
  CHECK(second->failed == ec::stale_incarnation);
  CHECK(third->open());
  CHECK(store.fences.size() == 2);
  store.hold_writes = false;
  store.answer_fences();
  CHECK(third->value);
  CHECK(store.fences.size() == 2);
  CHECK(store.products.size() == 1);
}

TEST_CASE_METHOD(shard_fixture,
                 "rule 2: a late failure of the old incarnation leaves the new one alone") {
  shard = start_product(1);
  store.hold_writes = true;
  auto first = create();
  auto second = create();
  store.fail(0, ec::write_failed);
  store.fail(1, ec::stale_incarnation);
  store.hold_writes = false;
  CHECK(create()->value);
  CHECK(store.fences.size() == 2);
  CHECK(store.writes.back().by.number == 2);
}

TEST_CASE_METHOD(shard_fixture, "rule 13: ids lead back to their shard and are never used again") {
  store.block = 10;
  std::set<int64_t> ids;
  size_t made = 0;
  auto make = [&](int n) {
    for (int i = 0; i < n; ++i) {
      auto r = create();
      REQUIRE(r->value);
      ids.insert(r->got().value.product.id);
      ++made;
    }
  };
  shard = start_product(1);
  make(25); // more than two blocks
  store.writes_fail = ec::write_failed;
  CHECK(create()->failed == ec::write_failed);
  store.writes_fail.reset();
  make(15); // the next incarnation
  kill(shard);
  shard = start_product(1);
  make(15); // the next life
  CHECK(ids.size() == made);
  for (auto id : ids)
    CHECK(domain::shard_of(id, shards) == 1);
}

TEST_CASE_METHOD(shard_fixture,
                 "rule 13: ids of one block are used in order, before the next block") {
  store.block = 10;
  shard = start_product(1);
  int64_t last = 0;
  for (int i = 0; i < 30; ++i) {
    auto id = create()->got().value.product.id;
    CHECK(id == (last == 0 ? 5 : last + shards));
    last = id;
  }
}

TEST_CASE_METHOD(shard_fixture, "rule 13: another block is taken in time: nobody waits for it") {
  shard = start_product(1);
  store.hold_ids = true;
  for (int i = 0; i < 1024; ++i)
    REQUIRE(create()->value);
  CHECK(store.ids_taken.size() == 1);
  auto waiting = create();
  CHECK(waiting->open());
  store.answer_ids();
  CHECK(waiting->value);
}

TEST_CASE_METHOD(shard_fixture, "rule 13: without ids a command fails, and its key is free again") {
  store.block = 1;
  shard = start_product(1);
  store.ids_fail = ec::write_failed;
  CHECK(create()->value);
  auto r = create(by_admin("k"));
  CHECK(r->failed == ec::write_failed);
  store.ids_fail.reset();
  CHECK(create(by_admin("k"))->value);
}

TEST_CASE_METHOD(shard_fixture,
                 "rule 13: a shard that is given no ids because nobody knows it begins anew") {
  auto code = GENERATE(ec::stale_incarnation, ec::not_owner, ec::database_unavailable);
  const bool anew = code != ec::database_unavailable; // else what it knows is right
  store.block = 1;
  shard = start_product(1);
  store.ids_fail = code;
  CHECK(create()->value); // the one of the fence
  store.ids_fail.reset();
  CHECK(store.fences.size() == (anew ? 2 : 1));
  CHECK(create()->value);
  CHECK(store.writes.back().by.number == (anew ? 2 : 1));
}

TEST_CASE_METHOD(shop_fixture, "rule 2: what a shard sends before its new fence is nobody's") {
  store.add_product(4, 10);
  store.add_product(5, 10);
  for (uint32_t i = 0; i < shards; ++i)
    start_stock(i);
  auto shard = start_order(1);
  store.hold_writes = true;
  auto unanswered = ask<order_answer>(shard, order_of(by(1), {{4, 1}}));
  advance(14s);
  store.hold_reads = true;
  auto reserving = ask<order_answer>(shard, order_of(by(1), {{5, 1}}));
  store.hold_fences = true;
  advance(2s);
  REQUIRE(unanswered->failed == ec::outcome_unknown); // and the shard begins anew
  REQUIRE(store.writes.size() == 1);
  store.hold_writes = false;
  store.answer_reads();
  CHECK(reserving->failed == ec::stale_incarnation);
  REQUIRE(store.writes.size() == 2);
  CHECK(store.writes[1].by.number == 0);
  CHECK(store.orders.empty());
}

TEST_CASE_METHOD(shard_fixture, "rule 2: a read from before a new incarnation is not believed") {
  store.add_product(5, 1);
  shard = start_product(1);
  store.hold_reads = true;
  auto r = get(5);
  store.products[5].name = "renamed by the write that is unknown";
  store.writes_fail = ec::outcome_unknown;
  CHECK(create()->failed == ec::outcome_unknown);
  store.writes_fail.reset();
  store.hold_reads = false;
  store.answer_reads();
  REQUIRE(r->value);
  CHECK(r->got().product.name == "renamed by the write that is unknown");
  CHECK(store.reads<load_product>() == 2);
}

TEST_CASE_METHOD(shard_fixture, "rule 2: what a shard owns is read after its fence") {
  store.add_product(5, 1);
  store.hold_fences = true;
  shard = start_product(1);
  auto r = get(5);
  CHECK(r->open());
  CHECK(store.reads<load_product>() == 0);
  store.answer_fences();
  CHECK(r->value);
}

TEST_CASE_METHOD(shard_fixture,
                 "rule 10: who waits for a fence or an id is told when the shard dies") {
  store.hold_fences = true;
  shard = start_product(1);
  auto for_fence = create();
  kill(shard);
  CHECK(for_fence->failed == ec::restarting);
  store.hold_fences = false;
  store.block = 1;
  store.hold_ids = true;
  shard = start_product(1);
  create();
  auto for_id = create();
  CHECK(for_id->open());
  kill(shard);
  CHECK(for_id->failed == ec::restarting);
}

TEST_CASE_METHOD(shard_fixture, "rule 10: restarting before the write, outcome unknown after it") {
  shard = start_product(1);
  store.hold_writes = true;
  auto sent = create(by_admin("k"));
  auto behind = create(by_admin("k"));
  crash_next = true;
  auto throws = create();
  CHECK(sent->failed == ec::outcome_unknown);
  CHECK(behind->failed == ec::outcome_unknown);
  CHECK(throws->answers == 1);
}
