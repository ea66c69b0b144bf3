// Drives the routes of the catalog through the API's application: lists, categories, imports.
// Against scripted actors on a real actor system and io_context; no server.
#include "tests/http/routes/fake_shop.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace souk;
using namespace souk::test;
using actors::ec;
using nlohmann::json;

namespace {

struct catalog_api {
  answered get(const std::string& target) {
    http::request req;
    req.method = "GET";
    req.target = target;
    return shop.call(std::move(req));
  }
  answered change(const std::string& method, const std::string& target,
                  const std::string& body = {}, const std::string& key = {}) {
    http::request req;
    req.method = method;
    req.target = target;
    req.body = body;
    req.content_type = "application/json";
    req.authorization = shop.bearer(grace());
    req.has_idempotency_key = !key.empty();
    req.idempotency_key = key;
    return shop.call(std::move(req));
  }

  fake_shop shop;
};

/// The target of a Link.
std::string next_of(const answered& a) {
  const auto link = a.header("Link");
  return link.empty() ? link : link.substr(1, link.find('>') - 1);
}

actors::category_view category(int64_t id, int64_t parent, std::string name, int64_t level) {
  actors::category_view x;
  x.category.id = id;
  x.category.parent_id = parent;
  x.category.name = std::move(name);
  x.level = level;
  return x;
}

} // namespace

TEST_CASE_METHOD(catalog_api, "a list says what is wanted, and its Link continues it", "[api]") {
  actors::list_products seen;
  shop.script.list_products = [&](const actors::list_products& x) {
    seen = x;
    actors::product_page page{{some_product()}, true, "a \xc3\xa9/+ name"};
    return page;
  };
  const auto first = get("/api/v1/products?q=oak%20desk&category=3&min_price=1.50&max_price=20"
                         "&in_stock=true&sort=-name&limit=1");
  REQUIRE(first.status == 200);
  CHECK(seen.search == "oak desk");
  CHECK(seen.category_id == 3);
  CHECK(seen.min_price == 150);
  CHECK(seen.max_price == 2000);
  CHECK(seen.in_stock == true);
  CHECK(seen.sort == actors::product_sort::name);
  CHECK(seen.descending);
  CHECK(seen.after_id == 0);
  const auto next = next_of(first);
  REQUIRE(get(next).status == 200);
  CHECK(seen.after_id == 7);
  CHECK(seen.after_key == "a \xc3\xa9/+ name");
  CHECK(seen.search == "oak desk");
  CHECK(seen.min_price == 150);
  CHECK(seen.descending);
  // The cursor belongs to its order.
  auto other = next;
  other.replace(other.find("sort=-name"), 10, "sort=price");
  CHECK(get(other).status == 422);
}

TEST_CASE_METHOD(catalog_api, "a search is by relevance unless another order is wanted", "[api]") {
  actors::list_products seen;
  shop.script.list_products = [&](const actors::list_products& x) {
    seen = x;
    return actors::product_page{};
  };
  CHECK(get("/api/v1/products?q=oak").status == 200);
  CHECK(seen.sort == actors::product_sort::relevance);
  CHECK(get("/api/v1/products?q=oak&sort=price").status == 200);
  CHECK(seen.sort == actors::product_sort::price);
  CHECK(get("/api/v1/products?external_id=a%2Fb").status == 200);
  CHECK(seen.external_id == "a/b");
  CHECK(seen.sort == actors::product_sort::id);
  for (const auto* bad : {"sort=size", "in_stock=maybe", "min_price=-1", "min_price=1.234",
                          "category=0", "q=", "cursor=c", "cursor=pz.x", "cursor=zz"}) {
    CAPTURE(bad);
    CHECK(get(std::string{"/api/v1/products?"} + bad).status == 422);
  }
}

