// Drives the rule for what may share a batch by plain calls,
// against writes as the shards send them.
#include "persistence/batch_keys.hpp"
#include "tests/persistence/support/writes.hpp"

#include <catch2/catch.hpp>

namespace souk::tests {

using namespace actors;
using domain::order_status;
using persistence::batch_keys;

namespace {

/// Whether `second` may join a batch that holds `first`.
bool together(const write& first, const write& second) {
  batch_keys keys;
  CHECK(keys.accepts(first));
  keys.add(first);
  return keys.accepts(second);
}

write renamed(write w) {
  w.stock.clear();
  w.product->expected_version = 1;
  return w;
}

} // namespace

TEST_CASE("deltas of one product may meet") {
  CHECK(together(place(5, {{1, 1}}), place(9, {{1, 2}})));
  CHECK(together(place(5, {{1, 1}, {2, 1}}), adjust(1, 4)));
  CHECK(together(adjust(1, 4), adjust(1, -4)));
}

TEST_CASE("a change that needs the count itself wants it alone") {
  CHECK_FALSE(together(place(5, {{1, 1}}), set_count(1, 9)));
  CHECK_FALSE(together(set_count(1, 9), place(5, {{1, 1}})));
  CHECK_FALSE(together(set_count(1, 9), set_count(1, 9)));
  CHECK_FALSE(together(adjust(1, 1), adjust(1, 1, 3)));
  CHECK_FALSE(together(adjust(1, 1, 3), adjust(1, 1)));
  CHECK_FALSE(together(create(1, 5), place(5, {{1, 1}})));
  CHECK(together(set_count(1, 9), set_count(2, 9)));
  CHECK(together(set_count(1, 9), place(5, {{2, 1}})));
}

TEST_CASE("a row comes once in a batch") {
  auto placed = place(5, {{1, 1}});
  CHECK_FALSE(together(placed, change(placed, order_status::confirmed)));
  CHECK(together(placed, place(9, {{1, 1}})));
  CHECK_FALSE(together(create(1, 5), renamed(create(1, 5))));
  CHECK(together(create(1, 5), create(2, 5)));
  CHECK_FALSE(together(add_category(4), add_category(4)));
  CHECK(together(add_category(4), add_category(8)));
  CHECK_FALSE(together(sign_up(1, "ada"), sign_up(1, "grace")));
}

TEST_CASE("a name that must be unique comes once in a batch, so that who came first gets it") {
  CHECK_FALSE(together(sign_up(1, "ada"), sign_up(2, "ADA")));
  CHECK_FALSE(together(sign_up(1, "ada", "a@x"), sign_up(2, "grace", "A@X")));
  CHECK(together(sign_up(1, "ada"), sign_up(2, "grace")));
  CHECK(together(sign_up(1, "ada", "a@x"), sign_up(2, "grace", "g@x")));
  auto first = create(1, 5);
  auto second = create(2, 5);
  CHECK(together(first, second));
  first.product->row.external_id = second.product->row.external_id = "x";
  CHECK_FALSE(together(first, second));
}

TEST_CASE("an idempotency key comes once in a batch") {
  CHECK_FALSE(together(under_key(place(5, {{1, 1}}), "k"), under_key(place(9, {{1, 1}}), "k")));
  CHECK(together(under_key(place(5, {{1, 1}}), "k"), under_key(place(9, {{1, 1}}), "l")));
  CHECK(together(under_key(place(5, {{1, 1}}), "k"), place(9, {{1, 1}})));
}

TEST_CASE("a product stays alone although a delta of another one joins") {
  batch_keys keys;
  keys.add(set_count(1, 9));
  keys.add(place(5, {{2, 1}}));
  CHECK_FALSE(keys.accepts(place(9, {{2, 1}, {1, 1}})));
  CHECK(keys.accepts(place(9, {{2, 1}, {3, 1}})));
}

TEST_CASE("a cleared batch accepts everything") {
  batch_keys keys;
  auto all = std::vector{under_key(place(5, {{1, 1}}), "k"), set_count(2, 9), create(3, 1),
                         sign_up(1, "ada"), add_category(4)};
  for (auto& w : all)
    keys.add(w);
  for (auto& w : all)
    CHECK_FALSE(keys.accepts(w));
  keys.clear();
  for (auto& w : all)
    CHECK(keys.accepts(w));
}

} // namespace souk::tests
