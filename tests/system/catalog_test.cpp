// Drives the catalog over HTTP against a running server on each database: filters, every order with
// pages that neither skip nor repeat, products that go, entity tags.
#include "tests/system/support/books.hpp"
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <set>

using namespace souk::tests;

namespace {

const std::string products = "/api/v1/products";

/// Twelve products; each name and each price comes twice, each stock four times.
std::vector<json> make_catalog(shop& s) {
  std::vector<json> result;
  for (int i = 0; i < 12; ++i) {
    const std::string name = std::string{"shelf "} + static_cast<char>('a' + i * 7 % 12 / 2);
    result.push_back(s.create(products, {{"name", name},
                                         {"price", std::to_string(i * 5 % 12 / 2 + 1) + ".50"},
                                         {"quantity", i % 3}}));
  }
  return result;
}

std::set<int64_t> as_set(const std::vector<int64_t>& ids) {
  const std::set<int64_t> result{ids.begin(), ids.end()};
  CHECK(result.size() == ids.size()); // none comes twice
  return result;
}

std::set<int64_t> found(shop& s, const std::string& query) {
  auto guest = s.guest();
  return as_set(ids_of(all_pages(guest, products + "?" + query + "&limit=5")));
}

/// The ids of those for which a condition holds.
template <class Condition>
std::set<int64_t> those(const std::vector<json>& all, Condition condition) {
  std::set<int64_t> result;
  for (const auto& product : all)
    if (condition(product))
      result.insert(product.at("id").get<int64_t>());
  return result;
}

} // namespace

TEST_CASE("the catalog is filtered", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto all = make_catalog(s);
  const auto price = [](const json& x) { return x.at("price").get<double>(); };
  const auto stock = [](const json& x) { return x.at("storage_quantity").get<int>(); };
  CHECK(found(s, "sort=created_at") == those(all, [](const json&) { return true; }));
  CHECK(found(s, "min_price=3.50") == those(all, [&](const json& x) { return price(x) >= 3.5; }));
  CHECK(found(s, "max_price=3.50") == those(all, [&](const json& x) { return price(x) <= 3.5; }));
  CHECK(found(s, "min_price=2&max_price=4.5&in_stock=true") == those(all, [&](const json& x) {
          return price(x) >= 2 && price(x) <= 4.5 && stock(x) > 0;
        }));
  CHECK(found(s, "in_stock=false") == those(all, [&](const json& x) { return stock(x) == 0; }));
  CHECK(found(s, "in_stock=true&sort=-price&q=shelf")
        == those(all, [&](const json& x) { return stock(x) > 0; }));
  CHECK(found(s, "min_price=100").empty());

  // What is sold out is so at once.
  const auto last = *found(s, "in_stock=true").begin();
  s.set_stock(last, 0);
  CHECK(found(s, "in_stock=true").count(last) == 0);
  CHECK(found(s, "in_stock=false").count(last) == 1);
  for (const auto* wrong : {"min_price=cheap", "max_price=-1", "min_price=1.999", "in_stock=maybe",
                            "sort=size", "sort=--price", "category=x", "limit=0", "limit=501",
                            "cursor=%21%21", "sort=price&sort=name"}) {
    INFO(wrong);
    CHECK(s.guest().get(products + "?" + wrong).status == 422);
  }
}

TEST_CASE("pages in every order neither skip nor repeat while products come", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto all = make_catalog(s);
  const auto expected = those(all, [](const json&) { return true; });
  auto guest = s.guest();
  int added = 0;
  const auto add_some = [&] {
    for (const auto* name : {"shelf a", "shelf z"})
      s.create(products, {{"name", name}, {"price", ++added % 2 == 0 ? "0.50" : "9.50"}});
  };
  for (const std::string sort : {"name", "price", "created_at"})
    for (const std::string sign : {"", "-"}) {
      INFO("sort=" << sign << sort);
      const auto target = products + "?limit=5&sort=" + sign + sort;
      const auto listed = all_pages(guest, target, add_some);
      const auto seen = as_set(ids_of(listed));
      CHECK(std::includes(seen.begin(), seen.end(), expected.begin(), expected.end()));
      auto keys = each(listed, sort);
      if (sign == "-")
        std::reverse(keys.begin(), keys.end());
      CHECK(std::is_sorted(keys.begin(), keys.end()));
      for (const auto id : seen)
        if (expected.count(id) == 0)
          CHECK(s.admin().remove(product_path(id)).status == 204);
      for (const auto id : found(s, "sort=" + sign + sort))
        if (expected.count(id) == 0)
          CHECK(s.admin().remove(product_path(id)).status == 204);
      CHECK(found(s, "sort=" + sign + sort) == expected);
    }
}

TEST_CASE("pages by relevance are complete", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto all = make_catalog(s);
  const auto expected = those(all, [](const json&) { return true; });
  for (const auto* query :
       {"q=shelf", "q=shelf&sort=relevance", "q=shelf&sort=name", "q=shelf&sort=-price"}) {
    INFO(query);
    CHECK(found(s, query) == expected);
  }
  // Without words to compare with, the catalog goes by id.
  auto guest = s.guest();
  const auto ids = ids_of(all_pages(guest, products + "?limit=5"));
  CHECK(std::is_sorted(ids.begin(), ids.end()));
}

