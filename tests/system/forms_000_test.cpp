// Drives the requests of document 000 by curl, as it shows them.
// Against a running server on each database.
#include "tests/system/support/curl.hpp"
#include "tests/system/support/databases.hpp"

using namespace souk::tests;

namespace {

const std::string sign_up = R"(curl -X POST http://localhost:8000/auth/signup \
  -H "Content-Type: application/json" \
  -d '{"user_name": "testuser", "password": "testpass1234"}')";

const std::string add_product = R"(curl -X POST http://localhost:8001/products \
  -H "Content-Type: application/json" \
  -d '{
    "name": "デスク",
    "price": "15000",
    "detail": "木製の学习机",
    "category_id": 1
  }')";

const std::string set_stock = R"(curl -X POST http://localhost:8002/stock \
  -H "Content-Type: application/json" \
  -d '{
    "product_id": PRODUCT,
    "stock": 50
  }')";

const std::string place_order =
  R"(curl -X POST "http://localhost:8003/order?product_id=PRODUCT&quantity=2" \
  -H "Authorization: Bearer {JWT_TOKEN}")";

} // namespace

TEST_CASE("the requests of 000 lead from sign-up to an order", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"aliases.open_catalog", "true"}}};
  const auto user = curl(s, sign_up);
  INFO(user.body);
  REQUIRE(user.status == 200);
  CHECK(user.as_json().at("user_name") == "testuser");
  CHECK(user.body.find("testpass1234") == std::string::npos);
  CHECK(curl(s, sign_up).status == 409);

  const auto login = curl(s, R"(curl -X POST http://localhost:8000/auth/login \
  -d "username=testuser&password=testpass1234")");
  REQUIRE(login.status == 200);
  CHECK(login.as_json().at("token_type") == "bearer");
  const std::string token = login.as_json().at("access_token");

  const auto product = curl(s, add_product);
  INFO(product.body);
  REQUIRE(product.status == 200);
  CHECK(product.as_json().at("name") == "デスク");
  CHECK(product.as_json().at("price") == 15000);
  CHECK(product.as_json().at("category_id").is_null());
  CHECK(product.header("Warning").find("category 1") != std::string::npos);
  const int64_t id = product.as_json().at("id");
  const replacements here{{"PRODUCT", std::to_string(id)}, {"{JWT_TOKEN}", token}};

  const auto stock = curl(s, set_stock, here);
  REQUIRE(stock.status == 200);
  CHECK(stock.as_json() == json{{"id", id}, {"product_id", id}, {"stock", 50}});

  const auto order = curl(s, place_order, here);
  INFO(order.body);
  REQUIRE(order.status == 200);
  CHECK(order.as_json().at("items").at(0).at("product_id") == id);
  CHECK(order.as_json().at("items").at(0).at("quantity") == 2);
  CHECK(order.as_json().at("total_amount") == 30000);
  CHECK(s.on_hand(id) == 48);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a name in 000 may be an e-mail address, which is the account's", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const json sent{{"user_name", "Bob@example.com"}, {"password", "testpass1234"}};
  const auto made = s.guest().post("/auth/signup", sent);
  INFO(made.body);
  REQUIRE(made.status == 200);
  CHECK(made.as_json().at("email") == "Bob@example.com");
  const json login{{"username", "bob@example.com"}, {"password", "testpass1234"}};
  CHECK(s.guest().post("/auth/login", login).status == 200);
}

TEST_CASE("an open catalog of 000 is open for new products and their stock alone",
          "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"aliases.open_catalog", "true"}}};
  auto guest = s.guest();
  const int64_t category = s.create("/api/v1/categories", {{"name", "Furniture"}}).at("id");
  const auto kept =
    guest.post("/products", {{"name", "Desk"}, {"price", "15000"}, {"category_id", category}});
  INFO(kept.body);
  REQUIRE(kept.status == 200);
  CHECK(kept.as_json().at("category_id") == category);
  CHECK(!kept.has("Warning")); // this category is there
  const auto path = "/products/" + std::to_string(kept.as_json().at("id").get<int64_t>());
  const json other{{"name", "Chair"}, {"price", 1}};
  auto user = s.as(s.new_user());
  CHECK(guest.put(path, other).status == 401);
  CHECK(guest.remove(path).status == 401);
  CHECK(user.put(path, other).status == 403);
  CHECK(user.remove(path).status == 403);
  CHECK(guest.post("/api/v1/products", other).status == 401); // the form is open, not the API
  CHECK(guest.get(path).as_json().at("name") == "Desk");
}

TEST_CASE("the requests of 000 name a product by its external id, too", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"aliases.open_catalog", "true"}}};
  auto guest = s.guest();
  const auto made =
    guest.post("/products", {{"name", "Desk"}, {"price", "15000"}, {"external_id", "desk-1"}});
  INFO(made.body);
  REQUIRE(made.status == 200);
  const int64_t id = made.as_json().at("id");
  const auto stock = guest.post("/stock", {{"product_id", "desk-1"}, {"stock", 4}});
  INFO(stock.body);
  REQUIRE(stock.status == 200);
  CHECK(stock.as_json() == json{{"id", id}, {"product_id", id}, {"stock", 4}});
  auto buyer = s.as(s.new_user());
  const auto order = buyer.send("POST", "/order?product_id=desk-1&quantity=1");
  INFO(order.body);
  REQUIRE(order.status == 200);
  CHECK(order.as_json().at("items").at(0).at("product_id") == id);
  CHECK(s.on_hand(id) == 3);
  CHECK(buyer.send("POST", "/order?product_id=desk-2&quantity=1").status == 422);
  CHECK(s.closed_books() == "");
}

TEST_CASE("the catalog of 000 is closed unless it is opened", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(5);
  const replacements here{{"PRODUCT", std::to_string(product)}, {"{JWT_TOKEN}", "no.such.token"}};
  CHECK(curl(s, add_product).status == 401);
  CHECK(curl(s, set_stock, here).status == 401);
  CHECK(curl(s, place_order, here).status == 401);
  const json stock{{"product_id", product}, {"stock", 50}};
  auto user = s.as(s.new_user());
  CHECK(user.post("/stock", stock).status == 403);
  CHECK(s.on_hand(product) == 5);
  CHECK(s.admin().post("/stock", stock).status == 200);
  CHECK(s.on_hand(product) == 50);
  CHECK(user.post("/products", {{"name", "x"}, {"price", 1}}).status == 403);
  CHECK(s.admin().post("/products", {{"name", "x"}, {"price", "1"}}).status == 200);
}
