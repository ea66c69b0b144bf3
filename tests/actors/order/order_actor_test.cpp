// Drives how an order shard places orders, message by message on the deterministic scheduler,
// against a scripted store and scripted stock shards.
#include "tests/actors/support/shop_fixture.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

/// Order shard 3.
struct order_fixture : shop_fixture {
  order_fixture() {
    script_stock();
    for (int64_t id = 4; id <= 8; ++id)
      store.add_product(id, 100);
  }

  reply<order_answer> place(call c, std::initializer_list<wanted_line> lines = {{4, 2}}) {
    return ask<order_answer>(shard, order_of(std::move(c), lines));
  }

  order_actor shard = start_order(3);
};

} // namespace

TEST_CASE_METHOD(order_fixture, "an order is placed durably: the answer follows the commit") {
  store.hold_writes = true;
  auto cmd = order_of(by(1), {{4, 2}, {5, 1}});
  cmd.payment = domain::payment_method::prepaid;
  cmd.note = "ring twice";
  cmd.shipping_address = domain::address{"Street 1", "Town", "", "12345", "NL"};
  auto r = ask<order_answer>(shard, cmd);
  CHECK(r->open());
  CHECK(store.writes.size() == 1);
  store.commit(0);
  REQUIRE(r->value);
  CHECK_FALSE(r->got().replayed);
  auto& o = r->got().value;
  CHECK(o == store.orders[o.id]);
  CHECK(domain::shard_of(o.id, shards) == 3);
  CHECK(o.user_id == user(1));
  CHECK(o.status == domain::order_status::pending);
  CHECK(o.payment == domain::payment_method::prepaid);
  CHECK(o.currency == "USD");
  CHECK(o.note == "ring twice");
  CHECK(o.shipping_address == cmd.shipping_address);
  CHECK(o.total_quantity == 3);
  CHECK(o.total_amount == 300);
  REQUIRE(o.lines.size() == 2);
  CHECK(o.lines[0] == domain::order_line{o.id * 128, 4, "product 4", 100, 2});
  CHECK(o.lines[1] == domain::order_line{o.id * 128 + 1, 5, "product 5", 100, 1});
}

TEST_CASE_METHOD(order_fixture, "order, stock, event and kept answer are one write") {
  auto r = place(by(1, "k"), {{4, 2}, {5, 1}});
  REQUIRE(store.writes.size() == 1);
  auto& w = store.writes[0];
  auto id = r->got().value.id;
  CHECK(w.order->row == r->got().value);
  CHECK(w.order->expected_version == 0);
  REQUIRE(w.stock.size() == 2);
  CHECK(w.stock[0].product_id == 4);
  CHECK(w.stock[0].amount == -2);
  CHECK(w.stock[0].kind == stock_change_kind::add);
  CHECK(w.stock[0].reservation_id == id);
  CHECK(w.stock[0].order_id == id);
  REQUIRE(w.events.size() == 1);
  CHECK(w.events[0].kind == "order_placed");
  CHECK(w.events[0].subject == "order:" + std::to_string(id));
  REQUIRE(w.keep);
  CHECK(w.keep->id == "k");
  CHECK(w.keep->fingerprint == "body");
}

TEST_CASE_METHOD(order_fixture, "rule 9: stock shards are asked one after the other, ascending") {
  stock.hold = true;
  place(by(1), {{7, 1}, {4, 1}, {6, 1}, {8, 2}});
  REQUIRE(stock.reserved.size() == 1); // shard 0 first, and no other before its answer
  REQUIRE(stock.reserved[0].lines.size() == 2);
  CHECK(stock.reserved[0].lines[0].product_id == 4);
  CHECK(stock.reserved[0].lines[1].product_id == 8);
  stock.hold = false;
  stock.reserved.clear();
  auto r = place(by(2), {{7, 1}, {4, 1}, {6, 1}, {8, 2}});
  REQUIRE(stock.reserved.size() == 3);
  CHECK(stock.reserved[1].lines[0].product_id == 6);
  CHECK(stock.reserved[2].lines[0].product_id == 7);
  CHECK(stock.reserved[0].reservation_id == stock.reserved[2].reservation_id);
  CHECK(r->got().value.lines[0].product_id == 7); // as they were asked for
}

