// Drives the requests of document 004 by curl.
// Against a running server on each database.
#include "tests/actors/external/source_server.hpp"
#include "tests/system/support/curl.hpp"
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <optional>

using namespace souk::tests;
namespace outside = souk::external::test;

namespace {

const std::string sign_up = R"(curl -X POST http://localhost:8001/auth-service/register \
  -H "Content-Type: application/json" -d '{
    "username": "john_doe",
    "email": "john@example.com",
    "first_name": "John",
    "last_name": "Doe",
    "password": "secure123"
}')";

const std::string log_in = R"(curl -X POST http://localhost:8001/auth-service/login \
  -H "Content-Type: application/json" -d '{
    "username": "john_doe",
    "password": "secure123"
}')";

const std::string place_order = R"(curl -X POST http://localhost:8003/order-service/orders \
  -H "Content-Type: application/json" -H "Authorization: Bearer jwt_token" -d '{
       "items": [
           {"product_id": FIRST, "quantity": 2},
           {"product_id": SECOND, "quantity": 1}
       ],
       "shipping_address_id": ADDRESS
   }')";

const std::string bearer = R"( -H "Authorization: Bearer jwt_token")";

/// What the external catalog says of a product from now on.
void tell(outside::source_server& catalog, int64_t id, const std::string& title,
          bool wrapped = false) {
  const json product{{"id", id}, {"title", title}, {"price", 20.15}, {"category", "audio"}};
  const json body = wrapped ? json{{"status", "SUCCESS"}, {"product", product}} : product;
  catalog.answer("/api/products/" + std::to_string(id), outside::response("200 OK", body.dump()));
}

} // namespace

TEST_CASE("the requests of 004 lead from registration to a delivered order", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"orders.confirm", "true"}}};
  const auto first = s.new_product(10, "10");
  const auto second = s.new_product(10, "2.50");
  const auto user = curl(s, sign_up);
  INFO(user.body);
  REQUIRE(user.status == 200);
  CHECK(user.as_json().at("first_name") == "John");
  CHECK(user.as_json().at("is_active") == true);
  const auto login = curl(s, log_in);
  REQUIRE(login.status == 200);
  replacements here{{"jwt_token", login.as_json().at("access_token")},
                    {"USER", user.as_json().at("id")},
                    {"FIRST", std::to_string(first)},
                    {"SECOND", std::to_string(second)}};
  const auto verified = curl(s, "curl -X POST http://localhost:8001/verify-token" + bearer, here);
  REQUIRE(verified.status == 200);
  CHECK(verified.as_json().at("user_id") == user.as_json().at("id"));
  CHECK(verified.as_json().at("email") == "john@example.com");
  CHECK(curl(s, "curl -X POST http://localhost:8001/verify-token").status == 401);
  const auto read = curl(s, "curl http://localhost:8001/user/USER" + bearer, here);
  CHECK(read.as_json().at("username") == "john_doe");

  const auto address = curl(s,
                            R"(curl -X POST http://localhost:8001/user/USER/addresses \
  -H "Content-Type: application/json" \
  -d '{"street": "Long Road 1", "city": "Berlin", "state": "BE", "postal_code": "10115",
       "country": "DE", "is_default": true}')"
                              + bearer,
                            here);
  INFO(address.body);
  REQUIRE(address.status == 200);
  CHECK(address.as_json().at("user_id") == user.as_json().at("id"));
  const auto list = curl(s, "curl http://localhost:8001/user/USER/addresses" + bearer, here);
  REQUIRE(list.as_json().size() == 1);
  CHECK(list.as_json().at(0).at("id") == address.as_json().at("id"));
  here.emplace_back("ADDRESS", std::to_string(address.as_json().at("id").get<int64_t>()));

  const auto placed = curl(s, place_order, here);
  INFO(placed.body);
  REQUIRE(placed.status == 200);
  const auto order = placed.as_json();
  CHECK(order.at("order_number").get<std::string>().starts_with("ORD-"));
  CHECK(order.at("payment_method") == "cash_on_delivery");
  CHECK(order.at("shipping_address").at("street") == "Long Road 1");
  CHECK(order.at("total_amount") == 22.5);
  CHECK(order.at("items").at(0).at("subtotal") == 20);
  here.emplace_back("ORDER", std::to_string(order.at("id").get<int64_t>()));

  for (const std::string prefix : {"", "/order-api"}) {
    const auto again =
      curl(s, "curl http://localhost:8003" + prefix + "/orders/ORDER" + bearer, here);
    INFO(again.body);
    REQUIRE(again.status == 200);
    CHECK(again.as_json().at("items") == order.at("items"));
  }
  s.new_order(s.new_user(), {{second, 1}}); // another's is not listed
  const auto orders = curl(s, "curl http://localhost:8003/users/USER/orders" + bearer, here);
  const int64_t own = order.at("id");
  CHECK(ids_of(orders.as_json()) == std::vector<int64_t>{own});

  auto admin = s.admin();
  const auto status = "/order-service/orders/" + std::to_string(order.at("id").get<int64_t>());
  const bool confirmed =
    eventually(10s, [&] { return admin.get(status).as_json().at("status") == "confirmed"; });
  CHECK(confirmed);
  // What is confirmed already may be confirmed.
  for (const std::string next : {"confirmed", "shipped", "delivered"})
    CHECK(admin.put(status + "/status", {{"status", next}}).as_json().at("status") == next);
  const auto refused = curl(s,
                            R"(curl -X PUT http://localhost:8003/orders/ORDER/status \
  -H "Content-Type: application/json" -d '{"status": "returned"}')"
                              + bearer,
                            here);
  CHECK(refused.status == 403);
  CHECK(s.closed_books() == "");
}

