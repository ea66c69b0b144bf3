// Drives the forms of orders by plain calls.
// Against a scripted inner application; no server.
#include "tests/http/aliases/fake_api.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::test;

namespace {

json lines(const json& product, const json& quantity) {
  return json::array({{{"product_id", product}, {"quantity", quantity}}});
}

/// Products 7 at 15 and 8 at 0.5, and an order of them that can be placed and read.
void stock_up(fake_api& api) {
  api.answer("GET /api/v1/products/7", 200, {{"id", 7}, {"price", 15}});
  api.answer("GET /api/v1/products/8", 200, {{"id", 8}, {"price", 0.5}});
  api.answer("POST /api/v1/orders", 201, order_json(), {{"Location", "/api/v1/orders/5"}});
  api.answer("GET /api/v1/orders/5", 200, order_json(), {{"ETag", "\"v1\""}});
}

} // namespace

TEST_CASE("one product is ordered by the query", "[aliases]") {
  fake_api api;
  stock_up(api);
  const auto got = api.send("POST", "/order?product_id=7&quantity=2");
  CHECK(got.status == 200);
  CHECK(body_of(got)["id"] == 5);
  CHECK(api.last_body() == json{{"items", lines(7, 2)}});
}

TEST_CASE("a query that is not readable or says a field twice is refused", "[aliases]") {
  fake_api api;
  stock_up(api);
  CHECK(api.send("POST", "/order?product_id=7&quantity=%zz").status == 400);
  CHECK(api.send("GET", "/products?q=%FF").status == 400);
  const auto got = api.send("POST", "/order?product_id=7&quantity=1&quantity=2&x=1&x=2");
  CHECK(got.status == 422);
  CHECK(body_of(got)["errors"].size() == 1);
  CHECK(body_of(got)["errors"][0]["pointer"] == "/query/quantity");
  CHECK(api.asked.empty());
}

TEST_CASE("an order by the body is answered with its user and products", "[aliases]") {
  fake_api api;
  stock_up(api);
  api.answer("GET /api/v1/users/me", 200, user_json());
  const auto got = api.send("POST", "/order", {{"user_id", ada_id}, {"items", lines("7", "2")}});
  CHECK(got.status == 200);
  const auto order = body_of(got);
  CHECK(order["user"]["username"] == "ada");
  CHECK(order["items"][0]["product"]["price"] == 15);
  CHECK(order["items"][1]["product"]["price"] == 0.5);
  CHECK(order["items"][0]["product_quantity"] == 2);
  CHECK(order["items"][0]["order_id"] == 5);
  const auto at = api.targets();
  const auto placed = std::find(at.begin(), at.end(), "POST /api/v1/orders") - at.begin();
  REQUIRE(static_cast<size_t>(placed) < at.size());
  const auto& sent = api.asked[static_cast<size_t>(placed)];
  CHECK(json::parse(sent.body) == json{{"items", lines(7, 2)}});
  CHECK(sent.on_behalf_of == ada_id);
}

TEST_CASE("an order for someone else is refused before it is placed", "[aliases]") {
  fake_api api;
  stock_up(api);
  api.answer("GET /api/v1/users/me", 403, {{"code", "forbidden"}});
  const json sent{{"user_id", bob_id}, {"items", lines(7, 1)}};
  CHECK(api.send("POST", "/order", sent).status == 403);
  CHECK(api.targets() == std::vector<std::string>{"GET /api/v1/users/me"});
  fake_api other; // nobody has this id
  CHECK(other.send("POST", "/order", sent).status == 422);
  CHECK(other.asked.size() == 1);
  CHECK(other.send("POST", "/order", {{"user_id", 12}, {"items", lines(7, 1)}}).status == 422);
  CHECK(other.asked.size() == 1);
}

TEST_CASE("an order is read with what still exists of its user and products", "[aliases]") {
  fake_api api;
  api.answer("GET /api/v1/orders/5", 200, order_json(), {{"ETag", "\"v1\""}});
  api.answer("GET /api/v1/products/8", 200, {{"id", 8}});
  http::request req;
  req.method = "GET";
  req.target = "/order/5/";
  req.authorization = "Bearer t";
  req.if_none_match = "\"v1\"";
  const auto got = api.send(std::move(req));
  CHECK(got.status == 200);
  CHECK(body_of(got)["user"].is_null());
  CHECK(body_of(got)["items"][0]["product"].is_null());
  CHECK(body_of(got)["items"][1]["product"]["id"] == 8);
  CHECK(header_of(got, "ETag").empty());
  CHECK(api.asked[0].if_none_match.empty());
  CHECK(api.send("GET", "/order/6").status == 404);
  const auto asked = api.asked.size();
  CHECK(api.send("GET", "/order/x").status == 422);
  CHECK(api.asked.size() == asked);
}

