// Drives a product shard message by message on the deterministic scheduler,
// against a scripted store and scripted stock shards.
#include "tests/actors/support/shop_fixture.hpp"

#include "actors/messages/codec.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

/// Product shard 1 with product 401.
struct product_fixture : shop_fixture {
  product_fixture() {
    script_stock();
    store.add_product(401, 3, 100);
    shard = start_product(1);
  }

  static create_product new_product(std::string name, call c = by_admin()) {
    create_product cmd;
    cmd.call = std::move(c);
    cmd.product.name = std::move(name);
    cmd.quantity = 7;
    return cmd;
  }
  static update_product rename(std::string name, call c = by_admin(),
                               std::optional<int64_t> expected = {}) {
    update_product cmd;
    cmd.call = std::move(c);
    cmd.id = 401;
    cmd.name = std::move(name);
    cmd.expected_version = expected;
    return cmd;
  }
  reply<product_answer> create(const create_product& cmd) {
    return ask<product_answer>(shard, cmd);
  }
  reply<product_answer> update(const update_product& cmd) {
    return ask<product_answer>(shard, cmd);
  }
  reply<product_view> get(int64_t id) { return ask<product_view>(shard, get_product{{}, id}); }

  product_actor shard;
};

} // namespace

TEST_CASE_METHOD(product_fixture, "a product is created with its first stock, in one write") {
  auto r = create(new_product("tea", by_admin("k")));
  REQUIRE(r->value);
  auto& p = r->got().value.product;
  CHECK(domain::shard_of(p.id, shards) == 1);
  CHECK(p.version == 1);
  CHECK(p.created_at == now());
  CHECK(r->got().value.stock == domain::stock_level{p.id, 7, 1, now()});
  REQUIRE(store.writes.size() == 1);
  auto& w = store.writes[0];
  CHECK(w.product->row == p);
  CHECK(w.product->expected_version == 0);
  REQUIRE(w.stock.size() == 1);
  CHECK(w.stock[0].kind == stock_change_kind::create);
  CHECK(w.stock[0].amount == 7);
  REQUIRE(w.events.size() == 1);
  CHECK(w.events[0].kind == "product_created");
  REQUIRE(w.keep);
  CHECK(decode_product_view(w.keep->answer)->product == p);
}

TEST_CASE_METHOD(product_fixture, "what was created is known without reading it") {
  auto id = create(new_product("tea"))->got().value.product.id;
  CHECK(get(id)->got().product.name == "tea");
  CHECK(store.reads<load_product>() == 0);
}

TEST_CASE_METHOD(product_fixture, "a refusal of the database is the answer") {
  store.hold_writes = true;
  auto a = create(new_product("a"));
  auto b = create(new_product("b"));
  store.refuse(0, {refusal::external_id_taken, 0, {}, {}});
  store.refuse(1, {refusal::category_not_found, 0, {}, {}});
  CHECK(a->failed == ec::external_id_taken);
  CHECK(b->failed == ec::category_not_found);
}

TEST_CASE_METHOD(product_fixture, "a product is read once, then answered by the stock shard") {
  CHECK(get(401)->got().product.name == "product 401");
  CHECK(get(401)->got().stock.on_hand == 5);
  CHECK(store.reads<load_product>() == 1);
  CHECK(stock.completed.size() == 2);
  CHECK(get(405)->failed == ec::not_found);
}

