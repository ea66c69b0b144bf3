// Drives lists and searches of the catalog, categories, movements and the filling of words on
// sessions of its own, against a SQLite file and a PostgreSQL database: both must find the same.
#include "actors/domain/words.hpp"
#include "actors/messages/codec.hpp"
#include "persistence/product_list.hpp"
#include "persistence/reads.hpp"
#include "tests/persistence/support/store.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

namespace souk::tests {

using namespace actors;
using persistence::access;
using persistence::backend;
using persistence::connection;
using persistence::list_part;
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

constexpr int64_t products = 3'000;

/// Product n of a catalog whose names, prices, counts and categories repeat in different periods.
write thing(int64_t n) {
  static const char* const names[] = {
    "Oak desk", "pine Desk", "caf\xc3\xa9 table", "Lamp", "\xe5\xad\xa6\xe4\xb9\xa0\xe6\x9c\xba",
    "zebra rug"};
  auto w = create(n, n % 7 == 0 ? 0 : n % 5 + 1, product_shard(static_cast<uint32_t>(n % 4)));
  auto& p = w.product->row;
  p.name = std::string{names[n % 6]} + " " + std::to_string(n % 40);
  p.detail = n % 4 == 0 ? "made of oak" : "desk or not";
  p.price = 100 + n * 37 % 50;
  p.category_id = n % 3 == 0 ? 0 : n % 3 + (n % 2 == 0 ? 2 : 0); // 1, 2, 3 or 4
  p.created_at = p.updated_at = 1'790'000'000'000 + n * 101 % 700;
  p.external_id = n % 10 == 0 ? "ext-" + std::to_string(n) : "";
  return w;
}

/// Categories 1 and 2, with 3 below 1 and 4 below 3.
void fill(store& s) {
  s.commit({add_category(1), add_category(2)});
  s.commit({add_category(3, 1)});
  s.commit({add_category(4, 3)});
  for (int64_t n = 1; n <= products; n += 500) {
    std::vector<write> writes;
    for (int64_t i = n; i < n + 500; ++i)
      writes.push_back(thing(i));
    for (auto& d : s.commit(writes).decisions)
      REQUIRE((d.error == ec::none && d.answer.refused == refusal::none));
  }
  s.execute("update product set deleted = 1 where id % 50 = 3");
  if (s.postgresql())
    s.execute("analyze");
}

list_products sorted_by(product_sort sort, bool descending = false) {
  list_products ask;
  ask.sort = sort;
  ask.descending = descending;
  return ask;
}

/// Lists as clients ask for them.
std::vector<list_products> all_lists() {
  std::vector<list_products> out;
  for (auto sort :
       {product_sort::id, product_sort::name, product_sort::price, product_sort::created_at})
    for (bool descending : {false, true})
      out.push_back(sorted_by(sort, descending));
  auto add = [&](const std::function<void(list_products&)>& change, product_sort sort) {
    out.push_back(sorted_by(sort));
    change(out.back());
  };
  for (auto sort : {product_sort::relevance, product_sort::name, product_sort::price}) {
    add([](auto& x) { x.search = "DESK"; }, sort);
    add([](auto& x) { x.search = "oak desk"; }, sort);
    add([](auto& x) { x.search = "cafe"; }, sort);
    add([](auto& x) { x.search = "\xe5\xad\xa6\xe4\xb9\xa0"; }, sort);
    add([](auto& x) { x.search = "zebra 7"; }, sort);
    add([](auto& x) { x.search = "nothing of this"; }, sort);
    add([](auto& x) { x.search = "!?"; }, sort);
    add(
      [](auto& x) {
        x.search = "desk";
        x.category_id = 1;
        x.min_price = 110;
        x.max_price = 140;
        x.in_stock = true;
      },
      sort);
  }
  for (auto sort : {product_sort::id, product_sort::price, product_sort::name}) {
    add([](auto& x) { x.category_id = 1; }, sort);
    add([](auto& x) { x.category_id = 4; }, sort);
    add([](auto& x) { x.category_id = 99; }, sort);
    add([](auto& x) { x.in_stock = false; }, sort);
    add([](auto& x) { x.min_price = x.max_price = 120; }, sort);
  }
  add([](auto& x) { x.external_id = "ext-20"; }, product_sort::id);
  return out;
}

/// Every page of a list, one after the other.
std::vector<product_view> whole(reading& r, list_products ask, int64_t limit) {
  std::vector<product_view> out;
  ask.limit = limit;
  for (;;) {
    auto page = r->products(ask);
    REQUIRE(page.items.size() <= static_cast<size_t>(limit));
    out.insert(out.end(), page.items.begin(), page.items.end());
    if (!page.more || out.size() > static_cast<size_t>(products))
      return out;
    REQUIRE_FALSE(page.items.empty());
    ask.after_id = page.items.back().product.id;
    ask.after_key = page.last_key;
  }
}

/// A category and all below it; 99 is none.
const std::map<int64_t, std::vector<int64_t>> within{{0, {}},     {1, {1, 3, 4}}, {2, {2}},
                                                     {3, {3, 4}}, {4, {4}},       {99, {99}}};

/// What a list should hold, by plain rules.
std::vector<int64_t> expected(const list_products& ask, const std::vector<product_view>& all) {
  auto has = [](const std::string& text, const std::vector<std::string>& words) {
    auto stored = domain::stored_words(text);
    return std::includes(stored.begin(), stored.end(), words.begin(), words.end());
  };
  auto is_within = [&](int64_t category) {
    auto& x = within.at(ask.category_id);
    return std::find(x.begin(), x.end(), category) != x.end();
  };
  auto words = domain::searched_words(ask.search);
  std::vector<std::tuple<std::string, int64_t, int64_t>> found;
  for (auto& x : all) {
    auto& p = x.product;
    if ((!ask.search.empty() && (words.empty() || !has(p.name + " " + p.detail, words)))
        || (ask.category_id != 0 && !is_within(p.category_id))
        || (ask.min_price && p.price < *ask.min_price)
        || (ask.max_price && p.price > *ask.max_price)
        || (ask.in_stock && *ask.in_stock != (x.stock.on_hand > 0))
        || (!ask.external_id.empty() && p.external_id != ask.external_id))
      continue;
    std::string text;
    int64_t number = 0;
    switch (ask.sort) {
    case product_sort::id: break;
    case product_sort::name: text = domain::sort_key(p.name); break;
    case product_sort::price: number = p.price; break;
    case product_sort::created_at: number = p.created_at; break;
    case product_sort::relevance: number = has(p.name, words) ? 0 : 1; break;
    }
    found.emplace_back(text, number, p.id);
  }
  std::sort(found.begin(), found.end());
  if (ask.descending)
    std::reverse(found.begin(), found.end());
  std::vector<int64_t> out;
  for (auto& x : found)
    out.push_back(std::get<2>(x));
  return out;
}

std::vector<int64_t> ids(const std::vector<product_view>& items) {
  std::vector<int64_t> out;
  for (auto& x : items)
    out.push_back(x.product.id);
  return out;
}

/// How the database would run a list.
std::string plan_of(reading& r, const list_products& ask, list_part part) {
  auto words = domain::searched_words(ask.search);
  auto q = persistence::make_list_query(ask, r.session.kind(), part, words,
                                        within.at(ask.category_id), 101);
  auto postgresql = r.session.kind() == backend::postgresql;
  // With the values in place of the parameters, which EXPLAIN may not have.
  for (size_t i = 0; i < q.names.size(); ++i) {
    auto name = ":" + std::string{q.names[i]};
    std::string value = "'";
    for (char c : q.values[i])
      value += c == '\'' ? std::string{"''"} : std::string{c};
    value += "'";
    for (size_t at = 0; (at = q.text.find(name, at)) != std::string::npos; at += value.size())
      q.text.replace(at, name.size(), value);
  }
  std::string plan;
  if (postgresql) {
    persistence::query<std::string> explain{r.session.sql(), "explain " + q.text, {}};
    explain.run([&](const std::string& line) { plan += line + "\n"; });
  } else {
    persistence::query<long long, long long, long long, std::string> explain{
      r.session.sql(), "explain query plan " + q.text, {}};
    explain.run(
      [&](long long, long long, long long, const std::string& line) { plan += line + "\n"; });
  }
  return plan;
}

} // namespace