TEST_CASE_METHOD(order_fixture,
                 "what the stock refuses is refused with its reason, holds released") {
  stock.refuse_with = caf::make_error(ec::out_of_stock, std::vector<shortage>{shortage{4, 2, 1}});
  auto r = place(by(1), {{4, 2}, {5, 1}});
  CHECK(r->failed == ec::out_of_stock);
  // Every stock shard was asked, so that all that is missing is told at once.
  CHECK(context_of<std::vector<shortage>>(r->why).size() == 2);
  CHECK(store.writes.empty());
  REQUIRE(stock.reserved.size() == 2);
  auto id = stock.reserved[0].reservation_id;
  CHECK(stock.released == std::vector<int64_t>{id, id});
}

TEST_CASE_METHOD(order_fixture,
                 "a stock shard that falls silent: nothing happened, holds released") {
  stock.hold = true;
  auto r = place(by(1));
  advance(11s);
  CHECK(r->open());
  advance(2s);
  CHECK(r->failed == ec::overloaded);
  CHECK(stock.released.size() == 1);
}

TEST_CASE_METHOD(order_fixture,
                 "the stock may keep an order waiting no longer than its caller waits") {
  auto c = by(1);
  c.deadline = now() + 3'000;
  place(c);
  CHECK(stock.reserved.at(0).deadline == now() + 3'000);
  place(by(1));
  CHECK(stock.reserved.at(1).deadline == now() + 10'000);
}

TEST_CASE_METHOD(order_fixture, "a total beyond 2^53 - 1 is refused, and holds are released") {
  auto r = place(by(1), {{4, int64_t{1} << 50}});
  CHECK(r->failed == ec::amount_too_large);
  r = place(by(1), {{4, 60'000'000'000'000}, {8, 60'000'000'000'000}});
  CHECK(r->failed == ec::amount_too_large);
  CHECK(store.writes.empty());
  CHECK(stock.released.size() == 2);
}

TEST_CASE_METHOD(order_fixture,
                 "rule 7: when the database refuses what memory promised, it decides") {
  store.hold_writes = true;
  auto r = place(by(1), {{4, 2}, {5, 1}});
  store.refuse(0, {refusal::out_of_stock, 4, {{4, 1, 9, 0}}, {}});
  CHECK(r->failed == ec::out_of_stock);
  auto missing = context_of<std::vector<shortage>>(r->why);
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].product_id == 4);
  CHECK(missing[0].requested == 2);
  CHECK(missing[0].available == 1);
  CHECK(stock.released.size() == 2);
  CHECK(store.fences.size() == 1);
}

TEST_CASE_METHOD(order_fixture, "a product that vanished before the commit is named as not found") {
  store.hold_writes = true;
  auto r = place(by(1));
  store.refuse(0, {refusal::not_found, 4, {}, {}});
  CHECK(r->failed == ec::product_not_found);
  CHECK(stock.released.size() == 1);
}

TEST_CASE_METHOD(order_fixture, "rule 9: after a failed write the holds are released") {
  auto code = GENERATE(ec::write_failed, ec::write_expired, ec::stale_incarnation, ec::overloaded);
  store.hold_writes = true;
  auto r = place(by(1));
  store.fail(0, code);
  CHECK(r->failed == code);
  CHECK(stock.released.size() == 1);
}

TEST_CASE_METHOD(order_fixture, "rule 9: after an unknown outcome the holds stay") {
  store.hold_writes = true;
  auto r = place(by(1));
  store.fail(0, ec::outcome_unknown);
  CHECK(r->failed == ec::outcome_unknown);
  CHECK(stock.released.empty());
}

