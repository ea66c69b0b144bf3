// Drives the API's application request by request: what every route has in common.
// Against scripted actors on a real actor system and io_context; no server.
#include "http/server/exchange.hpp"
#include "tests/http/routes/fake_shop.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace souk;
using namespace souk::test;
using actors::ec;
using nlohmann::json;

namespace {

http::request get(std::string target, std::string authorization = {}) {
  http::request out;
  out.method = "GET";
  out.target = std::move(target);
  out.authorization = std::move(authorization);
  return out;
}

http::request send_json(std::string method, std::string target, std::string body,
                        std::string authorization = {}) {
  auto out = get(std::move(target), std::move(authorization));
  out.method = std::move(method);
  out.body = std::move(body);
  out.content_type = "application/json";
  return out;
}

constexpr const char* one_line = R"({"items":[{"product_id":7,"quantity":2}]})";

http::request order_request(const fake_shop& shop) {
  return send_json("POST", "/api/v1/orders", one_line, shop.bearer(ada()));
}

void place_all(fake_shop& shop) {
  shop.script.place_order = [](const actors::place_order&) {
    return actors::order_answer{some_order(), false};
  };
}

std::string code_of(const answered& a) {
  return json::parse(a.body)["code"];
}

} // namespace

TEST_CASE("every answer forbids sniffing, and private ones caching", "[api]") {
  fake_shop shop;
  shop.script.get_product = [](const actors::get_product&) { return some_product(); };
  shop.script.get_user = [](const actors::get_user&) { return ada(); };
  const auto open = shop.call(get("/api/v1/products/7"));
  CHECK(open.status == 200);
  CHECK(open.header("X-Content-Type-Options") == "nosniff");
  CHECK(open.header("Cache-Control") == "no-cache");
  const auto own = shop.call(get("/api/v1/users/me", shop.bearer(ada())));
  CHECK(own.status == 200);
  CHECK(own.header("Cache-Control") == "no-store");
  CHECK(shop.call(get("/nothing")).header("X-Content-Type-Options") == "nosniff");
}

