// Drives the routes of orders through the API's application.
// Against scripted actors on a real actor system and io_context; no server.
#include "tests/http/routes/fake_shop.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace souk;
using namespace souk::test;
using actors::ec;
using nlohmann::json;

namespace {

http::request make(std::string method, std::string target, std::string body,
                   std::string authorization) {
  http::request out;
  out.method = std::move(method);
  out.target = std::move(target);
  out.body = std::move(body);
  out.content_type = "application/json";
  out.authorization = std::move(authorization);
  return out;
}

std::string code_of(const answered& a) {
  return json::parse(a.body)["code"];
}

template <class Answer>
auto refuse(caf::error err) {
  return [err](const auto&) -> caf::result<Answer> { return err; };
}

} // namespace

TEST_CASE("an order is placed by the shard of its user", "[api]") {
  fake_shop shop;
  actors::place_order seen;
  shop.script.place_order = [&](const actors::place_order& x) {
    seen = x;
    return actors::order_answer{some_order(), false};
  };
  const auto answer =
    shop.call(make("POST", "/api/v1/orders",
                   R"({"items":[{"product_id":7,"quantity":1},{"product_id":8,"quantity":5},
                      {"product_id":7,"quantity":2}],
             "payment_method":"prepaid","note":"ring twice",
             "shipping_address":{"street":"s","city":"c","country":"US"}})",
                   shop.bearer(ada())));
  CHECK(answer.status == 201);
  CHECK(answer.header("Location") == "/api/v1/orders/123");
  CHECK(answer.header("ETag") == "\"v3\"");
  CHECK(answer.header("RateLimit-Policy").empty());
  CHECK(json::parse(answer.body)["total_amount"] == 39.98);
  CHECK(shop.script.shard == domain::shard_of(ada().id, fake_shards));
  CHECK(seen.call.caller == ada().id);
  REQUIRE(seen.lines.size() == 2);
  CHECK(seen.lines[0].product_id == 7);
  CHECK(seen.lines[0].quantity == 3);
  CHECK(seen.lines[1].quantity == 5);
  CHECK(seen.payment == domain::payment_method::prepaid);
  CHECK(seen.note == "ring twice");
  REQUIRE(seen.shipping_address);
  CHECK(seen.shipping_address->street == "s");
  CHECK(seen.shipping_address->state.empty());
}

TEST_CASE("an order that cannot be placed says why, by line", "[api]") {
  fake_shop shop;
  const auto req = make("POST", "/api/v1/orders",
                        R"({"items":[{"product_id":8,"quantity":1},
                                     {"product_id":7,"quantity":5}]})",
                        shop.bearer(ada()));
  shop.script.place_order = refuse<actors::order_answer>(
    caf::make_error(ec::out_of_stock, std::vector<actors::shortage>{{7, 5, 2}}));
  const auto short_of = shop.call(req);
  CHECK(short_of.status == 409);
  CHECK(json::parse(short_of.body)["errors"][0]["pointer"] == "/items/1/quantity");
  CHECK(json::parse(short_of.body)["shortages"][0]["available"] == 2);
  shop.script.place_order = refuse<actors::order_answer>(
    caf::make_error(ec::product_not_found, actors::unknown_products{{8}}));
  const auto unknown = shop.call(req);
  CHECK(unknown.status == 422);
  CHECK(json::parse(unknown.body)["errors"][0]["pointer"] == "/items/0/product_id");
  shop.script.place_order = refuse<actors::order_answer>(caf::make_error(ec::write_expired));
  CHECK(code_of(shop.call(req)) == "overloaded");
}

TEST_CASE("a limit on orders is told before and when it is reached", "[api]") {
  fake_shop shop{[](http::backend& b) {
    b.orders_per_window = 3;
    b.order_window = std::chrono::minutes{5};
  }};
  shop.script.place_order =
    refuse<actors::order_answer>(caf::make_error(ec::order_limit_reached, int64_t{42}));
  const auto answer = shop.call(make(
    "POST", "/api/v1/orders", R"({"items":[{"product_id":8,"quantity":1}]})", shop.bearer(ada())));
  CHECK(answer.status == 429);
  CHECK(answer.header("RateLimit-Policy") == "\"orders\";q=3;w=300");
  CHECK(answer.header("RateLimit") == "\"orders\";r=0;t=42");
  CHECK(answer.header("Retry-After") == "42");
}

TEST_CASE("an address is looked up by its id, and a missing one is left to the shard", "[api]") {
  fake_shop shop;
  std::optional<actors::place_order> seen;
  shop.script.place_order = [&](const actors::place_order& x) {
    seen = x;
    return actors::order_answer{some_order(), false};
  };
  shop.script.get_address = [](const actors::get_address& x) -> caf::result<domain::kept_address> {
    if (x.id != 5)
      return caf::make_error(ec::not_found);
    return domain::kept_address{5, {"1 Long Lane", "York", "", "", "UK"}, true};
  };
  const auto place = [&](int id) {
    return shop.call(make("POST", "/api/v1/orders",
                          R"({"items":[{"product_id":8,"quantity":1}],"shipping_address_id":)"
                            + std::to_string(id) + "}",
                          shop.bearer(ada())));
  };
  CHECK(place(5).status == 201);
  REQUIRE(seen);
  REQUIRE(seen->shipping_address);
  CHECK(seen->shipping_address->city == "York");
  CHECK_FALSE(seen->address_missing);
  place(6);
  CHECK(seen->address_missing);
  const auto both = shop.call(
    make("POST", "/api/v1/orders",
         R"({"items":[{"product_id":8,"quantity":1}],"shipping_address_id":5,"shipping_address":)"
         R"({"street":"a","city":"b","country":"c"}})",
         shop.bearer(ada())));
  CHECK(both.status == 422);
  CHECK(json::parse(both.body)["errors"][0]["pointer"] == "/shipping_address_id");
}