TEST_CASE("an owner cancels an order of 004 and takes it no further", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  const auto owner = s.new_user();
  const auto order = s.new_order(owner, {{product, 2}});
  const auto status = "/orders/" + std::to_string(order.at("id").get<int64_t>()) + "/status";
  for (const std::string next : {"confirmed", "shipped", "delivered", "returned"})
    CHECK(s.as(owner).put(status, {{"status", next}}).status == 403);
  CHECK(s.as(s.new_user()).put(status, {{"status", "cancelled"}}).status == 404);
  CHECK(s.read_order(order) == order);
  const auto cancelled = s.as(owner).put(status, {{"status", "cancelled"}});
  INFO(cancelled.body);
  REQUIRE(cancelled.status == 200);
  CHECK(cancelled.as_json().at("status") == "cancelled");
  CHECK(s.on_hand(product) == 10);
  CHECK(s.closed_books() == "");
}

TEST_CASE("nobody sees another user's account or addresses", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto ada = s.new_user();
  const auto bob = s.new_user();
  CHECK(s.as(ada).get("/user/" + bob.id).status == 403);
  CHECK(s.as(ada).get("/user/" + bob.id + "/addresses").status == 403);
  CHECK(s.guest().get("/user/" + bob.id).status == 401);
  CHECK(s.admin().get("/user/" + bob.id).as_json().at("id") == bob.id);
  CHECK(s.admin().get("/user/" + bob.id + "/addresses").as_json().empty());
  CHECK(s.admin().get("/user/123e4567-e89b-12d3-a456-426614174000").status == 404);
  const auto orders = s.as(ada).get("/users/" + bob.id + "/orders");
  CHECK(orders.status == 404);
}

TEST_CASE("products of 004 come from the external catalog, and stay when it is away",
          "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  std::optional<outside::source_server> catalog;
  catalog.emplace();
  shop s{kind, {{"catalog.external_url", catalog->url("/api")}}};
  const auto own = s.new_product(5, "3");
  tell(*catalog, 5000, "Headphones", true);
  tell(*catalog, 5001, "Speaker");
  auto buyer = s.as(s.new_user());
  const auto place = [&](const order_lines& lines) {
    auto answer = buyer.post("/order-service/orders", order_of(lines));
    INFO(answer.body);
    CHECK(answer.status < 500);
    return answer;
  };
  const auto placed = place({{5000, 2}, {own, 1}, {5001, 1}});
  REQUIRE(placed.status == 200);
  const auto order = placed.as_json();
  CHECK(order.at("items").at(0).at("product_name") == "Headphones");
  CHECK(order.at("items").at(1).at("product_id") == own);
  CHECK(order.at("items").at(2).at("product_name") == "Speaker");
  CHECK(order.at("total_amount") == 63.45);
  CHECK(s.on_hand(own) == 4);
  CHECK(place({{5000, 1}}).status == 200);
  const auto asked = catalog->asked();
  CHECK(std::count(asked.begin(), asked.end(), "/api/products/5000") == 1); // kept since
  CHECK(place({{5999, 1}}).status == 422);
  // Nobody's order asks for nothing.
  CHECK(s.guest().post("/orders", order_of({{5998, 1}})).status == 401);
  CHECK(catalog->asked().back() == "/api/products/5999");

  // The id that a product got here is another product's number there.
  const int64_t kept = order.at("items").at(0).at("product_id");
  tell(*catalog, kept, "Microphone");
  const auto other = place({{kept, 1}});
  REQUIRE(other.status == 200);
  CHECK(other.as_json().at("items").at(0).at("product_name") == "Microphone");

  catalog.reset();
  CHECK(place({{5000, 1}}).as_json().at("items").at(0).at("product_name") == "Headphones");
  CHECK(place({{own, 1}}).status == 200);
  const auto away = buyer.post("/orders", order_of({{own, 1}, {5002, 1}}));
  CHECK(away.status == 503);
  CHECK(away.has("Retry-After"));
  CHECK(s.on_hand(own) == 3);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a product of the external catalog is asked for again when its time is over",
          "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  outside::source_server catalog;
  shop s{kind, {{"catalog.external_url", catalog.url("/api")}, {"catalog.external_ttl", "1s"}}};
  auto buyer = s.as(s.new_user());
  const auto place = [&](int64_t quantity) {
    return buyer.post("/order-service/orders", order_of({{5000, quantity}}));
  };
  const auto name_in = [](const json& order) { return order.at("items").at(0).at("product_name"); };
  tell(catalog, 5000, "Headphones");
  const auto placed = place(1);
  INFO(placed.body);
  REQUIRE(placed.status == 200);
  const auto order = placed.as_json();
  CHECK(name_in(order) == "Headphones");

  tell(catalog, 5000, "Earphones");
  const bool renewed = eventually(10s, [&] {
    const auto later = expect("place an order", 200, place(1)).as_json();
    return name_in(later) == "Earphones";
  });
  CHECK(renewed);
  CHECK(name_in(s.read_order(order)) == "Headphones"); // as it was when that one was placed

  // A count that someone sets is kept to.
  const int64_t kept = order.at("items").at(0).at("product_id");
  s.set_stock(kept, 1);
  const auto refused = place(2);
  INFO(refused.body);
  CHECK(refused.status == 409);
  CHECK(refused.code() == "out_of_stock");
  CHECK(s.on_hand(kept) == 1);
  CHECK(place(1).status == 200);
  CHECK(s.on_hand(kept) == 0);
  CHECK(s.closed_books() == "");
}
