// Drives what all forms have in common: prefixes, methods, what passes, the end.
// Against a scripted inner application; no server.
#include "http/aliases/form_list.hpp"
#include "tests/http/aliases/fake_api.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace souk;
using namespace souk::test;

TEST_CASE("what is no form passes untouched", "[aliases]") {
  fake_api api;
  api.answer("POST /api/v1/orders?x=1", 201, {{"id", 1}});
  http::request req;
  req.method = "POST";
  req.target = "/api/v1/orders?x=1";
  req.body = "{ }";
  req.content_type = "text/odd";
  req.idempotency_key = "k";
  const auto got = api.send(req);
  CHECK(got.status == 201);
  CHECK(got.body == R"({"id":1})");
  CHECK(api.asked[0].body == "{ }");
  CHECK(api.asked[0].content_type == "text/odd");
  CHECK(api.asked[0].idempotency_key == "k");
  CHECK(api.send("GET", "/nothing").status == 404);
  CHECK(api.send("GET", "/register/%zz").status == 404);
  CHECK(api.asked.back().target == "/register/%zz");
}

TEST_CASE("one prefix is dropped and nothing that only looks like one", "[aliases]") {
  const std::vector<std::pair<std::string, std::string>> rows{
    {"/api/swagger", "/docs"},
    {"/api/", "/"},
    {"/api", "/"},
    {"/api?x=1", "/?x=1"},
    {"/auth-service/api/v1/auth/login", "/api/v1/auth/login"},
    {"/order-service/healthz", "/healthz"},
    {"/api/v1", "/api/v1"},
    {"/api/v1/products", "/api/v1/products"},
    {"/apiary", "/apiary"},
    {"/user-api/user-api/x", "/user-api/x"}};
  for (const auto& [sent, expected] : rows) {
    INFO(sent);
    fake_api api;
    api.send("GET", sent);
    CHECK(api.targets() == std::vector<std::string>{"GET " + expected});
  }
}

TEST_CASE("another method on a form's path is told which there are", "[aliases]") {
  fake_api api;
  const auto got = api.send("DELETE", "/api/products/");
  CHECK(got.status == 405);
  CHECK(header_of(got, "Allow") == "GET, HEAD, POST, OPTIONS");
  CHECK(got.content_type == "application/problem+json");
  CHECK(header_of(api.send("GET", "/order"), "Allow") == "POST, OPTIONS");
  CHECK(header_of(api.send("GET", "/users/me/orders/x"), "Allow").empty());
  CHECK(api.asked.size() == 1);
  CHECK(api.counted == std::vector<std::string>(2, "method_not_allowed"));
  api.answer("OPTIONS *", 204, {}, {{"Allow", "all"}, {"X-Other", "kept"}});
  const auto options = api.send("OPTIONS", "/orders/1");
  CHECK(options.status == 204);
  CHECK(header_of(options, "Allow") == "GET, HEAD, PATCH, OPTIONS");
  CHECK(header_of(options, "X-Other") == "kept");
  api.answer("GET /api/v1/orders/1", 200, order_json());
  CHECK(api.send("HEAD", "/orders/1").status == 200);
  CHECK(api.send("BREW", "/orders/1").status == 404); // as the inner application says
}

TEST_CASE("the caller's credentials go along and those of the inside do not come in", "[aliases]") {
  fake_api api;
  http::request req;
  req.method = "GET";
  req.target = "/orders/5";
  req.user_id = ada_id; // who that is, the API judges
  req.peer = "10.0.0.1";
  req.if_none_match = "\"v1\"";
  api.send(std::move(req));
  CHECK(api.asked[0].user_id == ada_id);
  CHECK(api.asked[0].peer == "10.0.0.1");
  CHECK(api.asked[0].request_id == "test-1");
  CHECK(api.asked[0].if_none_match == "\"v1\"");
  CHECK(api.asked[0].on_behalf_of.empty());
}

TEST_CASE("who still waits at the end is answered once and nothing more is asked", "[aliases]") {
  fake_api api;
  api.answer("GET /api/v1/orders/5", 200, order_json());
  api.hold("GET /api/v1/products/7");
  http::request req;
  req.method = "GET";
  req.target = "/order/5";
  req.authorization = "Bearer t";
  std::optional<http::response> order;
  api.send_later(req, order);
  std::optional<http::response> placed;
  req.method = "POST";
  req.target = "/order?product_id=7&quantity=1";
  api.send_later(req, placed);
  CHECK(!order);
  CHECK(!placed);
  const auto asked = api.asked.size();
  api.end();
  REQUIRE(order);
  CHECK(order->status == 200); // it had been read; what could not be added is null
  CHECK(body_of(*order)["items"][0]["product"].is_null());
  REQUIRE(placed);
  CHECK(placed->status == 503);
  CHECK(api.asked.size() == asked);
}

TEST_CASE("without a token nothing is looked up where one is needed", "[aliases]") {
  fake_api api;
  http::request req;
  req.method = "POST";
  req.content_type = "application/json";
  const std::string body = R"({"product_id":"x","quantity":1,"items":[{"product_id":"x"}]})";
  for (const auto* target : {"/orders", "/order?product_id=x&quantity=1", "/cart/items", "/stock",
                             "/update_order/x", "/user/x/addresses", "/verify-token"}) {
    INFO(target);
    req.method = std::string_view{target}.starts_with("/update") ? "PUT" : "POST";
    req.target = target;
    req.body = body;
    const auto got = api.send(req);
    CHECK(got.status == 401);
    CHECK(header_of(got, "WWW-Authenticate") == "Bearer");
    CHECK(body_of(got)["code"] == "unauthenticated");
  }
  CHECK(api.asked.empty());

  fake_api opened{{.open_catalog = true}};
  opened.answer("PUT /api/v1/stock/1", 200, {{"product_id", 1}, {"stock", 5}});
  opened.answer("GET /api/v1/products/1", 200, {{"id", 1}, {"price", 1}});
  req.method = "POST";
  req.target = "/stock";
  req.body = R"({"product_id":1,"stock":5})";
  CHECK(opened.send(req).status == 200);
}

TEST_CASE("every form is listed once and names its document", "[aliases]") {
  const std::set<std::string> documents{"000", "001", "002", "003", "004"};
  std::set<std::string> named;
  std::set<std::pair<std::string_view, std::string_view>> seen;
  const auto listed = http::aliases::list_forms({}).forms;
  CHECK(listed.size() >= 35);
  for (const auto& x : listed) {
    INFO(x.path);
    CHECK(seen.emplace(to_string(x.method), x.path).second);
    CHECK(!x.summary.empty());
    for (size_t i = 0; i < x.document.size(); i += 5)
      named.insert(x.document.substr(i, 3));
  }
  CHECK(named == documents);
}
