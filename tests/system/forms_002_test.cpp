// Drives the requests of document 002 by curl.
// Against a running server on each database.
#include "tests/system/support/curl.hpp"
#include "tests/system/support/databases.hpp"

#include <algorithm>

using namespace souk::tests;

namespace {

std::string order_line(const std::string& total) {
  return R"(curl -X POST http://localhost:8000/orders/ \
  -H "Authorization: Bearer TOKEN" -H "Content-Type: application/json" \
  -d '{"items": [{"product_id": PRODUCT, "quantity": 3}], "total_price": )"
         + total + "}'";
}

} // namespace

TEST_CASE("the requests of 002 lead from registration to a cancelled order", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10, "19.99");
  const auto user = curl(s, R"(curl -X POST http://localhost:8000/register/ \
  -H "Content-Type: application/json" \
  -d '{"email": "user@example.com", "password": "securepassword"}')");
  INFO(user.body);
  REQUIRE(user.status == 200);
  CHECK(user.as_json().at("email") == "user@example.com");
  CHECK(user.as_json().at("username") == "user@example.com");
  const json odd{{"email", "o'brien@example.com"}, {"password", "securepassword"}};
  CHECK(s.guest().post("/register/", odd).status == 200);
  CHECK(s.guest()
          .post("/token/", {{"username", "o'brien@example.com"}, {"password", "securepassword"}})
          .status
        == 200);
  // A password alone names nobody.
  CHECK(s.guest().post("/register", {{"password", "securepassword"}}).status == 422);
  const std::string user_id = user.as_json().at("id");
  const auto login = curl(s, R"(curl -X POST http://localhost:8000/token/ \
  -d "grant_type=password&username=user@example.com&password=securepassword&scope=")");
  REQUIRE(login.status == 200);
  CHECK(login.as_json().at("token_type") == "bearer");
  const std::string token = login.as_json().at("access_token");

  replacements here{{"TOKEN", token}, {"PRODUCT", std::to_string(product)}};
  const auto placed = curl(s, order_line("59.97"), here);
  INFO(placed.body);
  REQUIRE(placed.status == 200);
  CHECK(placed.as_json().at("total_price").dump() == "59.97");
  CHECK(s.on_hand(product) == 7);
  const auto wrong = curl(s, order_line("59.98"), here);
  CHECK(wrong.status == 422);
  CHECK(wrong.header("Content-Type") == "application/problem+json");
  CHECK(s.on_hand(product) == 7);

  here.emplace_back("ORDER", std::to_string(placed.as_json().at("id").get<int64_t>()));
  here.emplace_back("USER", user_id);
  const std::string bearer = R"( -H "Authorization: Bearer TOKEN")";
  const auto read = curl(s, "curl http://localhost:8000/orders/ORDER/" + bearer, here);
  REQUIRE(read.status == 200);
  CHECK(read.as_json().at("total_price").dump() == "59.97");
  s.new_order(s.new_user(), {{s.new_product(1), 1}}); // another's is not listed
  const auto all = curl(s, "curl http://localhost:8000/orders/user/USER/" + bearer, here);
  REQUIRE(all.status == 200);
  const int64_t own = placed.as_json().at("id");
  CHECK(ids_of(all.as_json()) == std::vector<int64_t>{own});
  const auto changed = curl(s,
                            R"(curl -X PATCH http://localhost:8000/orders/ORDER/ \
  -H "Content-Type: application/json" -d '{"status": "cancelled"}')"
                              + bearer,
                            here);
  REQUIRE(changed.status == 200);
  CHECK(changed.as_json().at("status") == "cancelled");
  CHECK(s.on_hand(product) == 10);
  CHECK(curl(s, "curl http://localhost:8000/orders/ORDER/", here).status == 401);
  CHECK(s.closed_books() == "");
}

TEST_CASE("more orders than a page come in one list", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  constexpr size_t count = 210;
  shop s{kind};
  const auto product = s.new_product(1000, "1");
  const auto user = s.new_user();
  auto buyer = s.as(user);
  std::vector<int64_t> own;
  for (size_t i = 0; i < count; ++i)
    own.push_back(s.new_order(user, {{product, 1}}).at("id"));
  s.new_order(s.new_user(), {{product, 1}}); // another's is not listed
  std::reverse(own.begin(), own.end());      // the newest comes first
  const auto all = buyer.get("/orders/user/" + user.id);
  REQUIRE(all.status == 200);
  CHECK(ids_of(all.as_json()) == own);
  CHECK(!all.has("Link"));
  // The API itself gives pages, of 100 unless asked otherwise.
  const auto page = buyer.get("/api/v1/orders");
  CHECK(page.as_json().size() == 100);
  CHECK(!next_page(page).empty());
}
