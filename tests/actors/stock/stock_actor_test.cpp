// Drives a stock shard's reservations message by message on the deterministic scheduler,
// against a scripted store: who gets what, who waits, and who is refused.
#include "tests/actors/support/shop_fixture.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

/// Shard 0, which owns the products 4, 8 and 12.
struct stock_fixture : shop_fixture {
  stock_actor start(int64_t on_hand_of_4 = 5, int64_t on_hand_of_8 = 5) {
    store.add_product(4, on_hand_of_4, 250);
    store.add_product(8, on_hand_of_8);
    return shard = start_stock(0);
  }

  reply<stock_reserved> reserve(int64_t reservation, std::initializer_list<wanted_line> lines,
                                milliseconds patience = 10s) {
    return ask<stock_reserved>(shard, want(reservation, lines, patience));
  }
  stock_view level(int64_t product) {
    auto r = ask<stock_view>(shard, get_stock{{}, product});
    REQUIRE(r->value);
    return r->got();
  }
  void release(int64_t reservation) { tell(shard, release_stock{reservation}); }

  /// What persistence says after a commit that sold `quantity` of a product.
  void sell(int64_t reservation, int64_t product, int64_t quantity) {
    auto& l = store.counts.at(product);
    l.on_hand -= quantity;
    ++l.version;
    tell(shard, settle_stock{{{l, {reservation}}}});
  }

  stock_actor shard;
};

std::vector<shortage> missing(const reply<stock_reserved>& r) {
  return context_of<std::vector<shortage>>(r->why);
}

} // namespace

TEST_CASE_METHOD(stock_fixture,
                 "a reservation names products and prices in the order of its lines") {
  start();
  auto r = reserve(1, {{8, 1}, {4, 2}});
  REQUIRE(r->value);
  REQUIRE(r->got().lines.size() == 2);
  CHECK(r->got().lines[0].product_id == 8);
  CHECK(r->got().lines[1].product_name == "product 4");
  CHECK(r->got().lines[1].product_price == 250);
  CHECK(level(4).reserved == 2);
  CHECK(level(4).level.on_hand == 5);
}

TEST_CASE_METHOD(stock_fixture, "products are read once, for all who wait for them") {
  store.hold_reads = true;
  start();
  auto a = reserve(1, {{4, 1}});
  auto b = reserve(2, {{4, 1}, {8, 1}});
  auto c = reserve(3, {{8, 1}});
  CHECK(store.reads<load_stock>() == 2);
  CHECK((a->open() && b->open() && c->open()));
  store.answer_reads();
  CHECK((a->value && b->value && c->value));
  store.hold_reads = false;
  reserve(4, {{4, 1}});
  CHECK(store.reads<load_stock>() == 2);
}

TEST_CASE_METHOD(stock_fixture, "a product that does not exist is named") {
  start();
  auto r = reserve(1, {{4, 1}, {12, 2}});
  CHECK(r->failed == ec::product_not_found);
  CHECK(context_of<unknown_products>(r->why).ids == std::vector<int64_t>{12});
  CHECK(level(4).reserved == 0);
  store.add_product(12, 9);
  CHECK(reserve(2, {{12, 2}})->value);
}

TEST_CASE_METHOD(stock_fixture, "a deleted product is not sold any more") {
  start();
  store.products[4].deleted = true;
  CHECK(reserve(1, {{4, 1}})->failed == ec::product_not_found);
  CHECK(reserve(2, {{8, 1}})->value);
  auto p = store.products[8];
  p.deleted = true;
  p.version = 2;
  tell(shard, relabel_product{p});
  CHECK(reserve(3, {{8, 1}})->failed == ec::product_not_found);
}

TEST_CASE_METHOD(stock_fixture, "a read that fails is told to all who waited, as retryable") {
  start();
  store.reads_fail = ec::database_unavailable;
  CHECK(reserve(1, {{4, 1}, {8, 1}})->failed == ec::database_unavailable);
  store.reads_fail.reset();
  CHECK(reserve(2, {{4, 1}, {8, 1}})->value);
}

