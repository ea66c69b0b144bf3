// Drives the requests of document 003 by curl, as it shows them.
// Against a running server on each database.
#include "tests/system/support/curl.hpp"
#include "tests/system/support/databases.hpp"

using namespace souk::tests;

namespace {

const std::string bearer = R"( -H "Authorization: Bearer {token}")";

const std::string sign_up = R"(curl -X POST http://localhost/user-api/users/register \
  -H "Content-Type: application/json" \
  -d '{"username": "newuser", "full_name": "New User", "phone": "+7 (999) 123-45-67", )"
                            R"("password": "password123"}')";

const std::string log_in = R"(curl -X POST http://localhost/user-api/token \
  -H "Content-Type: application/x-www-form-urlencoded" \
  -d "username=newuser&password=password123")";

const std::string fill_cart = R"(curl -X POST http://localhost/cart-api/cart/items \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer {token}" \
  -d '{"product_id": "f767c2cb-215d-469e-a3be-c6e40a6cf47f", "quantity": 2}')";

int64_t product_of_003(shop& s) {
  const auto made =
    s.admin().post("/api/products", {{"name", "Lamp"},
                                     {"price", 12.5},
                                     {"quantity", 9},
                                     {"external_id", "f767c2cb-215d-469e-a3be-c6e40a6cf47f"}});
  INFO(made.body);
  REQUIRE(made.status == 200);
  return made.as_json().at("id");
}

} // namespace

TEST_CASE("the requests of 003 lead from registration to an order of the cart", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = product_of_003(s);
  const auto user = curl(s, sign_up);
  INFO(user.body);
  REQUIRE(user.status == 200);
  CHECK(user.as_json().at("full_name") == "New User");
  CHECK(user.as_json().at("phone") == "+7 (999) 123-45-67");
  const auto login = curl(s, log_in);
  REQUIRE(login.status == 200);
  CHECK(login.as_json().at("token_type") == "bearer");
  const replacements here{{"{token}", login.as_json().at("access_token")}};
  const auto me = curl(s, "curl http://localhost/user-api/users/me" + bearer, here);
  CHECK(me.as_json().at("username") == "newuser");

  const auto added = curl(s, fill_cart, here);
  INFO(added.body);
  REQUIRE(added.status == 200);
  CHECK(added.as_json().at("product_id") == product);
  CHECK(added.as_json().at("quantity") == 2);
  const auto cart = curl(s, "curl http://localhost/cart-api/cart/items" + bearer, here);
  REQUIRE(cart.status == 200);
  REQUIRE(cart.as_json().size() == 1);
  CHECK(cart.as_json().at(0).at("subtotal") == 25);

  const auto order =
    curl(s, "curl -X POST http://localhost/user-api/users/me/orders \\\n " + bearer, here);
  INFO(order.body);
  REQUIRE(order.status == 200);
  CHECK(order.as_json().at("total_amount") == 25);
  CHECK(s.on_hand(product) == 7);
  s.new_order(s.new_user(), {{s.new_product(1), 1}}); // another's is not listed
  const auto orders = curl(s, "curl http://localhost/user-api/users/me/orders" + bearer, here);
  const int64_t own = order.as_json().at("id");
  CHECK(ids_of(orders.as_json()) == std::vector<int64_t>{own});
  CHECK(s.admin().get("/user-api/users/me/orders").as_json() == json::array()); // nor to an ADMIN
  CHECK(curl(s, "curl http://localhost/cart-api/cart/items" + bearer, here).as_json().empty());
  CHECK(s.closed_books() == "");
}

TEST_CASE("products are made, read, changed and deleted below /api", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto id = std::to_string(product_of_003(s));
  auto guest = s.guest();
  CHECK(guest.get("/api/products").as_json().size() == 1);
  CHECK(guest.get("/api/products/" + id).as_json().at("name") == "Lamp");
  const auto by_name = guest.get("/api/products/f767c2cb-215d-469e-a3be-c6e40a6cf47f");
  CHECK(std::to_string(by_name.as_json().at("id").get<int64_t>()) == id);
  CHECK(guest.get("/api/products/f767c2cb-0000-0000-0000-000000000000").status == 404);
  CHECK(s.admin().put("/api/products/" + id, {{"name", "Desk"}, {"price", 3}}).status == 200);
  CHECK(guest.get("/api/products/" + id).as_json().at("name") == "Desk");
  CHECK(s.admin().patch("/api/products/" + id, {{"price", 4}}).status == 200);
  CHECK(guest.get("/api/products/" + id).as_json().at("name") == "Desk"); // as it was
  CHECK(guest.get("/api/products/" + id).as_json().at("price") == 4);
  CHECK(guest.send("DELETE", "/api/products/" + id).status == 401);
  const auto gone = s.admin().send("DELETE", "/api/products/" + id);
  CHECK(gone.status == 200);
  CHECK(gone.as_json().contains("message"));
  CHECK(guest.get("/api/products/" + id).status == 404);
  const auto page = curl(s, "curl http://localhost/api/swagger");
  CHECK(page.body.size() > 100);
  const auto docs = guest.get("/docs"); // 503 in a build without the page
  CHECK(page.status == docs.status);
  CHECK(page.header("Content-Type") == docs.header("Content-Type"));
}

TEST_CASE("a user is named by a header only to a trusted proxy", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  for (const bool trusted : {false, true}) {
    INFO("trusted: " << trusted);
    shop s{kind, {{"auth.trusted_proxies", trusted ? "10.0.0.0/8,127.0.0.1" : "10.0.0.0/8"}}};
    const auto user = s.new_user();
    const replacements here{{"USER", user.id}};
    const auto me =
      curl(s, R"(curl http://localhost/user-api/users/me -H "X-User-ID: USER")", here);
    CHECK(me.status == (trusted ? 200 : 401));
    if (trusted)
      CHECK(me.as_json().at("id") == user.id);
    const std::string both = R"(curl http://localhost/users/me -H "X-User-ID: USER" )";
    CHECK(curl(s, both + R"(-H "X-User-ID: USER")", here).status == 401);
    CHECK(curl(s, both + R"(-H "Authorization: Bearer none")", here).status == 401);
    CHECK(curl(s, R"(curl http://localhost/users/me -H "X-User-ID: 7")").status == 401);
  }
}

TEST_CASE("what 003 makes without a quantity is sold without being counted", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto made =
    s.admin().post("/api/products", {{"name", "Lamp"}, {"description", "bright"}, {"price", 10}});
  REQUIRE(made.status == 200);
  const auto id = made.as_json().at("id").get<int64_t>();
  auto buyer = s.as(s.new_user());
  CHECK(buyer.post("/cart-api/cart/items", {{"product_id", id}, {"quantity", 1000}}).status == 200);
  CHECK(buyer.send("POST", "/user-api/users/me/orders").status == 200);
  s.set_stock(id, 1); // from now on it is
  CHECK(buyer.post("/cart-api/cart/items", {{"product_id", id}, {"quantity", 2}}).status == 200);
  CHECK(buyer.send("POST", "/user-api/users/me/orders").status == 409);
  // Passwords are taken from no query: proxies log it.
  CHECK(s.guest().send("POST", "/token?username=a&password=b").status == 422);
  CHECK(s.closed_books() == "");
}
