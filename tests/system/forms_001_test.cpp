// Drives the requests of document 001 by curl, as it shows them.
// Against a running server on each database.
#include "tests/system/support/curl.hpp"
#include "tests/system/support/databases.hpp"

#include <set>

using namespace souk::tests;

namespace {

const std::string add_category = R"(curl -X POST "http://localhost:8001/api/v1/category" \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer <token>" \
  -d '{
    "name": "Электроника",
    "parent_id": 0
  }')";

const std::string add_product = R"(curl -X POST "http://localhost:8001/api/v1/product" \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer <token>" \
  -d '{
    "name": "Смартфон",
    "price": 30000,
    "quantity": 50,
    "category_id": CATEGORY
  }')";

const std::string place_order = R"(curl -X POST "http://localhost:8002/order" \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer <token>" \
  -d '{
    "user_id": "USER",
    "items": [
      {
        "product_id": FIRST,
        "quantity": 2
      },
      {
        "product_id": SECOND,
        "quantity": 1
      }
    ]
  }')";

/// `curl -X METHOD path` with a token.
answer ask(shop& s, const std::string& method, const std::string& path, const std::string& token) {
  return curl(s, "curl -X " + method + " \"http://localhost:8000" + path
                   + "\" -H \"Authorization: Bearer " + token + "\"");
}

struct catalog {
  int64_t category = 0;
  int64_t first = 0;
  int64_t second = 0;
};

catalog fill(shop& s, const std::string& admin) {
  const auto category = curl(s, add_category, {{"<token>", admin}});
  INFO(category.body);
  REQUIRE(category.status == 200);
  CHECK(category.as_json().at("name") == "Электроника");
  CHECK(category.as_json().at("level") == 0);
  CHECK(category.as_json().at("parent_id").is_null());
  catalog out{category.as_json().at("id"), 0, 0};
  const json below{{"name", "Телефоны"}, {"parent_id", out.category}};
  const auto second = s.admin().post("/api/v1/category", below);
  INFO(second.body);
  REQUIRE(second.status == 200);
  CHECK(second.as_json().at("level") == 1);
  CHECK(second.as_json().at("parent_id") == out.category);
  const replacements here{{"<token>", admin}, {"CATEGORY", std::to_string(out.category)}};
  const auto product = curl(s, add_product, here);
  INFO(product.body);
  REQUIRE(product.status == 200);
  CHECK(product.as_json().at("storage_quantity") == 50);
  CHECK(product.as_json().at("price") == 30000);
  CHECK(product.as_json().at("category_id") == out.category);
  out.first = product.as_json().at("id");
  out.second = curl(s, add_product, here).as_json().at("id");
  return out;
}

std::string admin_token(const shop& s) {
  return s.guest()
    .post("/api/v1/auth/login", {{"username", "admin"}, {"password", admin_password}})
    .as_json()
    .at("access_token");
}

} // namespace

