// Drives the forms of the catalog and the cart by plain calls.
// Against a scripted inner application; no server.
#include "http/aliases/translation.hpp"
#include "tests/http/aliases/fake_api.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::test;

namespace {

const json desk{{"id", 7}, {"name", "desk"}, {"price", 15000}};
const std::string uuid = "f767c2cb-215d-469e-a3be-c6e40a6cf47f";
const std::string by_uuid = "GET /api/v1/products?external_id=" + uuid + "&fetch=true";

} // namespace

TEST_CASE("a product keeps its category only if that exists", "[aliases]") {
  fake_api api;
  api.answer("POST /api/v1/products", 201, desk);
  api.answer("GET /api/v1/categories/2", 200, {{"id", 2}});
  const json sent{{"name", "desk"}, {"price", "15000"}, {"detail", "oak"}, {"category_id", "1"}};
  const auto got = api.send("POST", "/products", sent);
  CHECK(got.status == 200);
  CHECK(body_of(got) == desk);
  CHECK(header_of(got, "Warning").rfind("299 souk", 0) == 0);
  CHECK(api.last_body() == json{{"name", "desk"}, {"price", "15000"}, {"detail", "oak"}});
  auto known = sent;
  known["category_id"] = 2;
  CHECK(header_of(api.send("POST", "/api/products/", known), "Warning").empty());
  CHECK(api.last_body()["category_id"] == 2);
}

TEST_CASE("a change of a product names a category that exists, or the API refuses it",
          "[aliases]") {
  for (const std::string method : {"PUT", "PATCH"}) {
    fake_api api;
    api.answer("GET /api/v1/products/7", 200, desk);
    api.answer(method + " /api/v1/products/7", 422, {{"code", "category_not_found"}});
    const auto got = api.send(method, "/products/7", {{"price", 1}, {"category_id", 999}});
    CHECK(body_of(got)["code"] == "category_not_found");
    CHECK(api.last_body()["category_id"] == 999);
  }
}

TEST_CASE("a product's detail has the name that was sent, too", "[aliases]") {
  fake_api api;
  auto oak = desk;
  oak["detail"] = "oak";
  api.answer("GET /api/v1/products/7", 200, oak);
  api.answer("GET /api/v1/products?limit=200", 200, json::array({oak}));
  CHECK(body_of(api.send("GET", "/products/7"))["description"] == "oak");
  CHECK(body_of(api.send("GET", "/products"))[0]["description"] == "oak");
  CHECK(body_of(api.send("GET", "/products"))[0]["detail"] == "oak");
}

TEST_CASE("the catalog is open only to its two forms and only if the settings say so",
          "[aliases]") {
  for (const bool open : {false, true}) {
    fake_api api{http::aliases::rules{open}};
    api.answer("GET /api/v1/products/7", 200, desk);
    api.answer("POST /api/v1/products", 201, desk);
    api.answer("PUT /api/v1/stock/7", 200, {{"product_id", 7}, {"stock", 50}});
    api.send("POST", "/products", {{"name", "desk"}, {"price", 1}});
    CHECK(api.asked.back().trusted_catalog == open);
    api.send("POST", "/stock", {{"product_id", 7}, {"stock", 50}});
    CHECK(api.asked.back().trusted_catalog == open);
    api.send("POST", "/api/v1/products", {{"name", "desk"}, {"price", 1}});
    CHECK(!api.asked.back().trusted_catalog);
    api.send("POST", "/api/v1/product", {{"name", "desk"}, {"price", 1}});
    CHECK(!api.asked.back().trusted_catalog);
  }
}

TEST_CASE("a stock is set by number, by text and by external id", "[aliases]") {
  fake_api api;
  api.answer("GET /api/v1/products/7", 200, desk);
  api.answer(by_uuid, 200, json::array({desk}));
  api.answer("PUT /api/v1/stock/7", 200,
             {{"product_id", 7}, {"stock", 50}, {"reserved", 0}, {"version", 2}});
  for (const auto& id : std::vector<json>{7, "7", uuid}) {
    const auto got = api.send("POST", "/stock", {{"product_id", id}, {"stock", "50"}});
    CHECK(got.status == 200);
    CHECK(body_of(got) == json{{"id", 7}, {"product_id", 7}, {"stock", 50}});
    CHECK(api.last_body() == json{{"stock", 50}});
  }
  const auto asked = api.asked.size();
  const auto missing = api.send("POST", "/stock", {{"stock", 50}});
  CHECK(missing.status == 422);
  CHECK(body_of(missing)["errors"][0]["pointer"] == "/product_id");
  CHECK(api.asked.size() == asked);
}

TEST_CASE("categories and products of 001 go to their canonical routes", "[aliases]") {
  fake_api api;
  api.answer("POST /api/v1/categories", 201, {{"id", 1}, {"name", "e"}, {"level", 0}});
  api.answer("POST /api/v1/products", 201, desk);
  const auto category = api.send("POST", "/api/v1/category", {{"name", "e"}, {"parent_id", "0"}});
  CHECK(category.status == 200);
  CHECK(api.last_body() == json{{"name", "e"}, {"parent_id", 0}});
  const json sent{{"name", "s"}, {"price", 30000}, {"quantity", 50}, {"category_id", 1}};
  CHECK(api.send("POST", "/api/v1/product", sent).status == 200);
  CHECK(api.last_body() == sent);
}