TEST_CASE_METHOD(order_fixture, "an order is read once, by its owner or an administrator") {
  auto id = place(by(1))->got().value.id;
  auto get = [&](call c, int64_t which) { return ask<domain::order>(shard, get_order{c, which}); };
  CHECK(get(by(1), id)->value);
  CHECK(store.reads<load_order>() == 0);
  kill(shard);
  shard = start_order(3);
  CHECK(get(by(2), id)->failed == ec::not_found);
  CHECK(get(by_admin(), id)->value);
  CHECK(get(by(1), id)->value);
  CHECK(store.reads<load_order>() == 1);
  CHECK(get(by(1), id + 4)->failed == ec::not_found);
}

TEST_CASE_METHOD(order_fixture, "a page of orders is for its owner and administrators") {
  place(by(1));
  list_orders cmd;
  cmd.call = by(1);
  cmd.user_id = user(1);
  CHECK(ask<order_page>(shard, cmd)->got().items.size() == 1);
  cmd.call = by(2);
  CHECK(ask<order_page>(shard, cmd)->failed == ec::not_found);
  cmd.call = by_admin();
  CHECK(ask<order_page>(shard, cmd)->got().items.size() == 1);
}

// -- limits

TEST_CASE_METHOD(order_fixture,
                 "a user places so many orders in a window, counted from the database") {
  auto c = config_of<order_config>(3);
  c.limit = {2, 60'000};
  CHECK(place(by(1))->value); // before the limit was set
  advance(10s);
  kill(shard);
  shard = start_order(c);
  CHECK(place(by(1))->value);
  auto refused = place(by(1));
  CHECK(refused->failed == ec::order_limit_reached);
  CHECK(context_of<int64_t>(refused->why) == 50);
  CHECK(place(by(2))->value);
  CHECK(store.reads<load_order_times>() == 2);
  advance(50s);
  CHECK(place(by(1))->value);
  CHECK(place(by(1))->failed == ec::order_limit_reached);
}

TEST_CASE_METHOD(order_fixture,
                 "an order on its way counts, and gives its place back if it fails") {
  auto c = config_of<order_config>(3);
  c.limit = {1, 60'000};
  kill(shard);
  shard = start_order(c);
  store.hold_writes = true;
  auto first = place(by(1));
  CHECK(place(by(1))->failed == ec::order_limit_reached);
  store.refuse(0, {refusal::out_of_stock, 4, {}, {}});
  auto second = place(by(1));
  CHECK(second->open());
  store.commit(1);
  CHECK(second->value);
  CHECK(place(by(1))->failed == ec::order_limit_reached);
}

TEST_CASE_METHOD(order_fixture, "an order that the stock refused gives its place back") {
  auto c = config_of<order_config>(3);
  c.limit = {1, 60'000};
  kill(shard);
  shard = start_order(c);
  stock.refuse_with = caf::make_error(ec::out_of_stock);
  CHECK(place(by(1))->failed == ec::out_of_stock);
  stock.refuse_with = {};
  CHECK(place(by(1))->value);
}

TEST_CASE_METHOD(order_fixture, "rule 1: after an unknown outcome the limit is counted anew") {
  auto c = config_of<order_config>(3);
  c.limit = {1, 60'000};
  kill(shard);
  shard = start_order(c);
  store.hold_writes = true;
  auto first = place(by(1));
  store.commit_in_silence(0);
  store.fail(0, ec::outcome_unknown);
  store.hold_writes = false;
  CHECK(place(by(1))->failed == ec::order_limit_reached);
  CHECK(store.reads<load_order_times>() == 2);
}

TEST_CASE_METHOD(order_fixture, "when the count cannot be read, nothing happened") {
  auto c = config_of<order_config>(3);
  c.limit = {1, 60'000};
  kill(shard);
  shard = start_order(c);
  store.reads_fail = ec::database_unavailable;
  auto r = place(by(1, "k"));
  CHECK((r->failed == ec::overloaded || r->failed == ec::database_unavailable));
  store.reads_fail.reset();
  CHECK(place(by(1, "k"))->value);
}
