// Drives the tree of categories with plain calls.
#include "actors/product/category_tree.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace souk;
using catalog::category_tree;

namespace {

domain::category make(int64_t id, int64_t parent, std::string name) {
  domain::category x;
  x.id = id;
  x.parent_id = parent;
  x.name = std::move(name);
  return x;
}

/// `name@level` of all, in order.
std::string text_of(const category_tree& tree) {
  std::string out;
  for (auto& x : tree.in_order())
    out += x.category.name + "@" + std::to_string(x.level) + " ";
  return out;
}

} // namespace

TEST_CASE("the tree is told depth first, those below one parent by name") {
  category_tree tree;
  tree.put(make(3, 1, "desks")); // before its parent
  CHECK(tree.in_order().empty());
  tree.put(make(1, 0, "Furniture"));
  tree.put(make(2, 0, "books"));
  tree.put(make(4, 1, "Chairs"));
  tree.put(make(5, 3, "oak"));
  CHECK(text_of(tree) == "books@0 Furniture@0 Chairs@1 desks@1 oak@2 ");
  tree.put(make(3, 2, "zoo")); // moved and renamed, with all below it
  CHECK(text_of(tree) == "books@0 zoo@1 oak@2 Furniture@0 Chairs@1 ");
  tree.erase(4);
  CHECK(text_of(tree) == "books@0 zoo@1 oak@2 Furniture@0 ");
  CHECK(tree.size() == 4);
}

TEST_CASE("who is within whom") {
  category_tree tree;
  tree.put(make(1, 0, "a"));
  tree.put(make(2, 1, "b"));
  tree.put(make(3, 2, "c"));
  CHECK(tree.level(3) == 2);
  CHECK(tree.is_within(3, 1));
  CHECK(tree.is_within(3, 3));
  CHECK_FALSE(tree.is_within(1, 3));
  CHECK_FALSE(tree.is_within(0, 1));
  CHECK(tree.has_children(2));
  CHECK_FALSE(tree.has_children(3));
  CHECK(tree.view(make(9, 3, "d")).level == 3);
  tree.put(make(1, 3, "a")); // no database should hold this
  CHECK(tree.level(1) <= 3);
  CHECK_FALSE(tree.is_within(1, 99));
}

TEST_CASE("a tree may be as deep as it is large") {
  category_tree tree;
  for (int64_t id = 1; id <= 20'000; ++id)
    tree.put(make(id, id - 1, "x"));
  auto all = tree.in_order();
  REQUIRE(all.size() == 20'000);
  CHECK(all.back().level == 19'999);
}