TEST_CASE("both databases list the same products in the same order, page by page") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  fill(s);
  reading r{s};
  auto all = whole(r, {}, 500);
  REQUIRE(all.size() == products - products / 50);
  for (auto& ask : all_lists()) {
    CAPTURE(static_cast<int>(ask.sort), ask.descending, ask.search, ask.category_id);
    auto wanted = expected(ask, all);
    CHECK(ids(whole(r, ask, 500)) == wanted);
    CHECK(ids(whole(r, ask, 77)) == wanted);
  }
}

TEST_CASE("every list is read by an index") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  fill(s);
  reading r{s};
  // On so few rows a scan is cheaper: the question is whether there is another way.
  if (s.postgresql())
    r.session.sql() << "set enable_seqscan = off";
  for (auto ask : all_lists()) {
    if (domain::searched_words(ask.search).empty() && !ask.search.empty())
      continue;
    // No index tells what is sold out: it would cost every order. PostgreSQL reads all counts.
    if (s.postgresql() && ask.in_stock && !*ask.in_stock)
      continue;
    // The page after the first: its place is part of the question.
    ask.after_id = 40;
    ask.after_key = ask.sort == product_sort::name         ? "lamp 7"
                    : ask.sort == product_sort::price      ? "120"
                    : ask.sort == product_sort::created_at ? "1790000000300"
                                                           : "";
    auto parts = ask.sort == product_sort::relevance
                   ? std::vector{list_part::in_name, list_part::rest}
                   : std::vector{list_part::all};
    for (auto part : parts) {
      auto plan = plan_of(r, ask, part);
      CAPTURE(plan);
      CHECK(plan.find("Seq Scan on product") == std::string::npos);
      for (size_t at = 0; (at = plan.find("SCAN p", at)) != std::string::npos; ++at)
        CHECK((plan.compare(at, 8, "SCAN p U") == 0 || plan.compare(at, 8, "SCAN pro") == 0));
    }
  }
}