TEST_CASE("what is no route is said as a problem", "[api]") {
  fake_shop shop;
  const auto missing = shop.call(get("/api/v1/nothing"));
  CHECK(missing.status == 404);
  CHECK(missing.content_type == "application/problem+json");
  CHECK(json::parse(missing.body)["instance"] == "test-1");
  auto wrong = get("/api/v1/products/7");
  wrong.method = "POST";
  const auto refused = shop.call(wrong);
  CHECK(refused.status == 405);
  CHECK(refused.header("Allow") == "GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
  wrong.method = "OPTIONS";
  const auto options = shop.call(wrong);
  CHECK(options.status == 204);
  CHECK(options.body.empty());
  CHECK(options.header("Allow") == "GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
  wrong.method = "FROB";
  CHECK(shop.call(wrong).status == 501);
  CHECK(shop.call(get("/%zz")).status == 400);
}

TEST_CASE("without a valid token there is 401, without the role 403", "[api]") {
  fake_shop shop;
  const auto without = shop.call(get("/api/v1/users/me"));
  CHECK(without.status == 401);
  CHECK(without.header("WWW-Authenticate") == "Bearer");
  const auto invalid = shop.call(get("/api/v1/users/me", "Bearer a.b.c"));
  CHECK(invalid.status == 401);
  CHECK(invalid.header("WWW-Authenticate") == "Bearer error=\"invalid_token\"");
  CHECK(shop.call(get("/api/v1/users/me", "Basic YTpi")).status == 401);
  const auto user = shop.call(get("/api/v1/stock/7", shop.bearer(ada())));
  CHECK(user.status == 403);
  CHECK(code_of(user) == "forbidden");
}

TEST_CASE("a body must be there, be JSON, in UTF-8, and make sense", "[api]") {
  fake_shop shop;
  const auto with = [&](std::string body, std::string type) {
    auto req = order_request(shop);
    req.body = std::move(body);
    req.content_type = std::move(type);
    return shop.call(req);
  };
  place_all(shop);
  CHECK(with(one_line, "application/json").status == 201);
  CHECK(with(one_line, "Application/JSON ; charset=UTF-8; x=y").status == 201);
  CHECK(with("", "application/json").status == 400);
  CHECK(with("{", "application/json").status == 400);
  CHECK(with("{\"a\":1,\"a\":2}", "application/json").status == 400);
  CHECK(with("\"\xff\"", "application/json").status == 400);
  for (const auto* type :
       {"", "text/plain", "application/json; charset=latin1", "application/x-www-form-urlencoded"})
    CHECK(with(one_line, type).status == 415);
  const auto wrong = with(R"({"items":[{"product_id":0,"quantity":-1}]})", "application/json");
  CHECK(wrong.status == 422);
  CHECK(json::parse(wrong.body)["errors"].size() == 2);
}

TEST_CASE("a query must be readable and make sense", "[api]") {
  fake_shop shop;
  shop.script.list_products = [](const actors::list_products&) { return actors::product_page{}; };
  CHECK(shop.call(get("/api/v1/products?limit=5&other=1")).status == 200);
  CHECK(shop.call(get("/api/v1/products?limit=%")).status == 400);
  const auto wrong = shop.call(get("/api/v1/products?limit=0&cursor=x"));
  CHECK(wrong.status == 422);
  CHECK(json::parse(wrong.body)["errors"][0]["pointer"] == "/query/limit");
  CHECK(json::parse(wrong.body)["errors"][1]["pointer"] == "/query/cursor");
  CHECK(shop.call(get("/api/v1/products?limit=1&limit=2")).status == 422);
}

TEST_CASE("an Idempotency-Key reaches the shard as id and fingerprint", "[api]") {
  fake_shop shop;
  std::vector<actors::idempotency_key> seen;
  shop.script.place_order = [&](const actors::place_order& x) {
    seen.push_back(x.call.key);
    return actors::order_answer{some_order(), seen.size() > 1};
  };
  auto req = order_request(shop);
  req.has_idempotency_key = true;
  req.idempotency_key = "k1";
  CHECK(shop.call(req).header("Idempotent-Replayed").empty());
  req.target = "/api/v1/orders/";
  const auto again = shop.call(req);
  CHECK(again.status == 201);
  CHECK(again.header("Idempotent-Replayed") == "true");
  req.body += " ";
  shop.call(req);
  REQUIRE(seen.size() == 3);
  CHECK(seen[0].id.size() == 32);
  CHECK(seen[0].id == seen[1].id);
  CHECK(seen[0].fingerprint == seen[1].fingerprint);
  CHECK(seen[0].id == seen[2].id);
  CHECK(seen[0].fingerprint != seen[2].fingerprint);
  for (const auto& bad : {std::string{}, std::string(256, 'x'), std::string{"a\tb"}}) {
    req.idempotency_key = bad;
    CHECK(shop.call(req).status == 400);
  }
}

TEST_CASE("a command says who asks, with which role, and until when", "[api]") {
  fake_shop shop;
  actors::call seen;
  shop.script.get_stock = [&](const actors::get_stock& x) {
    seen = x.call;
    return some_stock();
  };
  CHECK(shop.call(get("/api/v1/stock/7", shop.bearer(grace()))).status == 200);
  CHECK(seen.request_id == "test-1");
  CHECK(seen.caller == grace().id);
  CHECK(seen.role == domain::user_role::admin);
  CHECK(seen.deadline > 1'700'000'000'000);
  CHECK(seen.key.id.empty());
}

TEST_CASE("beyond the admitted number of requests there is 503 at once", "[api]") {
  std::shared_ptr<http::doors> doors;
  fake_shop shop{[&](http::backend& b) {
    b.doors = doors = std::make_shared<http::doors>(2);
    b.write_deadline = std::chrono::milliseconds{-900};
  }};
  shop.script.silent = true;
  const auto first = shop.send(order_request(shop));
  const auto second = shop.send(order_request(shop));
  CHECK(doors->order.inside() == 2);
  const auto third = shop.send(order_request(shop));
  REQUIRE(third->has_value());
  CHECK((*third)->status == 503);
  CHECK(code_of(**third) == "overloaded");
  CHECK((*third)->header("Retry-After") == "1");
  shop.script.get_product = [](const actors::get_product&) { return some_product(); };
  CHECK(shop.call(get("/api/v1/products/7")).status == 200);
  CHECK(shop.run_until([&] { return first->has_value() && second->has_value(); }));
  CHECK(doors->order.inside() == 0);
}

TEST_CASE("a change that nobody answers is unknown", "[api]") {
  fake_shop shop{[](http::backend& b) { b.write_deadline = std::chrono::milliseconds{-900}; }};
  shop.script.silent = true;
  const auto answer = shop.call(order_request(shop));
  CHECK(answer.status == 503);
  CHECK(code_of(answer) == "outcome_unknown");
}

TEST_CASE("a shard that was not started yet is overloaded", "[api]") {
  fake_shop shop;
  shop.unplace_orders();
  const auto answer = shop.call(order_request(shop));
  CHECK(answer.status == 503);
  CHECK(code_of(answer) == "overloaded");
}

TEST_CASE("whoever still waits when the API ends is told so", "[api]") {
  fake_shop shop;
  shop.script.silent = true;
  const auto waiting = shop.send(order_request(shop));
  shop.end_api();
  REQUIRE(waiting->has_value());
  CHECK((*waiting)->status == 503);
  CHECK(code_of(**waiting) == "outcome_unknown");
}

TEST_CASE("the root and the health page are always well", "[api]") {
  fake_shop shop;
  for (const auto* path : {"/", "/healthz", "/healthz/"}) {
    const auto answer = shop.call(get(path));
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"status":"ok"})");
  }
}

TEST_CASE("ready means: all shards placed, the database answers, and not stopping", "[api]") {
  bool serving = true;
  fake_shop shop{[&](http::backend& b) { b.ready = [&] { return serving; }; }};
  CHECK(shop.call(get("/readyz")).status == 200);
  serving = false;
  CHECK(code_of(shop.call(get("/readyz"))) == "not_ready");
  serving = true;
  shop.script.store_answers = false;
  CHECK(shop.call(get("/readyz")).status == 503);
  shop.script.store_answers = true;
  shop.unplace_orders();
  CHECK(code_of(shop.call(get("/readyz"))) == "not_ready");
}

TEST_CASE("the API describes itself", "[api]") {
  fake_shop shop;
  const auto answer = shop.call(get("/openapi.json"));
  CHECK(answer.status == 200);
  CHECK(answer.content_type == "application/json");
  CHECK(json::parse(answer.body)["paths"].contains("/api/v1/orders"));
}