TEST_CASE("a cursor comes back as it was, and others are refused", "[views]") {
  using actors::product_sort;
  for (const http::product_cursor& x :
       {http::product_cursor{product_sort::id, false, 7, ""},
        {product_sort::price, true, 1LL << 52, "1999"},
        {product_sort::created_at, false, 7, "1763717405007"},
        {product_sort::relevance, false, 7, "1"},
        {product_sort::name, true, (1LL << 53) - 1, std::string(160, '\x7f')}}) {
    const auto text = http::encode_product_cursor(x);
    CHECK(text.size() <= 256);
    const auto back = http::decode_product_cursor(text);
    REQUIRE(back);
    CHECK(back->sort == x.sort);
    CHECK(back->descending == x.descending);
    CHECK(back->last_id == x.last_id);
    CHECK(back->last_key == x.last_key);
  }
  for (const auto* bad :
       {"", "c", "c0", "p7", "p7.YWJj", "r7.Mg", "n7._w", "x7", "c7.MQ", "p7.!"}) {
    CAPTURE(bad);
    CHECK_FALSE(http::decode_product_cursor(bad));
  }
}

TEST_CASE_METHOD(catalog_api, "products take images and external ids, and are deleted", "[api]") {
  actors::update_product seen;
  shop.script.update_product = [&](const actors::update_product& x) {
    seen = x;
    return actors::product_answer{some_product(), false};
  };
  const auto path = "/api/v1/products/7";
  CHECK(change("PATCH", path, R"({"image_url":"https://x.example/a.png","external_id":"e"})").status
        == 200);
  CHECK(seen.image_url == "https://x.example/a.png");
  CHECK(seen.external_id == "e");
  CHECK_FALSE(seen.name);
  CHECK(change("PATCH", path, R"({"image_url":null,"external_id":null})").status == 200);
  CHECK(seen.image_url == "");
  CHECK(seen.external_id == "");
  CHECK(change("PUT", path, R"({"name":"n","price":1})").status == 200);
  CHECK(seen.image_url == "");
  CHECK_FALSE(seen.external_id);
  CHECK(change("PATCH", path, R"x({"image_url":"javascript:alert(1)"})x").status == 422);
  CHECK(change("PATCH", path, R"({"image_url":"https://a b"})").status == 422);
  const auto gone = change("DELETE", path);
  CHECK(gone.status == 204);
  CHECK(gone.body.empty());
  CHECK(seen.remove);
  CHECK(seen.id == 7);
}

TEST_CASE_METHOD(catalog_api, "categories are told flat or nested, by their one owner", "[api]") {
  shop.script.list_categories = [](const actors::list_categories&) {
    return actors::category_list{{category(3, 0, "A", 0), category(4, 3, "B", 1),
                                  category(5, 4, "C", 2), category(6, 3, "D", 1),
                                  category(7, 0, "E", 0)}};
  };
  const auto flat = json::parse(get("/api/v1/categories").body);
  REQUIRE(flat.size() == 5);
  CHECK(flat[0] == json({{"id", 3}, {"parent_id", nullptr}, {"name", "A"}, {"level", 0}}));
  CHECK(flat[2]["parent_id"] == 4);
  CHECK(shop.script.shard == 0);
  const auto tree = json::parse(get("/api/v1/categories?tree=true").body);
  REQUIRE(tree.size() == 2);
  REQUIRE(tree[0]["children"].size() == 2);
  CHECK(tree[0]["children"][0]["children"][0]["name"] == "C");
  CHECK(tree[0]["children"][1]["name"] == "D");
  CHECK(tree[1]["children"].empty());
}

TEST_CASE_METHOD(catalog_api, "categories are made, changed and taken away", "[api]") {
  shop.script.create_category =
    [](const actors::create_category& x) -> caf::result<actors::category_answer> {
    if (x.category.parent_id == 9)
      return caf::make_error(ec::category_not_found);
    return actors::category_answer{category(4, x.category.parent_id, x.category.name, 0), false};
  };
  const auto path = "/api/v1/categories";
  const auto made = change("POST", path, R"({"name":"A","parent_id":0})");
  CHECK(made.status == 201);
  CHECK(made.header("Location") == "/api/v1/categories/4");
  CHECK(json::parse(made.body)["parent_id"].is_null());
  const auto lost = change("POST", path, R"({"name":"A","parent_id":9})");
  CHECK(lost.status == 422);
  CHECK(json::parse(lost.body)["errors"][0]["pointer"] == "/parent_id");
  CHECK(change("POST", path, R"({"name":""})").status == 422);
  std::optional<int64_t> parent;
  shop.script.update_category =
    [&](const actors::update_category& x) -> caf::result<actors::category_answer> {
    parent = x.parent_id;
    if (x.parent_id == 4)
      return caf::make_error(ec::category_cycle);
    return actors::category_answer{category(4, 0, *x.name, 0), true};
  };
  const auto renamed = change("PUT", "/api/v1/categories/4", R"({"name":"B"})");
  CHECK(renamed.status == 200);
  CHECK(renamed.header("Idempotent-Replayed") == "true");
  CHECK_FALSE(parent);
  change("PUT", "/api/v1/categories/4", R"({"name":"B","parent_id":null})");
  CHECK(parent == 0);
  const auto cycle = change("PUT", "/api/v1/categories/4", R"({"name":"B","parent_id":4})");
  CHECK(cycle.status == 409);
  CHECK(json::parse(cycle.body)["code"] == "category_cycle");
  shop.script.delete_category = [](const actors::delete_category& x) {
    return x.id == 4 ? caf::result<actors::category_answer>{caf::make_error(ec::category_not_empty)}
                     : caf::result<actors::category_answer>{actors::category_answer{}};
  };
  CHECK(change("DELETE", "/api/v1/categories/4").status == 409);
  CHECK(change("DELETE", "/api/v1/categories/5").status == 204);
}

TEST_CASE_METHOD(catalog_api, "an import makes and changes each product for itself", "[api]") {
  std::vector<actors::create_product> made;
  std::vector<actors::update_product> changed;
  int looked = 0;
  shop.script.find_products = [&](const actors::find_products& x) {
    actors::found_products out;
    ++looked;
    for (const auto& id : x.external_ids)
      if (id == "old" || looked > 1)
        out.items.push_back({id, id == "old" ? 17 : 18});
    return out;
  };
  shop.script.create_product =
    [&](const actors::create_product& x) -> caf::result<actors::product_answer> {
    made.push_back(x);
    if (x.product.external_id == "raced")
      return caf::make_error(ec::external_id_taken);
    auto view = some_product();
    view.product.id = 20 + static_cast<int64_t>(made.size());
    view.product.version = 1;
    return actors::product_answer{view, false};
  };
  shop.script.update_product =
    [&](const actors::update_product& x) -> caf::result<actors::product_answer> {
    changed.push_back(x);
    if (x.id == 99)
      return caf::make_error(ec::not_found);
    auto view = some_product();
    view.product.id = x.id;
    return actors::product_answer{view, false};
  };
  const auto answer = change("POST", "/api/v1/products/import", R"({"items":[
    {"external_id":"new","name":"A","price":"1.50","quantity":3},
    {"external_id":"old","name":"B","price":2,"quantity":0,"detail":null},
    {"name":"","price":-1},
    {"id":99,"name":"C","price":3},
    {"external_id":"raced","name":"D","price":4},
    {"name":"E","price":5,"currency":"USD"},
    {"name":"F","price":6,"currency":"JPY"}]})",
                             "key");
  REQUIRE(answer.status == 200);
  const auto results = json::parse(answer.body)["results"];
  REQUIRE(results.size() == 7);
  CHECK(results[0]["status"] == 201);
  CHECK(results[1]["status"] == 200);
  CHECK(results[1]["id"] == 17);
  CHECK(results[2]["status"] == 422);
  CHECK(results[2]["id"].is_null());
  CHECK(results[2]["errors"].size() == 2);
  CHECK(results[2]["errors"][0]["pointer"] == "/items/2/name");
  CHECK(results[3]["status"] == 404);
  CHECK(results[4]["status"] == 200);
  CHECK(results[4]["id"] == 18);
  CHECK(results[5]["status"] == 201);
  CHECK(results[6]["status"] == 422);
  CHECK(results[6]["errors"][0]["pointer"] == "/items/6/currency");
  CHECK(looked == 2);
  REQUIRE(made.size() == 3);
  CHECK(made[0].product.price == 150);
  CHECK(made[0].quantity == 3);
  CHECK(made[0].call.key.id != made[1].call.key.id);
  const auto old = std::find_if(changed.begin(), changed.end(), [](auto& x) { return x.id == 17; });
  REQUIRE(old != changed.end());
  CHECK(old->quantity == 0);
  CHECK(old->detail == "");
  CHECK_FALSE(old->image_url);
  CHECK_FALSE(old->category_id);
}

