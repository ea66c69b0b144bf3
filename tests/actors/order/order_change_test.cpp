// Drives what may happen to an order after it was placed, message by message on the deterministic
// scheduler, against a scripted store: quantities, payments, history, watching.
#include "tests/actors/support/shop_fixture.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

using status = domain::order_status;

/// Order shard 3 with an order of user 1: 2 of product 4, 3 of product 5, at a price of 100.
struct change_fixture : shop_fixture {
  change_fixture() {
    script_stock();
    store.add_product(4, 10);
    store.add_product(5, 10);
    domain::order o;
    o.id = id;
    o.user_id = user(1);
    o.lines = {{id * 128, 4, "product 4", 100, 2}, {id * 128 + 1, 5, "product 5", 100, 3}};
    o.total_quantity = 5;
    o.total_amount = 500;
    o.created_at = now();
    store.orders[id] = o;
  }

  domain::order& row() { return store.orders.at(id); }
  reply<order_answer> set(int64_t line, int64_t quantity, call c = by(1)) {
    return ask<order_answer>(shard,
                             change_order_item{std::move(c), id, id * 128 + line, quantity, {}});
  }
  reply<order_answer> pay(const std::string& reference, int64_t amount, call c = by_admin()) {
    return ask<order_answer>(shard, pay_order{std::move(c), id, reference, amount, false, {}});
  }
  reply<order_news> watch(int64_t after) {
    return ask<order_news>(shard, watch_order{by(1), id, after});
  }

  static constexpr int64_t id = 403;
  order_actor shard = start_order(3);
};

} // namespace

TEST_CASE_METHOD(change_fixture, "more of a line is held, then taken; less is given back") {
  auto more = set(0, 5)->got().value;
  CHECK(more.lines[0].quantity == 5);
  CHECK(more.total_quantity == 8);
  CHECK(more.total_amount == 800);
  CHECK(more.version == 2);
  REQUIRE(stock.reserved.size() == 1);
  CHECK(stock.reserved[0].lines[0].quantity == 3);
  CHECK(store.writes[0].stock.at(0).amount == -3);
  CHECK(store.writes[0].stock.at(0).reservation_id == stock.reserved[0].reservation_id);
  CHECK(store.counts.at(4).on_hand == 7);

  auto less = set(0, 1)->got().value;
  CHECK(less.total_quantity == 4);
  CHECK(stock.reserved.size() == 1);
  CHECK(store.counts.at(4).on_hand == 11);
  CHECK(row().changes.size() == 2);
  CHECK(domain::event_name(row().changes[1]) == "order_items_changed");
}

TEST_CASE_METHOD(change_fixture, "0 removes a line, and the last line's removal cancels") {
  auto left = set(0, 0)->got().value;
  REQUIRE(left.lines.size() == 1);
  CHECK(left.status == status::pending);
  CHECK(store.counts.at(4).on_hand == 12);
  auto none = set(1, 0)->got().value;
  CHECK(none.status == status::cancelled);
  CHECK(none.lines.size() == 1); // as it was, for the record
  CHECK(store.counts.at(5).on_hand == 13);
  CHECK(set(1, 2)->failed == ec::invalid_transition);
  CHECK(store.counts.at(5).on_hand == 13);
}

TEST_CASE_METHOD(change_fixture, "stock that is not there leaves the order as it was") {
  stock.refuse_with = caf::make_error(ec::out_of_stock, std::vector<shortage>{{4, 8, 1}});
  auto r = set(0, 10);
  CHECK(r->failed == ec::out_of_stock);
  CHECK(context_of<std::vector<shortage>>(r->why).size() == 1);
  CHECK(store.writes.empty());
  CHECK(row().version == 1);
  stock.refuse_with = {};
  CHECK(set(0, 3)->value); // nothing is left busy
}

TEST_CASE_METHOD(change_fixture, "a hold ends when the write fails") {
  store.hold_writes = true;
  auto r = set(0, 5);
  store.fail(0, ec::write_failed);
  CHECK(r->failed == ec::write_failed);
  CHECK(stock.released.size() == 1);
}

TEST_CASE_METHOD(change_fixture, "rule 9: holds of different shards are told apart") {
  // The first increase of a line in each shard since its start: same incarnation, same count.
  std::set<int64_t> used;
  for (uint32_t i = 0; i < shards; ++i) {
    auto o = row();
    o.id = 400 + i;
    store.orders[o.id] = o;
    auto other = i == 3 ? shard : start_order(i);
    CHECK(ask<order_answer>(other, change_order_item{by(1), o.id, id * 128, 3, {}})->value);
    used.insert(stock.reserved.back().reservation_id);
    CHECK(stock.reserved.back().reservation_id < 0);
  }
  CHECK(used.size() == shards);
}