TEST_CASE("a line's quantity is changed by body or query", "[aliases]") {
  fake_api api;
  auto changed = order_json();
  api.answer("PUT /api/v1/orders/5/items/51", 200, changed);
  changed["items"].erase(1);
  api.answer("PUT /api/v1/orders/5/items/52", 200, changed);
  const auto got = api.send("PUT", "/update_order/5", {{"order_item_id", 51}, {"quantity", "2"}});
  CHECK(got.status == 200);
  CHECK(
    body_of(got)
    == json{
      {"id", 51}, {"product_id", 7}, {"quantity", 2}, {"product_quantity", 2}, {"order_id", 5}});
  CHECK(api.last_body() == json{{"quantity", 2}});
  const auto removed = body_of(api.send("PUT", "/update_order/5?order_item_id=52&quantity=0"));
  CHECK(removed["id"] == 52);
  CHECK(removed["quantity"] == 0);
  CHECK(removed["order_id"] == 5);
  CHECK(api.send("PUT", "/update_order/5", {{"quantity", 1}}).status == 422);
}

TEST_CASE("of a line that goes is told what it was", "[aliases]") {
  fake_api api;
  auto order = order_json();
  order["items"][1]["subtotal"] = 0.5;
  api.answer("GET /api/v1/orders/5", 200, order);
  const json removed{{"id", 52},      {"order_id", 5},         {"product_id", 8},
                     {"quantity", 0}, {"product_quantity", 0}, {"subtotal", 0}};
  auto rest = order;
  rest["items"].erase(1);
  api.answer("PUT /api/v1/orders/5/items/52", 200, rest);
  const json sent{{"order_item_id", 52}, {"quantity", 0}};
  CHECK(body_of(api.send("PUT", "/update_order/5", sent)) == removed);
  fake_api last; // which cancels the order and stays in it
  last.answer("GET /api/v1/orders/5", 200, order);
  last.answer("PUT /api/v1/orders/5/items/52", 200, order);
  CHECK(body_of(last.send("PUT", "/update_order/5", sent)) == removed);
  fake_api missing;
  CHECK(missing.send("PUT", "/update_order/5", sent).status == 404);

  http::request keyed;
  keyed.method = "PUT";
  keyed.target = "/update_order/5";
  keyed.authorization = "Bearer t";
  keyed.content_type = "application/json";
  keyed.body = sent.dump();
  keyed.idempotency_key = "k";
  keyed.has_idempotency_key = true;
  const auto first = body_of(api.send(keyed));
  CHECK(first["quantity"] == 0);
  api.answer("GET /api/v1/orders/5", 200, rest);
  CHECK(body_of(api.send(keyed)) == first); // a retry finds the line no more
}

TEST_CASE("a total that fits is accepted however it is written", "[aliases]") {
  for (const auto& total : std::vector<json>{30.5, "30.50", nullptr, 30.500000000000004}) {
    fake_api api;
    stock_up(api);
    auto items = lines(7, 2);
    items.push_back({{"product_id", 8}, {"quantity", 1}});
    INFO(total);
    const auto got = api.send("POST", "/orders/", {{"items", items}, {"total_price", total}});
    CHECK(got.status == 200);
    CHECK(body_of(got)["total_price"] == 30.5);
    CHECK(!api.last_body().contains("total_price"));
    CHECK(api.last_body().value("expected_total", "") == (total.is_null() ? "" : "30.5"));
  }
}

TEST_CASE("another total is refused by the API, which is told what was expected", "[aliases]") {
  fake_api api;
  api.answer("GET /api/v1/products/7", 200, {{"id", 7}});
  api.answer(
    "POST /api/v1/orders", 422,
    {{"code", "wrong_total"},
     {"errors", json::array({{{"pointer", "/expected_total"}, {"detail", "is not it"}}})}});
  const auto refused = api.send("POST", "/orders", {{"items", lines(7, 1)}, {"total_price", 30}});
  CHECK(refused.status == 422);
  CHECK(body_of(refused)["errors"][0]["pointer"] == "/total_price");
  for (const auto& [sent, expected] : std::vector<std::pair<json, json>>{
         {30, "30"}, {"x", "x"}, {-30.5, "-30.5"}, {30.125, "30.125"}, {true, true}}) {
    fake_api other;
    stock_up(other);
    other.send("POST", "/orders", {{"items", lines(7, 1)}, {"total_price", sent}});
    CHECK(other.last_body()["expected_total"] == expected);
  }
  http::request req;
  req.method = "POST";
  req.target = "/orders";
  req.authorization = "Bearer t";
  req.content_type = "application/json";
  req.body = json{{"items", lines(7, 1)}, {"total_price", 15}}.dump();
  req.idempotency_key = "k";
  req.has_idempotency_key = true;
  http::request other = req;
  other.body = json{{"items", lines(7, 1)}, {"total_price", 16}}.dump();
  fake_api keyed;
  stock_up(keyed);
  keyed.send(req);
  const auto first = keyed.asked.back().sent_as;
  keyed.send(other);
  CHECK(keyed.asked.back().sent_as != first); // another body under the same key
  auto slashed = req;
  slashed.target = "/orders/";
  keyed.send(slashed);
  CHECK(keyed.asked.back().sent_as == first);
  CHECK(keyed.asked.back().idempotency_key == "k");
}

