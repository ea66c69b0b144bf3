// Drives carts and their checkout, message by message on the deterministic scheduler, against a
// scripted store and stock.
#include "actors/domain/money.hpp"
#include "tests/actors/support/shop_fixture.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

/// Order shard 1, which owns user 1.
struct cart_fixture : shop_fixture {
  cart_fixture() {
    script_stock();
    store.add_product(4, 10);
    store.add_product(5, 10);
  }

  reply<cart_answer> change(cart_change kind, int64_t product, int64_t quantity, call c = by(1)) {
    return ask<cart_answer>(shard, change_cart{std::move(c), kind, product, quantity});
  }
  reply<cart_answer> add(int64_t product, int64_t quantity, call c = by(1)) {
    return change(cart_change::add, product, quantity, std::move(c));
  }
  cart_view shown() { return ask<cart_view>(shard, get_cart{by(1)})->got(); }
  reply<order_answer> check_out(call c = by(1)) {
    actors::check_out cmd;
    cmd.call = std::move(c);
    return ask<order_answer>(shard, cmd);
  }
  void restart() {
    kill(shard);
    shard = start_order(1);
  }

  order_actor shard = start_order(1);
};

} // namespace

TEST_CASE_METHOD(cart_fixture, "a cart is empty, adds up, and is kept") {
  CHECK(shown().items.empty());
  add(4, 2);
  auto view = add(4, 3)->got().value;
  REQUIRE(view.items.size() == 1);
  CHECK(view.items[0].quantity == 5);
  CHECK(view.items[0].name == "product 4");
  CHECK(view.items[0].price == 100);
  restart();
  add(5, 1);
  REQUIRE(shown().items.size() == 2);
  CHECK(store.carts.at(user(1)).version == 3);
}

TEST_CASE_METHOD(cart_fixture, "lines are set, removed and cleared") {
  add(4, 2);
  add(5, 2);
  CHECK(change(cart_change::set, 4, 7)->got().value.items.at(0).quantity == 7);
  CHECK(change(cart_change::set, 6, 1)->failed == ec::not_found);
  CHECK(change(cart_change::remove, 6, 0)->failed == ec::not_found);
  CHECK(change(cart_change::set, 4, 0)->got().value.items.size() == 1);
  CHECK(change(cart_change::clear, 0, 0)->got().value.items.empty());
  CHECK(shown().items.empty());
}

TEST_CASE_METHOD(
  cart_fixture, "a product that does not exist is refused, of one that is gone none is available") {
  stock.gone = {6};
  auto r = add(6, 1);
  CHECK(r->failed == ec::product_not_found);
  CHECK(context_of<unknown_products>(r->why).ids == std::vector<int64_t>{6});
  CHECK(store.writes.empty());
  add(4, 1);
  add(5, 1);
  stock.gone = {4};
  REQUIRE(shown().items.size() == 2);
  CHECK(shown().items[0].available == 0);
  CHECK(shown().items[1].available > 0);
  CHECK(change(cart_change::set, 4, 2)->failed == ec::product_not_found);
  CHECK(change(cart_change::set, 5, 2)->got().value.items.size() == 2); // it stays, and is seen
  CHECK(change(cart_change::remove, 4, 0)->got().value.items.size() == 1);
}

TEST_CASE_METHOD(cart_fixture, "a cart never comes to more than can be said exactly") {
  stock.price = domain::max_money / 2;
  CHECK(add(4, 2)->value);
  CHECK(add(4, 1)->failed == ec::amount_too_large);
  CHECK(add(5, 1)->failed == ec::amount_too_large);
  CHECK(shown().items.size() == 1);
  CHECK(store.writes.size() == 1);
  stock.price = domain::max_money; // and may come to more by itself
  CHECK(change(cart_change::set, 4, 3)->failed == ec::amount_too_large);
  CHECK(change(cart_change::set, 4, 1)->value); // but less is always possible
  CHECK(change(cart_change::set, 4, 0)->got().value.items.empty());
}

