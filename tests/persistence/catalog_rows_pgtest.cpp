// Drives what becomes of categories, products and movements in a batch,
// against a SQLite file and a PostgreSQL database.
#include "actors/messages/codec.hpp"
#include "persistence/reads.hpp"
#include "tests/persistence/support/store.hpp"

#include <catch2/catch.hpp>

namespace souk::tests {

using namespace actors;
using persistence::access;
using persistence::connection;
using persistence::location;

namespace {

struct reading {
  explicit reading(const store& s)
    : session{location::parse(s.options.url), access::reader, std::chrono::seconds{10}} {
    session.open();
    ask = std::make_unique<persistence::reads>(session.sql(), session.kind());
  }
  ~reading() { ask.reset(); }

  persistence::reads* operator->() { return ask.get(); }

  connection session;
  std::unique_ptr<persistence::reads> ask;
};

} // namespace

TEST_CASE("a category is changed, and taken away only when nothing is in it") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.commit({add_category(1), add_category(2)});
  s.commit({add_category(3, 1)});
  auto one = [&](const write& w) { return s.commit({w}).decisions.at(0).answer.refused; };
  auto remove = [](int64_t id, int64_t version) {
    write w;
    w.by = product_shard(0);
    w.removed_category = category_removal{id, version};
    return w;
  };
  auto moved = add_category(3, 2);
  moved.category->expected_version = 1;
  moved.category->row.version = 2;
  moved.category->row.name = "moved";
  CHECK(one(moved) == refusal::none);
  CHECK(one(moved) == refusal::stale_version);
  auto lost = moved;
  lost.category->expected_version = 2;
  lost.category->row.version = 3;
  lost.category->row.parent_id = 99;
  CHECK(one(lost) == refusal::category_not_found);
  CHECK(one(remove(2, 1)) == refusal::category_not_empty);
  CHECK(one(remove(3, 1)) == refusal::stale_version);
  CHECK(one(remove(99, 1)) == refusal::not_found);
  auto product = create(5, 1);
  product.product->row.category_id = 3;
  CHECK(one(product) == refusal::none);
  CHECK(one(remove(3, 2)) == refusal::category_not_empty);
  // Beside others in one batch: they are not spoilt.
  auto mixed = s.commit({remove(1, 1), create(6, 1), remove(3, 2)});
  CHECK(mixed.decisions[0].answer.refused == refusal::none);
  CHECK(mixed.decisions[1].answer.refused == refusal::none);
  CHECK(mixed.decisions[2].answer.refused == refusal::category_not_empty);
  auto late = create(7, 1);
  late.product->row.category_id = 1;
  CHECK(one(late) == refusal::category_not_found);
  reading r{s};
  auto rows = r->categories({0, 1});
  REQUIRE(rows.items.size() == 1);
  CHECK(rows.items[0].id == 2);
  CHECK(rows.more);
  rows = r->categories({2, 1});
  CHECK(rows.items.at(0).name == "moved");
  CHECK(rows.items.at(0).parent_id == 2);
  CHECK_FALSE(rows.more);
}

TEST_CASE("movements that share a row are read one by one, by whatever pages") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  s.commit({place(5, {{1, 1}}), place(9, {{1, 2}}), place(13, {{1, 3}})});
  s.commit({place(17, {{1, 4}})});
  s.commit({place(21, {{1, 5}}), adjust(1, 7), place(25, {{1, 6}})});
  std::vector<int64_t> newest_first{-6, 7, -5, -4, -3, -2, -1, 100};
  for (int i = 0; i < 40; ++i) { // more rows than are read at once
    s.commit({adjust(1, 1)});
    newest_first.insert(newest_first.begin(), 1);
  }
  reading r{s};
  auto limit = GENERATE(1, 2, 3, 7, 16, 41, 42, 44, 47, 48, 49);
  CAPTURE(limit);
  std::vector<int64_t> deltas;
  std::vector<int64_t> ids;
  for (bool more = true; more;) {
    auto page = r->movements({1, ids.empty() ? 0 : ids.back(), limit});
    REQUIRE(page);
    REQUIRE(!page->items.empty());
    CHECK(page->items.size() <= static_cast<size_t>(limit));
    for (auto& x : page->items) {
      deltas.push_back(x.delta);
      ids.push_back(x.id);
      CHECK(x.order_id == (x.delta < 0 ? -x.delta * 4 + 1 : 0));
    }
    more = page->more;
    REQUIRE(deltas.size() <= newest_first.size());
  }
  CHECK(deltas == newest_first);
  CHECK(std::is_sorted(ids.rbegin(), ids.rend()));
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

TEST_CASE("movements are read newest first, of products that exist") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({10, 10});
  s.commit({place(9, {{1, 2}})});
  s.commit({adjust(1, 5), adjust(2, 1)});
  reading r{s};
  auto page = r->movements({1, 0, 2});
  REQUIRE(page);
  REQUIRE(page->items.size() == 2);
  CHECK(page->more);
  CHECK(page->items[0].delta == 5);
  CHECK(page->items[1].delta == -2);
  CHECK(page->items[1].order_id == 9);
  page = r->movements({1, page->items[1].id, 2});
  REQUIRE(page->items.size() == 1);
  CHECK(page->items[0].delta == 10);
  CHECK(page->items[0].order_id == 0);
  CHECK_FALSE(page->more);
  CHECK_FALSE(r->movements({3, 0, 2}));
  s.execute("update product set deleted = 1 where id = 2");
  CHECK_FALSE(r->movements({2, 0, 2}));
}

TEST_CASE("a product and its count are set in one write, whose kept answer shows both") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({10});
  auto w = create(1, 1);
  w.product->expected_version = 1;
  w.product->row.version = 2;
  w.stock = {{1, stock_change_kind::set, 4, "import", 0, 0, 0}};
  w = under_key(w, "key", encode(product_view{w.product->row, {1, 10, 1, 0}}));
  auto result = s.commit({w});
  REQUIRE(result.decisions[0].answer.refused == refusal::none);
  REQUIRE(result.decisions[0].answer.kept);
  CHECK(decode_product_view(result.decisions[0].answer.kept->answer)->stock.on_hand == 4);
  CHECK(s.on_hand(1) == 4);
  CHECK(s.faults().empty());
}

} // namespace souk::tests