TEST_CASE("products that are not known here come from the external catalog", "[aliases]") {
  fake_api api;
  stock_up(api);
  api.answer("GET /api/v1/products?external_id=1&fetch=true", 200, json::array({{{"id", 41}}}));
  api.answer("GET /api/v1/products?external_id=sku%2F2&fetch=true", 200,
             json::array({{{"id", 42}}}));
  auto items = lines(1, 2);
  items.push_back({{"product_id", "sku/2"}, {"quantity", 1}});
  items.push_back({{"product_id", 7}, {"quantity", 1}});
  const auto got =
    api.send("POST", "/order-service/orders", {{"items", items}, {"shipping_address_id", "1"}});
  CHECK(got.status == 200);
  CHECK(api.last_body()["shipping_address_id"] == 1);
  CHECK(api.last_body()["items"][0]["product_id"] == 41);
  CHECK(api.last_body()["items"][1]["product_id"] == 42);
  CHECK(api.last_body()["items"][2]["product_id"] == 7);

  const auto unknown = api.send("POST", "/orders", {{"items", lines("none", 1)}});
  CHECK(unknown.status == 422);
  CHECK(body_of(unknown)["code"] == "product_not_found");
  CHECK(body_of(unknown)["errors"][0]["pointer"] == "/items/0/product_id");
  api.answer("GET /api/v1/products?external_id=9&fetch=true", 503, {{"code", "overloaded"}});
  api.counted.clear();
  CHECK(api.send("POST", "/orders", {{"items", lines(9, 1)}}).status == 503);
  CHECK(api.counted.empty()); // the API itself has counted it
}

TEST_CASE("under a key no product stands in for one that is not found", "[aliases]") {
  const json elsewhere{{"id", 7}, {"price", 1}, {"external_id", "5000"}};
  http::request req;
  req.method = "POST";
  req.target = "/orders";
  req.authorization = "Bearer t";
  req.content_type = "application/json";
  req.idempotency_key = "k";
  req.has_idempotency_key = true;
  auto items = lines("none", 1);
  items.push_back({{"product_id", 7}, {"quantity", 1}});
  req.body = json{{"items", items}}.dump();
  for (const unsigned status : {200u, 429u, 503u}) {
    INFO("the external catalog answers " << status);
    fake_api api{{.external_catalog = true}};
    api.answer("GET /api/v1/products/7", 200, elsewhere);
    for (const auto* id : {"none", "7"})
      api.answer("GET /api/v1/products?external_id=" + std::string{id} + "&fetch=true", status,
                 status == 200 ? json::array() : json{{"code", "overloaded"}});
    api.answer("POST /api/v1/orders", 422, {{"code", "product_not_found"}});
    api.answer("POST /api/v1/orders", 201, order_json(), {{"Idempotent-Replayed", "true"}});
    CHECK(api.send(req).status == (status == 200 ? 422 : status));
    const auto none = (int64_t{1} << 53) - 1;
    CHECK(api.last_body()["items"][0]["product_id"] == none);
    CHECK(api.last_body()["items"][1]["product_id"] == (status == 200 ? 7 : none));
    CHECK(api.send(req).status == 200); // an answer that is kept
  }
}