TEST_CASE_METHOD(catalog_api, "an import that has begun says of each item what became of it",
                 "[api]") {
  int looked = 0;
  shop.script.find_products =
    [&](const actors::find_products&) -> caf::result<actors::found_products> {
    if (++looked > 1)
      return caf::make_error(ec::overloaded);
    return actors::found_products{};
  };
  shop.script.create_product =
    [&](const actors::create_product& x) -> caf::result<actors::product_answer> {
    if (x.product.external_id == "raced")
      return caf::make_error(ec::external_id_taken);
    auto view = some_product();
    view.product.version = 1;
    return actors::product_answer{view, false};
  };
  const auto answer = change("POST", "/api/v1/products/import", R"({"items":[
    {"external_id":"new","name":"A","price":1},
    {"external_id":"raced","name":"B","price":2}]})");
  REQUIRE(answer.status == 200);
  const auto results = json::parse(answer.body)["results"];
  REQUIRE(results.size() == 2);
  CHECK(looked == 2);
  CHECK(results[0]["status"] == 201);
  CHECK(results[0]["id"] == 7);
  CHECK(results[1]["status"] == 503);
  CHECK(results[1]["code"] == "overloaded");
  CHECK(results[1]["id"].is_null());
}

TEST_CASE_METHOD(catalog_api, "an import of too many, of none, or without the store fails",
                 "[api]") {
  shop.script.find_products =
    [](const actors::find_products&) -> caf::result<actors::found_products> {
    return caf::make_error(ec::database_unavailable);
  };
  const auto path = "/api/v1/products/import";
  CHECK(change("POST", path, R"({"items":[]})").status == 422);
  CHECK(change("POST", path, R"({"items":[{"external_id":"a","name":"A","price":1}]})").status
        == 503);
  CHECK(change("POST", path, R"({"items":[7]})").status == 200);
  std::string many = R"({"items":[)";
  for (int i = 0; i < 501; ++i)
    many += i == 0 ? "{}" : ",{}";
  CHECK(change("POST", path, many + "]}").status == 422);
}

TEST_CASE_METHOD(catalog_api, "movements are paged, newest first", "[api]") {
  actors::list_movements seen;
  shop.script.list_movements =
    [&](const actors::list_movements& x) -> caf::result<actors::movement_page> {
    seen = x;
    if (x.product_id == 8)
      return caf::make_error(ec::not_found);
    return actors::movement_page{{{31, 7, -2, "order", 123, 1}, {30, 7, 5, "initial", 0, 1}}, true};
  };
  CHECK(get("/api/v1/stock/7/movements").status == 401);
  const auto page = change("GET", "/api/v1/stock/7/movements?limit=2");
  REQUIRE(page.status == 200);
  const auto items = json::parse(page.body);
  CHECK(items[0]["order_id"] == 123);
  CHECK(items[0]["delta"] == -2);
  CHECK(items[1]["order_id"].is_null());
  CHECK(change("GET", next_of(page)).status == 200);
  CHECK(seen.product_id == 7);
  CHECK(seen.before_id == 30);
  CHECK(seen.limit == 2);
  CHECK(change("GET", "/api/v1/stock/8/movements").status == 404);
}