TEST_CASE("the requests of 001 lead from registration to a changed order", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  CHECK(curl(s, "curl -X GET http://localhost:8002/").as_json() == json{{"status", "ok"}});
  const auto user = curl(s, R"(curl -X POST "http://localhost:8000/api/v1/auth/register" \
  -H "Content-Type: application/json" \
  -d '{
    "username": "testuser",
    "email": "test@example.com",
    "password": "securepassword123"
  }')");
  REQUIRE(user.status == 201);
  const std::string user_id = user.as_json().at("id");
  const auto login = curl(s, R"(curl -X POST "http://localhost:8000/api/v1/auth/login" \
  -H "Content-Type: application/json" \
  -d '{
    "username": "testuser",
    "password": "securepassword123"
  }')");
  REQUIRE(login.status == 200);
  CHECK(login.as_json().at("token_type") == "bearer");
  const std::string token = login.as_json().at("access_token");
  const auto verified = curl(s, R"(curl -X POST "http://localhost:8000/api/v1/auth/verify" \
  -H "Content-Type: application/json" -d '{"token": "<token>"}')",
                             {{"<token>", token}});
  CHECK(verified.as_json().at("valid") == true);
  CHECK(verified.as_json().at("user_id") == user_id);

  const auto goods = fill(s, admin_token(s));
  const auto products = ask(s, "GET", "/api/v1/products", token);
  REQUIRE(products.status == 200);
  CHECK(products.as_json().size() == 2);
  CHECK(ask(s, "GET", "/api/v1/categories", token).as_json().size() == 2);
  const auto category = std::to_string(goods.category);
  s.new_product(1); // in no category
  const auto within = ask(s, "GET", "/api/v1/products_with_category?id=" + category, token);
  REQUIRE(within.status == 200);
  REQUIRE(within.as_json().size() == 2);
  const auto ids = ids_of(within.as_json());
  CHECK(std::set<int64_t>{ids.begin(), ids.end()} == std::set<int64_t>{goods.first, goods.second});

  const auto placed = curl(s, place_order,
                           {{"<token>", token},
                            {"USER", user_id},
                            {"FIRST", std::to_string(goods.first)},
                            {"SECOND", std::to_string(goods.second)}});
  INFO(placed.body);
  REQUIRE(placed.status == 200);
  const auto order = placed.as_json();
  CHECK(order.at("user_id") == user_id);
  CHECK(order.at("total_quantity") == 3);
  CHECK(order.at("items").at(0).at("product").at("name") == "Смартфон");
  const auto id = std::to_string(order.at("id").get<int64_t>());

  const auto read = ask(s, "GET", "/order/" + id, token);
  REQUIRE(read.status == 200);
  CHECK(read.as_json().at("user").at("username") == "testuser");
  CHECK(read.as_json().at("items").at(0).at("product").at("id") == goods.first);
  CHECK(read.as_json().at("items").at(0).at("product_quantity") == 2);
  CHECK(ask(s, "GET", "/order/" + id, admin_token(s)).as_json().at("user").at("id") == user_id);

  const auto item = std::to_string(order.at("items").at(0).at("id").get<int64_t>());
  const auto changed = curl(s, R"(curl -X PUT "http://localhost:8002/update_order/ORDER" \
  -H "Content-Type: application/json" -H "Authorization: Bearer <token>" \
  -d '{"order_item_id": ITEM, "quantity": 5}')",
                            {{"ORDER", id}, {"<token>", token}, {"ITEM", item}});
  INFO(changed.body);
  REQUIRE(changed.status == 200);
  CHECK(changed.as_json().at("product_quantity") == 5);
  CHECK(changed.as_json().at("order_id") == order.at("id"));
  CHECK(s.on_hand(goods.first) == 45);
  const auto by_query =
    ask(s, "PUT", "/update_order/" + id + "?order_item_id=" + item + "&quantity=1", token);
  CHECK(by_query.as_json().at("quantity") == 1);
  CHECK(s.on_hand(goods.first) == 49);
  CHECK(s.closed_books() == "");
}

TEST_CASE("an order of 001 is for the caller alone unless an administrator places it",
          "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = std::to_string(s.new_product(10));
  const auto ada = s.new_user();
  const auto bob = s.new_user();
  const auto place = [&](const std::string& token, const std::string& user) {
    return curl(s, place_order,
                {{"<token>", token}, {"USER", user}, {"FIRST", product}, {"SECOND", product}});
  };
  CHECK(place(ada.token, bob.id).status == 403);
  CHECK(s.on_hand(std::stoll(product)) == 10);
  const auto placed = place(admin_token(s), bob.id);
  INFO(placed.body);
  REQUIRE(placed.status == 200);
  CHECK(placed.as_json().at("user_id") == bob.id);
  CHECK(place(admin_token(s), "123e4567-e89b-12d3-a456-426614174000").status == 422);
  const auto id = std::to_string(placed.as_json().at("id").get<int64_t>());
  CHECK(ask(s, "GET", "/order/" + id, bob.token).status == 200);
  CHECK(ask(s, "GET", "/order/" + id, ada.token).status == 404);
}

TEST_CASE("users are managed as 001 does", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = s.new_user();
  const auto admin = admin_token(s);
  CHECK(ask(s, "GET", "/api/v1/users/me", user.token).as_json().at("id") == user.id);
  const auto changed = curl(s, R"(curl -X PUT "http://localhost:8000/api/v1/users/me" \
  -H "Content-Type: application/json" -H "Authorization: Bearer <token>" \
  -d '{"username": "renamed", "email": "renamed@example.com"}')",
                            {{"<token>", user.token}});
  CHECK(changed.status == 200);
  CHECK(changed.as_json().at("username") == "renamed");
  CHECK(ask(s, "GET", "/api/v1/users/", user.token).status == 403);
  CHECK(ask(s, "GET", "/api/v1/users/", admin).as_json().size() == 2);
  CHECK(ask(s, "GET", "/api/v1/users/" + user.id, admin).as_json().at("id") == user.id);
  CHECK(ask(s, "DELETE", "/api/v1/users/" + user.id, user.token).status == 403);
  const auto gone = ask(s, "DELETE", "/api/v1/users/" + user.id, admin);
  CHECK(gone.status == 200);
  CHECK(gone.as_json().at("message").is_string());
  CHECK(ask(s, "GET", "/api/v1/users/" + user.id, admin).status == 404);
}