TEST_CASE("products are found by what they are called now, and not when they are gone") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({1, 1});
  reading r{s};
  list_products ask;
  ask.search = "lantern";
  CHECK(r->products(ask).items.empty());
  auto w = create(1, 1);
  w.stock.clear();
  w.product->expected_version = 1;
  w.product->row.version = 2;
  w.product->row.name = "Lantern";
  w.product->row.external_id = "theirs";
  w.product->row.image_url = "https://shop.example/l.jpg";
  REQUIRE(s.commit({w}).decisions[0].answer.refused == refusal::none);
  CHECK(r->products(ask).items.at(0).product == w.product->row);
  auto found = r->find_products({"theirs", "none", "with \" and \\"}).items;
  REQUIRE(found.size() == 1);
  CHECK(found[0].id == 1);
  // Someone else may not take the external id while it is in use.
  auto other = create(2, 1);
  other.stock.clear();
  other.product->expected_version = 1;
  other.product->row.version = 2;
  other.product->row.external_id = "theirs";
  CHECK(s.commit({other}).decisions[0].answer.refused == refusal::external_id_taken);
  w.product->expected_version = 2;
  w.product->row.version = 3;
  w.product->row.deleted = true;
  w.product->row.external_id.clear();
  REQUIRE(s.commit({w}).decisions[0].answer.refused == refusal::none);
  CHECK(r->products(ask).items.empty());
  CHECK(r->find_products({"theirs"}).items.empty());
  CHECK(s.commit({other}).decisions[0].answer.refused == refusal::none);
  CHECK(s.faults().empty());
}

TEST_CASE("products from before the search are found after the next start") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up(std::vector<int64_t>(1'200, 1));
  // As the migration leaves them.
  if (s.postgresql()) {
    s.execute("update product set sort_key = null, search = null, search_name = null");
  } else {
    s.execute("update product set sort_key = null");
    s.execute("delete from product_words");
  }
  s.reopen();
  CHECK(s.count("product", "sort_key is null") == 0);
  reading r{s};
  list_products ask;
  ask.search = "THING 1200";
  REQUIRE(r->products(ask).items.size() == 1);
  CHECK(r->products(ask).items[0].product.id == 1'200);
}

} // namespace souk::tests