TEST_CASE("a number is an external catalog's, whatever it has got as an id here", "[aliases]") {
  const json kept{{"id", 7}, {"price", 1}, {"external_id", "5000"}};
  for (const bool external : {false, true}) {
    INFO("external catalog: " << external);
    fake_api api{{.external_catalog = external}};
    api.answer("POST /api/v1/orders", 201, order_json());
    api.answer("GET /api/v1/products/7", 200, kept);
    api.answer("GET /api/v1/products?external_id=7&fetch=true", 200, json::array({{{"id", 41}}}));
    CHECK(api.send("POST", "/orders", {{"items", lines(7, 1)}}).status == 200);
    CHECK(api.last_body()["items"][0]["product_id"] == (external ? 41 : 7));
    CHECK(api.send("POST", "/order?product_id=7&quantity=1").status == 200);
    CHECK(api.last_body()["items"][0]["product_id"] == 7); // 000 knows our ids alone
  }
  fake_api api{{.external_catalog = true}};
  api.answer("POST /api/v1/orders", 201, order_json());
  api.answer("GET /api/v1/products/7", 200, kept);
  const std::string asked = "GET /api/v1/products?external_id=7&fetch=true";
  api.answer(asked, 200, json::array());
  api.answer(asked, 503, {{"code", "overloaded"}});
  CHECK(api.send("POST", "/orders", {{"items", lines(7, 1)}}).status == 200); // none has it there
  CHECK(api.last_body()["items"][0]["product_id"] == 7);
  CHECK(api.send("POST", "/orders", {{"items", lines(7, 1)}}).status == 503);
}

TEST_CASE("an order's status is changed by both forms", "[aliases]") {
  fake_api api;
  api.answer("PATCH /api/v1/orders/5", 200, order_json());
  CHECK(body_of(api.send("PATCH", "/orders/5/", {{"status", "shipped"}}))["total_price"] == 30.5);
  CHECK(api.last_body() == json{{"status", "shipped"}});
  CHECK(api.send("PUT", "/orders/5/status", {{"status", "shipped"}}).status == 200);
  CHECK(api.last_body() == json{{"status", "shipped"}});
  CHECK(api.send("PUT", "/orders/5/status?status=delivered").status == 200);
  CHECK(api.last_body() == json{{"status", "delivered"}});
}

TEST_CASE("whoever confirms what has confirmed itself finds that done", "[aliases]") {
  const json too_late{{"code", "invalid_transition"}};
  const auto send = [](fake_api& api, const std::string& status) {
    return api.send("PUT", "/orders/5/status", {{"status", status}});
  };
  auto order = order_json();
  order["status"] = "confirmed";
  fake_api api;
  api.answer("PATCH /api/v1/orders/5", 409, too_late);
  api.answer("GET /api/v1/orders/5", 200, order);
  const auto got = send(api, "confirmed");
  CHECK(got.status == 200);
  CHECK(body_of(got)["status"] == "confirmed");
  CHECK(body_of(got)["total_price"] == 30.5);
  CHECK(send(api, "shipped").status == 409);
  fake_api later; // it has gone on
  order["status"] = "shipped";
  later.answer("PATCH /api/v1/orders/5", 409, too_late);
  later.answer("GET /api/v1/orders/5", 200, order);
  CHECK(send(later, "confirmed").status == 409);
  CHECK(body_of(send(later, "confirmed"))["code"] == "invalid_transition");
  http::request keyed;
  keyed.method = "PUT";
  keyed.target = "/orders/5/status?status=confirmed";
  keyed.authorization = "Bearer t";
  keyed.has_idempotency_key = true;
  CHECK(api.send(keyed).status == 409); // nothing would be kept under the key
  fake_api foreign;
  foreign.answer("PATCH /api/v1/orders/5", 403, {{"code", "forbidden"}});
  CHECK(send(foreign, "confirmed").status == 403);
  CHECK(foreign.asked.size() == 1);
}

TEST_CASE("orders are listed by user and for the caller", "[aliases]") {
  fake_api api;
  const auto list = json::array({order_json()});
  api.answer("GET /api/v1/users/" + ada_id + "/orders?limit=200", 200, list);
  api.answer("GET /api/v1/orders?limit=200", 200, list);
  for (const auto& target : {"/orders/user/" + ada_id + "/", "/users/" + ada_id + "/orders"}) {
    CHECK(body_of(api.send("GET", target))[0]["total_price"] == 30.5);
    CHECK(api.asked.back().on_behalf_of.empty());
  }
  CHECK(body_of(api.send("GET", "/user-api/users/me/orders"))[0]["id"] == 5);
  CHECK(api.asked.back().on_behalf_of == "me");
  CHECK(api.send("GET", "/users/7/orders").status == 422);
}

TEST_CASE("the cart is ordered with and without a body", "[aliases]") {
  fake_api api;
  api.answer("POST /api/v1/cart/checkout", 201, order_json());
  CHECK(api.send("POST", "/user-api/users/me/orders").status == 200);
  CHECK(api.asked.back().body.empty());
  CHECK(api.send("POST", "/users/me/orders", {{"payment_method", "prepaid"}}).status == 200);
  CHECK(api.last_body() == json{{"payment_method", "prepaid"}});
}