TEST_CASE("an order is read from the shard in its id", "[api]") {
  fake_shop shop;
  actors::get_order seen;
  shop.script.get_order = [&](const actors::get_order& x) {
    seen = x;
    return some_order();
  };
  auto req = make("GET", "/api/v1/orders/123", {}, shop.bearer(ada()));
  const auto answer = shop.call(req);
  CHECK(answer.status == 200);
  CHECK(answer.header("ETag") == "\"v3\"");
  CHECK(seen.id == 123);
  CHECK(seen.call.caller == ada().id);
  CHECK(shop.script.shard == 123 % fake_shards);
  req.if_none_match = "W/\"v3\"";
  CHECK(shop.call(req).status == 304);
}

TEST_CASE("someone else's order is missing, word for word", "[api]") {
  fake_shop shop;
  shop.script.get_order = refuse<domain::order>(caf::make_error(ec::not_found));
  const auto foreign = shop.call(make("GET", "/api/v1/orders/123", {}, shop.bearer(ada())));
  const auto missing = shop.call(make("GET", "/api/v1/orders/999", {}, shop.bearer(ada())));
  CHECK(foreign.status == 404);
  CHECK(foreign.body == missing.body);
}

TEST_CASE("own orders are listed with all filters", "[api]") {
  fake_shop shop;
  actors::list_orders seen;
  shop.script.list_orders = [&](const actors::list_orders& x) {
    seen = x;
    return actors::order_page{{some_order()}, true, 27, 123};
  };
  const auto answer =
    shop.call(make("GET",
                   "/api/v1/orders?status=paid&created_after=2025-01-01T00:00:00%2B00:00"
                   "&created_before=2026-01-01T00:00:00Z&limit=1&cursor=or.2s",
                   {}, shop.bearer(ada())));
  CHECK(answer.status == 200);
  CHECK(seen.user_id == ada().id);
  CHECK(seen.status == domain::order_status::paid);
  CHECK(seen.created_after == 1'735'689'600'000);
  CHECK(seen.created_before == 1'767'225'600'000);
  CHECK(seen.limit == 1);
  CHECK(seen.before_time == 27);
  CHECK(seen.before_id == 100);
  CHECK(
    answer.header("Link")
    == "</api/v1/orders?cursor=or.3f&status=paid&created_after=2025-01-01T00%3A00%3A00%2B00%3A00"
       "&created_before=2026-01-01T00%3A00%3A00Z&limit=1>; rel=\"next\"");
}

TEST_CASE("only an administrator lists another's orders", "[api]") {
  fake_shop shop;
  actors::list_orders seen;
  shop.script.list_orders = [&](const actors::list_orders& x) {
    seen = x;
    return actors::order_page{};
  };
  const auto of = [](const domain::user& who) {
    return "/api/v1/orders?user_id=" + domain::to_string(who.id);
  };
  CHECK(shop.call(make("GET", of(ada()), {}, shop.bearer(grace()))).status == 200);
  CHECK(seen.user_id == ada().id);
  CHECK(shop.script.shard == domain::shard_of(ada().id, fake_shards));
  CHECK(shop.call(make("GET", of(ada()), {}, shop.bearer(ada()))).status == 200);
  const auto others = shop.call(make("GET", of(grace()), {}, shop.bearer(ada())));
  CHECK(others.status == 200);
  CHECK(others.body == "[]");
  CHECK(shop.call(make("GET", "/api/v1/orders", {}, shop.bearer(grace()))).status == 200);
  CHECK(seen.user_id.nil()); // everyone's
}

TEST_CASE("nobody has the nil id, and so no orders", "[api]") {
  fake_shop shop; // without a script a list of all would fail
  for (const auto* target : {"/api/v1/orders?user_id=00000000-0000-0000-0000-000000000000",
                             "/api/v1/users/00000000-0000-0000-0000-000000000000/orders"}) {
    const auto got = shop.call(make("GET", target, {}, shop.bearer(grace())));
    CHECK(got.status == 200);
    CHECK(got.body == "[]");
  }
}

TEST_CASE("an order goes on by PATCH and ends by cancel", "[api]") {
  fake_shop shop;
  actors::change_order_status seen;
  shop.script.change_order = [&](const actors::change_order_status& x) {
    seen = x;
    return actors::order_answer{some_order(), false};
  };
  auto patch = make("PATCH", "/api/v1/orders/123", R"({"status":"shipped"})", shop.bearer(grace()));
  patch.if_match = "\"v3\"";
  CHECK(shop.call(patch).status == 200);
  CHECK(seen.status == domain::order_status::shipped);
  CHECK(seen.expected_version == 3);
  CHECK(seen.call.role == domain::user_role::admin);
  const auto cancel = shop.call(make("POST", "/api/v1/orders/123/cancel/", {}, shop.bearer(ada())));
  CHECK(cancel.status == 200);
  CHECK(cancel.header("ETag") == "\"v3\"");
  CHECK(seen.status == domain::order_status::cancelled);
  CHECK_FALSE(seen.expected_version);
  shop.script.change_order = refuse<actors::order_answer>(caf::make_error(ec::invalid_transition));
  CHECK(shop.call(patch).status == 409);
  shop.script.change_order = refuse<actors::order_answer>(caf::make_error(ec::stale_version));
  CHECK(shop.call(patch).status == 412);
}