TEST_CASE("a list comes whole from its pages", "[aliases]") {
  fake_api api;
  const std::string first = "GET /api/v1/products?category=3&limit=200";
  api.answer(first, 200, json::array({{{"id", 1}}, {{"id", 2}}}),
             {{"Link", "</api/v1/products?cursor=c2&limit=200&category=3>; rel=\"next\""}});
  api.answer(first + "&cursor=c2", 200, json::array({{{"id", 3}}}));
  const auto got = api.send("GET", "/api/v1/products_with_category?id=3");
  CHECK(got.status == 200);
  CHECK(body_of(got) == json::array({{{"id", 1}}, {{"id", 2}}, {{"id", 3}}}));
  CHECK(header_of(got, "Link").empty());
  const auto asked = api.asked.size();
  const auto missing = api.send("GET", "/api/v1/products_with_category");
  CHECK(missing.status == 422);
  CHECK(body_of(missing)["errors"][0]["pointer"] == "/query/id");
  CHECK(api.asked.size() == asked);
}

TEST_CASE("a list that is too long ends with a link to its rest", "[aliases]") {
  fake_api api;
  auto page = json::array();
  for (int i = 0; i < 200; ++i)
    page.push_back(i);
  const std::string link = "</api/v1/products?cursor=c9&limit=200>; rel=\"next\"";
  api.answer("GET /api/v1/products?q=a%20b&limit=200", 200, page, {{"Link", link}});
  api.answer("GET /api/v1/products?q=a%20b&limit=200&cursor=c9", 200, page, {{"Link", link}});
  const auto got = api.send("GET", "/api/products/?q=a+b");
  CHECK(body_of(got).size() == http::aliases::max_joined_rows);
  CHECK(header_of(got, "Link") == "</products/?cursor=c9&q=a%20b>; rel=\"next\"");
  CHECK(api.asked.size() == http::aliases::max_joined_rows / 200);
  api.answer("GET /api/v1/products?limit=2", 200, page, {{"Link", link}});
  CHECK(header_of(api.send("GET", "/products?limit=2"), "Link")
        == "</products?cursor=c9&limit=2>; rel=\"next\"");
}

TEST_CASE("a failing page is the list's answer", "[aliases]") {
  fake_api api;
  api.answer("GET /api/v1/products?limit=200", 503, {{"code", "overloaded"}});
  CHECK(api.send("GET", "/products").status == 503);
}

TEST_CASE("a product is named by number or external id", "[aliases]") {
  fake_api api;
  api.answer("GET /api/v1/products/7", 200, desk, {{"ETag", "\"p1.s1\""}});
  api.answer(by_uuid, 200, json::array({desk}));
  api.answer("GET /api/v1/products?external_id=none&fetch=true", 200, json::array());
  api.answer("GET /api/v1/products?external_id=away&fetch=true", 503, {{"code", "overloaded"}});
  api.answer("PUT /api/v1/products/7", 200, desk);
  api.answer("PATCH /api/v1/products/7", 200, desk);
  api.answer("DELETE /api/v1/products/7", 204, {});
  for (const auto& id : {std::string{"7"}, uuid}) {
    INFO(id);
    CHECK(body_of(api.send("GET", "/api/products/" + id)) == desk);
    for (const std::string method : {"PUT", "PATCH"}) {
      CHECK(api.send(method, "/products/" + id, {{"price", 1}}).status == 200);
      CHECK(api.last_body() == json{{"price", 1}});
    }
    const auto gone = api.send("DELETE", "/products/" + id);
    CHECK(gone.status == 200);
    CHECK(body_of(gone).contains("message"));
  }
  CHECK(api.send("GET", "/products/none").status == 404);
  CHECK(api.send("GET", "/products/away").status == 503);
  CHECK(api.send("GET", "/products/99").status == 404);
}

TEST_CASE("the cart takes products by external id and answers the line", "[aliases]") {
  fake_api api;
  const json line{{"product_id", 7}, {"name", "desk"}, {"quantity", 2}, {"subtotal", 30000}};
  const json cart{{"items", json::array({line})}, {"total_quantity", 2}, {"total_amount", 30000}};
  api.answer(by_uuid, 200, json::array({desk}));
  api.answer("POST /api/v1/cart/items", 201, cart);
  api.answer("GET /api/v1/cart", 200, cart);
  const auto got =
    api.send("POST", "/cart-api/cart/items", {{"product_id", uuid}, {"quantity", 2}});
  CHECK(got.status == 200);
  CHECK(api.last_body() == json{{"product_id", 7}, {"quantity", 2}});
  CHECK(body_of(got)["items"] == cart["items"]);
  CHECK(body_of(got)["subtotal"] == 30000);
  CHECK(body_of(api.send("GET", "/cart-api/cart/items/")) == cart["items"]);
  const auto unknown = api.send("POST", "/cart/items", {{"product_id", "none"}, {"quantity", 1}});
  CHECK(unknown.status == 422);
  CHECK(body_of(unknown)["code"] == "product_not_found");
  CHECK(body_of(unknown)["errors"][0]["pointer"] == "/product_id");
}