TEST_CASE_METHOD(stock_fixture,
                 "a read that is never answered fails in time, as nothing happened") {
  start();
  store.hold_reads = true;
  auto r = reserve(1, {{4, 1}});
  advance(4'900ms);
  CHECK(r->open());
  advance(200ms);
  CHECK(r->failed == ec::overloaded);
}

TEST_CASE_METHOD(stock_fixture, "P7: out of stock is decided from committed counts only") {
  start(3);
  CHECK(reserve(1, {{4, 2}})->value);
  auto too_many = reserve(2, {{4, 4}});
  CHECK(too_many->failed == ec::out_of_stock);
  REQUIRE(missing(too_many).size() == 1);
  CHECK(missing(too_many)[0].requested == 4);
  CHECK(missing(too_many)[0].available == 1);
  auto held = reserve(3, {{4, 3}});
  CHECK(held->open());
  sell(1, 4, 2);
  CHECK(held->failed == ec::out_of_stock);
  CHECK(missing(held)[0].available == 1);
}

TEST_CASE_METHOD(stock_fixture, "P7: all shortages of an order are named at once") {
  start(1, 2);
  auto r = reserve(1, {{4, 2}, {8, 3}});
  CHECK(r->failed == ec::out_of_stock);
  REQUIRE(missing(r).size() == 2);
  CHECK(missing(r)[0].product_id == 4);
  CHECK(missing(r)[1].product_id == 8);
  CHECK(missing(r)[1].available == 2);
}

TEST_CASE_METHOD(stock_fixture, "rule 9: who wants what others hold waits until it is released") {
  start(3);
  reserve(1, {{4, 2}});
  auto waiter = reserve(2, {{4, 2}});
  CHECK(waiter->open());
  release(1);
  CHECK(waiter->value);
  CHECK(level(4).reserved == 2);
}

TEST_CASE_METHOD(stock_fixture, "rule 9: a settled sale leaves the rest to those who wait") {
  start(3);
  reserve(1, {{4, 2}});
  auto two = reserve(2, {{4, 2}});
  auto one = reserve(3, {{4, 1}});
  CHECK((two->open() && one->open()));
  sell(1, 4, 2);
  CHECK(two->failed == ec::out_of_stock);
  CHECK(one->value);
  CHECK(level(4).level.on_hand == 1);
  CHECK(level(4).reserved == 1);
}

TEST_CASE_METHOD(stock_fixture, "rule 9: first in, first out: nobody overtakes") {
  start(5);
  reserve(1, {{4, 4}});
  auto big = reserve(2, {{4, 3}});
  auto small = reserve(3, {{4, 1}}); // one is available, but others came first
  CHECK((big->open() && small->open()));
  CHECK(reserve(4, {{8, 1}})->value); // nobody waits for this one
  release(1);
  CHECK((big->value && small->value));
}

TEST_CASE_METHOD(stock_fixture, "rule 9: an order of two products holds both or none") {
  start(2, 2);
  reserve(1, {{4, 2}});
  auto both = reserve(2, {{4, 1}, {8, 2}});
  CHECK(both->open());
  CHECK(level(8).reserved == 0);
  auto behind = reserve(3, {{8, 1}}); // came later than one who wants this too
  CHECK(behind->open());
  release(1);
  CHECK(both->value);
  CHECK(level(8).reserved == 2);
  CHECK(behind->open());
  release(2);
  CHECK(behind->value);
}

TEST_CASE_METHOD(stock_fixture,
                 "rule 9: who waits is refused at the deadline, and lets others by") {
  start(3);
  reserve(1, {{4, 2}});
  auto impatient = reserve(2, {{4, 3}}, 2s);
  auto patient = reserve(3, {{4, 1}});
  advance(1'900ms);
  CHECK((impatient->open() && patient->open()));
  advance(1'200ms);
  CHECK(impatient->failed == ec::overloaded);
  CHECK(patient->value);
}

TEST_CASE_METHOD(stock_fixture, "rule 9: who gives up while waiting leaves the line") {
  start(3);
  reserve(1, {{4, 3}});
  auto second = reserve(2, {{4, 3}});
  auto third = reserve(3, {{4, 3}});
  release(2);
  CHECK(second->failed == ec::overloaded);
  CHECK(third->open());
  release(1);
  CHECK(third->value);
}

TEST_CASE_METHOD(stock_fixture, "rule 9: the line is bounded") {
  auto c = config_of<stock_config>(0);
  c.max_line = 2;
  store.add_product(4, 1);
  shard = start_stock(c);
  reserve(1, {{4, 1}});
  auto a = reserve(2, {{4, 1}});
  auto b = reserve(3, {{4, 1}});
  CHECK((a->open() && b->open()));
  CHECK(reserve(4, {{4, 1}})->failed == ec::overloaded);
}

TEST_CASE_METHOD(stock_fixture, "a release of what was never held changes nothing") {
  start();
  release(77);
  reserve(1, {{4, 2}});
  release(1);
  release(1);
  CHECK(level(4).reserved == 0);
  CHECK(level(4).level.on_hand == 5);
}

TEST_CASE_METHOD(stock_fixture,
                 "rule 9: a settle older than what is known is ignored, its hold ends") {
  start(5);
  reserve(1, {{4, 2}});
  tell(shard, settle_stock{{{{4, 3, 7, 70}, {}}}});
  CHECK(level(4).level.on_hand == 3);
  tell(shard, settle_stock{{{{4, 9, 6, 60}, {1}}}});
  CHECK(level(4).level.on_hand == 3);
  CHECK(level(4).level.version == 7);
  CHECK(level(4).level.updated_at == 70);
  CHECK(level(4).reserved == 0);
}

TEST_CASE_METHOD(stock_fixture, "a settle for a product that nobody asked for changes nothing") {
  start(5);
  tell(shard, settle_stock{{{{4, 9, 6, 60}, {1}}}});
  CHECK(level(4).level.on_hand == 5);
}

TEST_CASE_METHOD(stock_fixture, "a settle that overtakes a read wins, and so does a newer read") {
  start(5);
  store.hold_reads = true;
  auto a = reserve(1, {{4, 1}});
  tell(shard, settle_stock{{{{4, 2, 9, 0}, {}}}});
  auto b = reserve(2, {{8, 1}});
  tell(shard, settle_stock{{{{8, 2, 0, 0}, {}}}});
  store.answer_reads();
  store.hold_reads = false;
  CHECK((a->value && b->value));
  CHECK(level(4).level.on_hand == 2);
  CHECK(level(8).level.on_hand == 5);
}

TEST_CASE_METHOD(stock_fixture, "new reservations get the new name and price") {
  start();
  reserve(1, {{4, 1}});
  auto p = store.products[4];
  p.version = 2;
  p.price = 300;
  p.name = "renamed";
  tell(shard, relabel_product{p});
  auto r = reserve(2, {{4, 1}});
  CHECK(r->got().lines[0].product_price == 300);
  CHECK(r->got().lines[0].product_name == "renamed");
  p.version = 1;
  p.price = 1;
  tell(shard, relabel_product{p});
  CHECK(reserve(3, {{4, 1}})->got().lines[0].product_price == 300);
}

TEST_CASE_METHOD(stock_fixture, "a newer label wins against a read in flight, in both orders") {
  start();
  store.hold_reads = true;
  auto old_read = reserve(1, {{4, 1}});
  auto p = store.products[4];
  p.version = 2;
  p.price = 300;
  tell(shard, relabel_product{p}); // while the read of version 1 is on its way
  store.products[8].version = 5;
  store.products[8].price = 500;
  auto new_read = reserve(2, {{8, 1}});
  auto older = store.products[8];
  older.version = 4;
  older.price = 400;
  tell(shard, relabel_product{older}); // while the read of version 5 is on its way
  store.answer_reads();
  CHECK(old_read->got().lines[0].product_price == 300);
  CHECK(new_read->got().lines[0].product_price == 500);
}

TEST_CASE_METHOD(stock_fixture, "a product is completed with its committed count, holds or not") {
  start(5);
  reserve(1, {{4, 2}});
  auto r = ask<product_view>(shard, complete_product{store.products[4]});
  CHECK(r->got().stock.on_hand == 5);
  CHECK(r->got().product == store.products[4]);
  CHECK(ask<product_view>(shard, complete_product{store.products[8]})->got().stock.on_hand == 5);
  domain::product unknown;
  unknown.id = 12;
  CHECK(ask<product_view>(shard, complete_product{unknown})->failed == ec::not_found);
  CHECK(ask<stock_view>(shard, get_stock{{}, 12})->failed == ec::not_found);
}

TEST_CASE_METHOD(stock_fixture, "work that comes too late is dropped") {
  start();
  auto cmd = want(1, {{4, 1}});
  cmd.deadline = now() - 1;
  CHECK(ask<stock_reserved>(shard, cmd)->failed == ec::overloaded);
  CHECK(level(4).reserved == 0);
}

TEST_CASE_METHOD(stock_fixture,
                 "a reservation whose deadline passes while it is read holds nothing") {
  start();
  store.hold_reads = true;
  auto r = reserve(1, {{4, 2}}, 1s);
  advance(2s);
  release(1); // its order gave up
  store.answer_reads();
  store.hold_reads = false;
  CHECK(r->failed == ec::overloaded);
  CHECK(level(4).reserved == 0);
}

TEST_CASE_METHOD(stock_fixture,
                 "products are described from memory, what is missing is read once") {
  start();
  REQUIRE(reserve(1, {{4, 2}})->value);
  store.products[8].deleted = true;
  auto describe = [&] { return ask<product_descriptions>(shard, describe_products{{8, 12, 4}}); };
  auto first = describe();
  REQUIRE(first->value);
  auto& items = first->got().items;
  REQUIRE(items.size() == 3);
  CHECK(items[0].product_id == 8);
  CHECK_FALSE(items[0].exists); // deleted
  CHECK(items[1].product_id == 12);
  CHECK_FALSE(items[1].exists); // never made
  CHECK(items[2].exists);
  CHECK(items[2].name == "product 4");
  CHECK(items[2].price == 250);
  CHECK(items[2].available == 3);
  auto reads = store.reads<load_stock>();
  REQUIRE(ask<product_descriptions>(shard, describe_products{{4, 8}})->value);
  CHECK(store.reads<load_stock>() == reads);
  store.reads_fail = ec::database_unavailable;
  CHECK(describe()->failed == ec::database_unavailable);
}