TEST_CASE_METHOD(cart_fixture, "a cart holds as many products as an order") {
  for (int64_t id = 1; id <= 100; ++id)
    REQUIRE(add(id, 1)->value);
  CHECK(add(101, 1)->failed == ec::cart_full);
  CHECK(add(100, 1)->value);
  CHECK(add(100, 1'000'000)->failed == ec::invalid_value);
}

TEST_CASE_METHOD(cart_fixture, "a change of a cart is done once for a key") {
  CHECK_FALSE(add(4, 2, by(1, "k"))->got().replayed);
  CHECK(add(4, 2, by(1, "k"))->got().replayed);
  restart();
  auto again = add(4, 2, by(1, "k"))->got();
  CHECK(again.replayed);
  CHECK(again.value.items.at(0).quantity == 2);
  CHECK(add(4, 2, by(1, "k", "another body"))->failed == ec::idempotency_key_reused);
}

TEST_CASE_METHOD(cart_fixture, "a checkout places the order and empties the cart in one write") {
  add(5, 1);
  add(4, 2);
  store.writes.clear();
  auto o = check_out()->got().value;
  REQUIRE(o.lines.size() == 2);
  CHECK(o.lines[0].product_id == 5);
  CHECK(o.total_amount == 300);
  REQUIRE(store.writes.size() == 1);
  REQUIRE(store.writes[0].cart);
  CHECK(store.writes[0].cart->row.lines.empty());
  CHECK(shown().items.empty());
  CHECK(check_out()->failed == ec::cart_empty);
  add(4, 1); // the cart goes on from the right version
  CHECK(shown().items.size() == 1);
}

TEST_CASE_METHOD(cart_fixture,
                 "a checkout is done once for a key, also when the cart is empty since") {
  add(4, 2);
  auto first = check_out(by(1, "k"))->got();
  auto again = check_out(by(1, "k"))->got();
  CHECK(again.replayed);
  CHECK(again.value.id == first.value.id);
  restart();
  CHECK(check_out(by(1, "k"))->got().value.id == first.value.id);
  CHECK(store.orders.size() == 1);
}

TEST_CASE_METHOD(cart_fixture, "another price than the one seen is told, once") {
  add(4, 2);
  stock.price = 120;
  auto r = check_out();
  CHECK(r->failed == ec::price_changed);
  auto changed = context_of<std::vector<changed_price>>(r->why);
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].old_price == 100);
  CHECK(changed[0].new_price == 120);
  CHECK(store.orders.empty());
  CHECK(stock.released.size() == 1);
  CHECK(check_out()->got().value.total_amount == 240);
}

TEST_CASE_METHOD(cart_fixture, "a cart that was looked at is ordered at the price that it showed") {
  add(4, 2);
  stock.price = 120;
  CHECK(shown().items.at(0).price == 120);
  CHECK(check_out()->got().value.total_amount == 240);
}

TEST_CASE_METHOD(cart_fixture, "a checkout that fails leaves the cart as it was") {
  add(4, 2);
  stock.refuse_with = caf::make_error(ec::out_of_stock, std::vector<shortage>{{4, 2, 1}});
  CHECK(check_out()->failed == ec::out_of_stock);
  CHECK(shown().items.size() == 1);
  stock.refuse_with = {};
  store.writes_fail = ec::write_failed;
  CHECK(check_out()->failed == ec::write_failed);
  store.writes_fail.reset();
  advance(1s);
  CHECK(shown().items.size() == 1);
  CHECK(check_out()->value);
}

TEST_CASE_METHOD(cart_fixture, "changes of one cart wait for each other") {
  store.hold_writes = true;
  auto a = add(4, 2);
  auto b = add(4, 3);
  auto c = check_out();
  CHECK(store.writes.size() == 1);
  store.commit(0);
  REQUIRE(a->value);
  store.commit(1);
  REQUIRE(b->value);
  CHECK(b->value->value.items.at(0).quantity == 5);
  store.commit(2);
  REQUIRE(c->value);
  CHECK(c->value->value.total_quantity == 5);
}