TEST_CASE_METHOD(product_fixture, "what is known is bounded by its bytes") {
  auto c = config_of<shard_config>(1);
  c.cached = 10;
  kill(shard);
  shard = start_product(c);
  for (int64_t id : {405, 409, 413})
    store.add_product(id, 1);
  store.products[413].detail = std::string(10'000, 'x');
  for (int i = 0; i < 2; ++i)
    for (int64_t id : {401, 405, 409})
      CHECK(get(id)->value);
  CHECK(store.reads<load_product>() == 3);
  CHECK(get(413)->value); // takes the room of all
  CHECK(get(409)->value);
  CHECK(store.reads<load_product>() == 5);
  CHECK(get(409)->value);
  CHECK(store.reads<load_product>() == 5);
}

TEST_CASE_METHOD(product_fixture, "a deleted product is not found, read or known") {
  store.products[401].deleted = true;
  CHECK(get(401)->failed == ec::not_found);
  CHECK(get(401)->failed == ec::not_found);
  CHECK(update(rename("x"))->failed == ec::not_found);
  CHECK(store.writes.empty());
}

TEST_CASE_METHOD(product_fixture, "a read that fails says so, as retryable") {
  store.reads_fail = ec::database_unavailable;
  CHECK(get(401)->failed == ec::database_unavailable);
  store.reads_fail.reset();
  store.hold_reads = true;
  auto r = get(401);
  advance(6s);
  CHECK(r->failed == ec::overloaded);
}

TEST_CASE_METHOD(product_fixture, "an update changes only what it names") {
  auto cmd = rename("tea");
  cmd.category_id = 0;
  auto r = update(cmd);
  REQUIRE(r->value);
  CHECK(r->got().value.product.name == "tea");
  CHECK(r->got().value.product.price == 100);
  CHECK(r->got().value.product.version == 2);
  CHECK(r->got().value.stock.on_hand == 5);
  REQUIRE(store.writes.size() == 1);
  CHECK(store.writes[0].product->expected_version == 1);
  CHECK(store.writes[0].stock.empty());
  CHECK(get(401)->got().product.name == "tea");
}

TEST_CASE_METHOD(product_fixture, "updates of one product happen one after the other") {
  store.hold_writes = true;
  auto first = update(rename("first"));
  auto second = update(rename("second"));
  auto cmd = rename("other");
  cmd.id = 405;
  store.add_product(405, 1);
  auto other = update(cmd);
  REQUIRE(store.writes.size() == 2); // the other product's does not wait
  store.commit(0);
  REQUIRE(store.writes.size() == 3);
  CHECK(store.writes[2].product->expected_version == 2);
  store.commit(2);
  store.commit(1);
  CHECK(first->got().value.product.version == 2);
  CHECK(second->got().value.product.version == 3);
  CHECK(other->value);
  CHECK(store.products[401].name == "second");
}

TEST_CASE_METHOD(product_fixture, "an update of another version than the expected one is refused") {
  CHECK(update(rename("a", by_admin(), 1))->value);
  CHECK(update(rename("b", by_admin(), 1))->failed == ec::stale_version);
  CHECK(update(rename("b", by_admin(), 2))->value);
}

TEST_CASE_METHOD(product_fixture,
                 "rule 1: a product that another node wrote is read anew after the refusal") {
  get(401);
  store.products[401].version = 4;
  store.products[401].name = "elsewhere";
  CHECK(update(rename("here"))->failed == ec::overloaded); // it named no version
  CHECK(get(401)->got().product.name == "elsewhere");
  CHECK(update(rename("here"))->got().value.product.version == 5);
  store.products[401].version = 9;
  CHECK(update(rename("here", by_admin(), 5))->failed == ec::stale_version);
}

TEST_CASE_METHOD(product_fixture, "an update goes on after one that failed") {
  stock.complete_fails = ec::not_found;
  CHECK(update(rename("a"))->failed == ec::overloaded);
  stock.complete_fails.reset();
  store.hold_writes = true;
  auto first = update(rename("b"));
  auto second = update(rename("c"));
  store.fail(0, ec::write_failed);
  CHECK(first->failed == ec::write_failed);
  store.hold_writes = false;
  advance(1s);
  REQUIRE(store.writes.size() == 2);
  store.commit(1);
  CHECK(second->value);
}

TEST_CASE_METHOD(product_fixture, "rule 12: an update repeated with its key happens once") {
  CHECK(update(rename("a", by_admin("k")))->value);
  CHECK(update(rename("b"))->value);
  auto again = update(rename("a", by_admin("k")));
  CHECK(again->got().replayed);
  CHECK(again->got().value.product.version == 2);
  CHECK(store.products[401].name == "b");
}

TEST_CASE_METHOD(product_fixture, "rule 12: after a restart the row answers") {
  CHECK(update(rename("a", by_admin("k"), 1))->value);
  auto created = create(new_product("tea", by_admin("c")));
  kill(shard);
  shard = start_product(1);
  auto again = update(rename("a", by_admin("k"), 1)); // its version is stale by now
  REQUIRE(again->value);
  CHECK(again->got().replayed);
  CHECK(again->got().value.product.version == 2);
  auto second = create(new_product("tea", by_admin("c")));
  CHECK(second->got().replayed);
  CHECK(second->got().value.product.id == created->got().value.product.id);
  CHECK(store.products.size() == 2);
}

TEST_CASE_METHOD(product_fixture,
                 "rule 12: a refused update looks into the store, which may be away") {
  CHECK(update(rename("a"))->value);
  store.reads_fail = ec::database_unavailable;
  CHECK(update(rename("b", by_admin("k"), 1))->failed == ec::overloaded);
  store.reads_fail.reset();
  CHECK(update(rename("b", by_admin("k"), 1))->failed == ec::stale_version);
}

TEST_CASE_METHOD(product_fixture, "a removed product is gone, and its external id is free") {
  store.products[401].external_id = "theirs";
  store.products[401].category_id = 5;
  update_product cmd;
  cmd.call = by_admin("k");
  cmd.id = 401;
  cmd.remove = true;
  CHECK(update(cmd)->value);
  REQUIRE(store.writes.size() == 1);
  CHECK(store.writes[0].product->row.deleted);
  CHECK(store.writes[0].product->row.category_id == 0);
  CHECK(store.writes[0].product->row.external_id.empty());
  CHECK(store.writes[0].events.at(0).kind == "product_deleted");
  CHECK(get(401)->failed == ec::not_found);
  CHECK(update(cmd)->got().replayed); // a retry
  cmd.call = by_admin();
  CHECK(update(cmd)->failed == ec::not_found);
  CHECK(store.writes.size() == 1);
}

TEST_CASE_METHOD(product_fixture, "a product and its count are changed in one write") {
  auto cmd = rename("tea");
  cmd.external_id = "theirs";
  cmd.image_url = "https://shop.example/tea.jpg";
  cmd.quantity = 9;
  auto r = update(cmd);
  REQUIRE(r->value);
  CHECK(r->got().value.product.external_id == "theirs");
  CHECK(r->got().value.product.image_url == "https://shop.example/tea.jpg");
  CHECK(r->got().value.stock.on_hand == 9);
  REQUIRE(store.writes.size() == 1);
  REQUIRE(store.writes[0].stock.size() == 1);
  CHECK(store.writes[0].stock[0].kind == stock_change_kind::set);
  CHECK(store.writes[0].stock[0].reason == "import");
}

TEST_CASE_METHOD(product_fixture, "a page of the catalog comes from the database") {
  auto r = ask<product_page>(shard, list_products{});
  REQUIRE(r->value);
  CHECK(r->got().items.size() == 1);
  CHECK(store.reads<list_products>() == 1);
}

TEST_CASE_METHOD(product_fixture,
                 "rule 10: an update is unknown once sent, and a retry is safe before") {
  store.hold_writes = true;
  auto sent = update(rename("a"));
  auto waits = update(rename("b"));
  kill(shard);
  CHECK(sent->failed == ec::outcome_unknown);
  CHECK(waits->failed == ec::restarting);
}
