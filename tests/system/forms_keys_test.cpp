// Drives requests of existing shops under an Idempotency-Key: what they name may have changed when
// they come again, and an administrator may act for a user. Against a running server on each
// database.
#include "tests/system/support/books.hpp"
#include "tests/system/support/databases.hpp"

using namespace souk::tests;

namespace {

header_list key(const std::string& text) {
  return {{"Idempotency-Key", text}};
}

/// A product that has an external id.
int64_t make(shop& s, const std::string& external_id) {
  return s
    .create("/api/v1/products",
            {{"name", "Desk"}, {"price", "10"}, {"quantity", 5}, {"external_id", external_id}})
    .at("id");
}

bool is_there(shop& s, int64_t product) {
  return s.guest().get("/api/v1/products/" + std::to_string(product)).status == 200;
}

/// An order of one desk for a user.
json desk_for(const account& user, int64_t product) {
  return {{"user_id", user.id},
          {"items", json::array({{{"product_id", product}, {"quantity", 1}}})}};
}

void check_replayed(const answer& again, const answer& first) {
  INFO(again.body);
  CHECK(again.status == first.status);
  CHECK(again.body == first.body);
  CHECK(again.header("Idempotent-Replayed") == "true");
}

} // namespace

TEST_CASE("a retry finds its answer though the product that it names is gone", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = make(s, "desk");
  auto buyer = s.as(s.new_user());
  const json lines{{"items", json::array({{{"product_id", "desk"}, {"quantity", 1}}})}};
  const auto order = [&] { return buyer.post("/orders", lines, key("order")); };
  const auto one_line = [&] {
    return buyer.send("POST", "/order?product_id=desk&quantity=1", {}, key("line"));
  };
  const auto first = order();
  INFO(first.body);
  REQUIRE(first.status == 200);
  const auto first_line = one_line();
  REQUIRE(first_line.status == 200);
  REQUIRE(s.admin().remove("/api/v1/products/" + std::to_string(product)).status == 204);
  check_replayed(order(), first);
  check_replayed(one_line(), first_line);
  // Under another key it is what it is without one.
  const auto unknown = buyer.post("/orders", lines, key("another"));
  CHECK(unknown.status == 422);
  CHECK(unknown.code() == "product_not_found");
  CHECK(unknown.as_json().at("errors") == buyer.post("/orders", lines).as_json().at("errors"));
  CHECK(count_orders(s.database) == 2);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a product that is deleted twice under one key is deleted once", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  make(s, "lamp");
  auto admin = s.admin();
  const auto remove = [&] { return admin.remove("/products/lamp", key("k")); };
  const auto first = remove();
  INFO(first.body);
  REQUIRE(first.status == 200);
  check_replayed(remove(), first);
  const auto successor = make(s, "lamp");
  check_replayed(remove(), first);
  CHECK(is_there(s, successor));
  CHECK(admin.remove("/products/lamp", key("another")).status == 200);
  CHECK_FALSE(is_there(s, successor));
  CHECK(admin.remove("/products/lamp", key("a third")).status == 404);
}

TEST_CASE("a key is of whoever sends it, for whomever they act", "[system][forms]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  const auto customer = s.new_user();
  const auto other = s.new_user();
  auto admin = s.admin();
  const auto own = s.as(customer).post("/order", desk_for(customer, product), key("k"));
  REQUIRE(own.status == 200);
  const auto for_them = admin.post("/order", desk_for(customer, product), key("k"));
  INFO(for_them.body);
  REQUIRE(for_them.status == 200);
  CHECK(for_them.as_json().at("id") != own.as_json().at("id"));
  const auto reused = admin.post("/order", desk_for(other, product), key("k"));
  CHECK(reused.status == 422);
  CHECK(reused.code() == "idempotency_key_reused");
  CHECK(admin.post("/order", desk_for(customer, product), key("k")).as_json().at("id")
        == for_them.as_json().at("id"));
  CHECK(count_orders(s.database) == 2);
  CHECK(s.closed_books() == "");
}
