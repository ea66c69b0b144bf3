// Drives product shard 0, which owns the tree of categories, message by message on the
// deterministic scheduler, against a scripted store.
#include "tests/actors/support/shop_fixture.hpp"

#include "actors/messages/codec.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

/// Furniture (1) with Desks (2) below it, and Books (3).
struct category_fixture : shop_fixture {
  category_fixture() {
    script_stock();
    add(1, 0, "Furniture");
    add(2, 1, "Desks");
    add(3, 0, "Books");
    store.first_counter = 100;
    shard = start_product(0);
  }

  void add(int64_t id, int64_t parent, std::string name) {
    store.categories[id] = {id, parent, std::move(name), 0, 0, 1};
  }
  reply<category_answer> create(std::string name, int64_t parent = 0, call c = by_admin()) {
    create_category cmd;
    cmd.call = std::move(c);
    cmd.category.name = std::move(name);
    cmd.category.parent_id = parent;
    return ask<category_answer>(shard, cmd);
  }
  reply<category_answer> move(int64_t id, int64_t parent, call c = by_admin()) {
    return ask<category_answer>(shard, update_category{std::move(c), id, {}, parent});
  }
  reply<category_answer> remove(int64_t id, call c = by_admin()) {
    return ask<category_answer>(shard, delete_category{std::move(c), id});
  }
  reply<category_view> get(int64_t id) { return ask<category_view>(shard, get_category{{}, id}); }
  std::string tree() {
    auto r = ask<category_list>(shard, list_categories{});
    REQUIRE(r->value);
    std::string out;
    for (auto& x : r->got().items)
      out += x.category.name + "@" + std::to_string(x.level) + " ";
    return out;
  }

  product_actor shard;
};

} // namespace

TEST_CASE_METHOD(category_fixture, "the tree is read once, in parts, for all who ask") {
  store.categories_at_once = 2;
  store.hold_reads = true;
  auto a = get(2);
  auto b = get(9);
  store.answer_reads();
  run();
  store.hold_reads = false;
  store.answer_reads();
  run();
  CHECK(a->got().level == 1);
  CHECK(b->failed == ec::not_found);
  CHECK(tree() == "Books@0 Furniture@0 Desks@1 ");
  CHECK(store.reads<load_categories>() == 2);
}

TEST_CASE_METHOD(category_fixture, "a tree that cannot be read is asked for again") {
  store.reads_fail = ec::database_unavailable;
  CHECK(get(2)->failed == ec::database_unavailable);
  CHECK(create("Lamps")->failed == ec::database_unavailable);
  store.reads_fail.reset();
  CHECK(get(2)->value);
  CHECK(create("Lamps")->value);
}

TEST_CASE_METHOD(category_fixture, "a category is made below another, once for each key") {
  auto r = create("Oak", 2, by_admin("k"));
  REQUIRE(r->value);
  CHECK(r->got().value.level == 2);
  CHECK(r->got().value.category.version == 1);
  CHECK(create("Oak", 2, by_admin("k"))->got().replayed);
  CHECK(create("Pine", 2)->got().value.category.id != r->got().value.category.id);
  CHECK(create("Lost", 99)->failed == ec::category_not_found);
  CHECK(store.writes.size() == 2);
  CHECK(tree() == "Books@0 Furniture@0 Desks@1 Oak@2 Pine@2 ");
  kill(shard);
  shard = start_product(0);
  auto again = create("Oak", 2, by_admin("k"));
  CHECK(again->got().replayed);
  CHECK(again->got().value.category == r->got().value.category);
}

TEST_CASE_METHOD(category_fixture, "a category moves with all below it, never below itself") {
  CHECK(move(1, 1)->failed == ec::category_cycle);
  CHECK(move(1, 2)->failed == ec::category_cycle);
  CHECK(move(1, 99)->failed == ec::category_not_found);
  CHECK(move(99, 0)->failed == ec::not_found);
  CHECK(store.writes.empty());
  CHECK(move(1, 3)->got().value.level == 1);
  CHECK(tree() == "Books@0 Furniture@1 Desks@2 ");
  CHECK(store.writes.at(0).category->expected_version == 1);
  CHECK(move(3, 2)->failed == ec::category_cycle);
  auto renamed = ask<category_answer>(shard, update_category{by_admin(), 3, "Paper", {}});
  CHECK(renamed->got().value.category.name == "Paper");
}

TEST_CASE_METHOD(category_fixture, "two moves at once cannot make a cycle") {
  store.hold_writes = true;
  auto a = move(1, 3);
  auto b = move(3, 1);
  CHECK(store.writes.size() == 1); // the other one waits
  store.commit(0);
  run();
  CHECK(a->value);
  CHECK(b->failed == ec::category_cycle);
}

TEST_CASE_METHOD(category_fixture, "only an empty category is taken away") {
  CHECK(remove(1)->failed == ec::category_not_empty);
  CHECK(store.writes.empty());
  store.add_product(401, 1);
  store.products[401].category_id = 2;
  CHECK(remove(2)->failed == ec::category_not_empty); // so says the database
  store.products[401].category_id = 0;
  CHECK(remove(2, by_admin("k"))->value);
  CHECK(remove(2, by_admin("k"))->got().replayed);
  CHECK(remove(2)->failed == ec::not_found);
  CHECK(tree() == "Books@0 Furniture@0 ");
  CHECK(remove(1)->value);
}

TEST_CASE_METHOD(category_fixture, "rule 1: a tree that someone else changed is read anew") {
  CHECK(get(3)->value);
  store.categories[3].version = 7;
  store.categories[3].name = "Elsewhere";
  CHECK(move(3, 1)->failed == ec::overloaded);
  CHECK(get(3)->got().category.name == "Elsewhere");
  CHECK(move(3, 1)->value);
}

TEST_CASE_METHOD(category_fixture, "a change goes on after one that failed") {
  store.hold_writes = true;
  auto a = create("A");
  auto b = create("B");
  store.fail(0, ec::write_failed);
  run();
  CHECK(a->failed == ec::write_failed);
  store.hold_writes = false;
  advance(1s);
  run();
  REQUIRE(store.writes.size() == 2);
  store.commit(1);
  run();
  CHECK(b->value);
  CHECK(tree() == "B@0 Books@0 Furniture@0 Desks@1 ");
}