TEST_CASE_METHOD(change_fixture, "lines are changed by the owner, while the order is open") {
  row().status = GENERATE(status::paid, status::shipped, status::delivered, status::cancelled);
  CHECK(set(0, 5)->failed == ec::invalid_transition);
  CHECK(set(0, 5, by(2))->failed == ec::not_found);
  CHECK(set(0, 5, by_admin())->failed == ec::forbidden);
  CHECK(set(7, 5)->failed == ec::not_found);
  CHECK(store.writes.empty());
}

TEST_CASE_METHOD(change_fixture, "a payment counts once a reference") {
  row().payment = domain::payment_method::prepaid;
  CHECK(pay("a", 499)->failed == ec::wrong_amount);
  CHECK(store.writes.empty());
  auto paid = pay("a", 500)->got().value;
  CHECK(paid.status == status::paid);
  CHECK(paid.version == 3); // it was confirmed on the way
  REQUIRE(paid.changes.size() == 2);
  CHECK(paid.changes[0].by == domain::changed_by::system);
  CHECK(paid.changes[1].by == domain::changed_by::admin);
  CHECK(pay("a", 500)->got().value.version == 3);
  CHECK(pay("a", 501)->failed == ec::wrong_amount);
  CHECK(pay("b", 500)->failed == ec::invalid_transition);
  CHECK(store.writes.size() == 1);
  store.payments["c"] = {"c", 999, 500, 0};
  CHECK(pay("c", 500)->failed == ec::reference_taken);
}

TEST_CASE_METHOD(change_fixture, "a payment may name the version that it is for") {
  row().payment = domain::payment_method::prepaid;
  auto at = [this](int64_t version) {
    return ask<order_answer>(shard, pay_order{by_admin(), id, "a", 500, false, version});
  };
  CHECK(at(2)->failed == ec::stale_version);
  CHECK(store.writes.empty());
  CHECK(at(1)->got().value.status == status::paid);
  CHECK(at(1)->got().value.status == status::paid); // the same again is no mistake
}

TEST_CASE_METHOD(change_fixture, "a reference of another order is refused by the row") {
  row().payment = domain::payment_method::prepaid;
  store.payments["a"] = {"a", 999, 500, 0};
  CHECK(pay("a", 500)->failed == ec::reference_taken);
  CHECK(row().status == status::pending);
}

TEST_CASE_METHOD(change_fixture, "only a prepaid order is paid, and only an open one") {
  CHECK(pay("a", 500)->failed == ec::invalid_transition);
  row().payment = domain::payment_method::prepaid;
  CHECK(pay("a", 500, by(2))->failed == ec::not_found);
}

TEST_CASE_METHOD(change_fixture, "the background confirms once and expires what is not paid") {
  CHECK(*ask<bool>(shard, confirm_order{id})->value);
  CHECK(row().status == status::confirmed);
  CHECK_FALSE(*ask<bool>(shard, confirm_order{id})->value);
  CHECK(row().version == 2);
  CHECK_FALSE(*ask<bool>(shard, expire_order{id, now() + 1})->value); // cash on delivery
  CHECK(ask<bool>(shard, confirm_order{id + 4})->answers == 1);
}

TEST_CASE_METHOD(change_fixture, "an order expires when its time is over, not before") {
  row().payment = domain::payment_method::prepaid;
  CHECK_FALSE(*ask<bool>(shard, expire_order{id, row().created_at})->value);
  CHECK(*ask<bool>(shard, expire_order{id, row().created_at + 1})->value);
  CHECK(row().status == status::cancelled);
  CHECK(store.counts.at(4).on_hand == 12);
  CHECK_FALSE(*ask<bool>(shard, expire_order{id, row().created_at + 1})->value);
  CHECK(store.counts.at(4).on_hand == 12);
}

TEST_CASE_METHOD(change_fixture, "who watches hears what happened, at once or when it does") {
  auto all = watch(0);
  REQUIRE(all->value);
  REQUIRE(all->value->entries.size() == 1);
  CHECK(domain::event_name(all->value->entries[0]) == "order_placed");
  auto next = watch(1);
  CHECK(next->open());
  ask<bool>(shard, confirm_order{id});
  REQUIRE(next->value);
  REQUIRE(next->value->entries.size() == 1);
  CHECK(domain::event_name(next->value->entries[0]) == "order_confirmed");
  CHECK(ask<order_news>(shard, watch_order{by(2), id, 0})->failed == ec::not_found);
}

TEST_CASE_METHOD(change_fixture,
                 "who watches in vain hears that after a while, and forgets nothing") {
  auto r = watch(1);
  advance(400ms);
  CHECK(r->open());
  advance(700ms);
  REQUIRE(r->value);
  CHECK(r->value->entries.empty());
}

TEST_CASE_METHOD(change_fixture, "a cancelled order is watched to its end only") {
  row().status = status::cancelled;
  auto r = watch(1);
  REQUIRE(r->value);
  CHECK(r->value->status == status::cancelled);
}