TEST_CASE("a deleted product is gone but not from orders", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  const auto product = s.new_product(10);
  const auto other = s.new_product(10);
  const auto user = s.new_user();
  const auto order = s.new_order(user, {{product, 2}});
  CHECK(admin.remove(product_path(product), {{"If-Match", "\"p99.s1\""}}).status == 412);
  const header_list key{{"Idempotency-Key", "gone"}};
  const auto removed = admin.remove(product_path(product), key);
  CHECK(removed.status == 204);
  CHECK(removed.body.empty());
  const auto again = admin.remove(product_path(product), key);
  CHECK(again.status == 204);
  CHECK(replayed(again));

  CHECK(s.guest().get(product_path(product)).status == 404);
  CHECK(s.guest().get(product_path(product), {{"If-None-Match", "*"}}).status == 404);
  CHECK(admin.remove(product_path(product)).status == 404);
  CHECK(admin.patch(product_path(product), {{"price", 1}}).status == 404);
  CHECK(admin.put(product_path(product), {{"name", "Lamp"}, {"price", 1}}).status == 404);
  CHECK(found(s, "sort=name") == std::set<int64_t>{other});
  CHECK(found(s, "q=product") == std::set<int64_t>{other});
  const auto refused = s.as(user).post("/api/v1/orders", order_of({{other, 1}, {product, 1}}));
  CHECK(refused.status == 422);
  CHECK(refused.code() == "product_not_found");
  CHECK(s.on_hand(other) == 10);

  CHECK(s.read_order(order) == order);
  s.server.kill();
  s.server.start();
  CHECK(s.guest().get(product_path(product)).status == 404);
  CHECK(s.as(user).get(order_path(order)).as_json() == order);
  // Its stock is still put back once.
  CHECK(s.as(user).post(order_path(order) + "/cancel", json::object()).status == 200);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a product shows its picture and its name elsewhere", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  const std::string picture = "https://shop.test/pictures/lamp.jpg?size=2";
  json wanted{{"name", "Lamp"}, {"price", 5}, {"image_url", picture}, {"external_id", "L-7"}};
  const auto lamp = s.create(products, wanted);
  CHECK(lamp.at("image_url") == picture);
  CHECK(lamp.at("external_id") == "L-7");
  const auto path = product_path(lamp.at("id"));
  const auto priced = admin.patch(path, {{"price", 6}});
  REQUIRE(priced.status == 200);
  CHECK(priced.as_json().at("image_url") == picture);
  REQUIRE(admin.patch(path, {{"image_url", nullptr}}).status == 200);
  CHECK(s.guest().get(path).as_json().at("image_url").is_null());
  CHECK(s.guest().get(path).as_json().at("external_id") == "L-7");
  const auto taken = admin.post(products, wanted);
  CHECK(taken.status == 409);
  CHECK(taken.code() == "external_id_taken");
  wanted["external_id"] = "L-8";
  for (const auto* wrong : {"lamp.jpg", "javascript:alert(1)", "http://"}) {
    INFO(wrong);
    wanted["image_url"] = wrong;
    const auto refused = admin.post(products, wanted);
    CHECK(refused.status == 422);
    CHECK(pointers(refused) == std::set<std::string>{"/image_url"});
  }
}

TEST_CASE("a product's tag changes with everything that it shows", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  auto guest = s.guest();
  const auto product = s.new_product(10);
  const auto path = product_path(product);
  std::set<std::string> tags;
  const auto check_new = [&](const std::string& what) {
    INFO(what);
    const auto got = guest.get(path);
    const auto tag = got.header("ETag");
    CHECK(tags.insert(tag).second);
    CHECK(guest.head(path).header("ETag") == tag);
    for (const auto& condition : {tag, "\"x\", " + tag, "W/" + tag, std::string{"*"}}) {
      const auto same = guest.get(path, {{"If-None-Match", condition}});
      CHECK(same.status == 304);
      CHECK(same.body.empty());
    }
    for (const auto& old : tags)
      if (old != tag)
        CHECK(guest.get(path, {{"If-None-Match", old}}).body == got.body);
  };
  check_new("made");
  REQUIRE(admin.patch(path, {{"price", 6}}).status == 200);
  check_new("changed");
  s.new_order(s.new_user(), {{product, 3}});
  check_new("sold");
  const auto current = guest.get(path).header("ETag");
  const auto listed = admin.patch(path, {{"price", 7}}, {{"If-Match", "\"x\", " + current}});
  CHECK(listed.status == 200);
  CHECK(admin.put(path, {{"name", "Lamp"}, {"price", 8}}, {{"If-Match", current}}).status == 412);
  CHECK(admin.remove(path, {{"If-Match", current}}).status == 412);
  check_new("changed again");
  CHECK(admin.remove(path, {{"If-Match", guest.get(path).header("ETag")}}).status == 204);
  CHECK(s.closed_books() == "");
}
