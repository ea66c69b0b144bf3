// Drives a product's movements over HTTP against a running server on each database: every change of
// the stock is one, with its reason, and their sum is what is on hand.
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <random>
#include <set>

using namespace souk::tests;

namespace {

int64_t sum(const json& movements) {
  int64_t result = 0;
  for (const auto& movement : movements)
    result += movement.at("delta").get<int64_t>();
  return result;
}

json movements_of(shop& s, int64_t product, const std::string& query = "?limit=500") {
  auto admin = s.admin();
  return all_pages(admin, stock_path(product) + "/movements" + query);
}

} // namespace

TEST_CASE("every change of a stock is a movement with its reason", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  const auto product = s.new_product(10);
  const auto stock = stock_path(product);
  const auto user = s.new_user();
  REQUIRE(admin.put(stock, {{"stock", 40}, {"reason", "counted"}}).status == 200);
  REQUIRE(admin.post(stock + "/adjust", {{"delta", -3}, {"reason", "broken"}}).status == 200);
  const auto order = s.new_order(user, {{product, 4}});
  REQUIRE(s.as(user).post(order_path(order) + "/cancel", json::object()).status == 200);
  // What is refused moves nothing, nor does a count that is as it was.
  REQUIRE(admin.put(stock, {{"stock", 37}, {"reason", "counted again"}}).status == 200);
  CHECK(admin.post(stock + "/adjust", {{"delta", -38}, {"reason", "lost"}}).status == 409);
  CHECK(s.as(user).post("/api/v1/orders", order_of({{product, 38}})).status == 409);

  const auto listed = movements_of(s, product);
  INFO(listed.dump(2));
  REQUIRE(listed.size() == 5);
  CHECK(each(listed, "delta") == std::vector<json>{4, -4, -3, 30, 10}); // newest first
  CHECK(listed[2].at("reason") == "broken");
  CHECK(listed[3].at("reason") == "counted");
  CHECK(each(listed, "order_id")
        == std::vector<json>{order.at("id"), order.at("id"), nullptr, nullptr, nullptr});
  for (const auto& movement : listed) {
    CHECK(movement.at("product_id") == product);
    CHECK(is_time(movement.at("created_at")));
    CHECK(movement.at("reason").get<std::string>() != "");
  }
  CHECK(sum(listed) == s.on_hand(product));
  CHECK(s.closed_books() == "");
}

TEST_CASE("movements add up to what is on hand after random changes", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  constexpr unsigned seed = 20260101;
  INFO("seed " << seed);
  std::mt19937 random{seed};
  const auto below = [&](unsigned bound) { return static_cast<int64_t>(random() % bound); };
  auto admin = s.admin();
  const auto user = s.new_user();
  auto buyer = s.as(user);
  const std::vector<int64_t> products{s.new_product(5), s.new_product(20)};
  std::vector<json> orders;
  for (int i = 0; i < 40; ++i) {
    const auto product = products[random() % products.size()];
    switch (below(4)) {
    case 0: s.set_stock(product, below(30)); break;
    case 1:
      admin.post(stock_path(product) + "/adjust",
                 {{"delta", below(21) - 10}, {"reason", "step " + std::to_string(i)}});
      break;
    case 2: {
      const auto got = buyer.post(
        "/api/v1/orders", order_of({{products[0], below(4) + 1}, {products[1], below(4) + 1}}));
      if (got.status == 201)
        orders.push_back(got.as_json());
      break;
    }
    default:
      if (!orders.empty())
        buyer.post(order_path(orders[random() % orders.size()]) + "/cancel", json::object());
    }
  }
  REQUIRE(!orders.empty());
  for (const auto product : products) {
    const auto listed = movements_of(s, product);
    CHECK(listed.size() > 7);
    CHECK(sum(listed) == s.on_hand(product));
    CHECK(movements_of(s, product, "?limit=7") == listed);
  }
  CHECK(s.closed_books() == "");
}

TEST_CASE("pages of movements neither skip nor repeat while the stock moves", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  const auto product = s.new_product(1);
  const auto adjust = [&] {
    admin.post(stock_path(product) + "/adjust", {{"delta", 1}, {"reason", "found"}});
  };
  for (int i = 0; i < 10; ++i)
    adjust();
  const auto before = movements_of(s, product);
  REQUIRE(before.size() == 11);
  auto reader = s.admin();
  CHECK(all_pages(reader, stock_path(product) + "/movements?limit=3", adjust) == before);
  CHECK(movements_of(s, product).size() > before.size());
}

TEST_CASE("movements have their limits", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  const auto product = s.new_product(1);
  CHECK(admin.get(stock_path(9007199254740000) + "/movements").status == 404);
  for (const auto* wrong : {"limit=0", "limit=501", "cursor=%21%21"})
    CHECK(admin.get(stock_path(product) + "/movements?" + wrong).status == 422);
  CHECK(s.as(s.new_user()).get(stock_path(product) + "/movements").status == 403);
  // A stale change moves nothing.
  const auto tag = admin.get(stock_path(product)).header("ETag");
  const json delta{{"delta", 1}, {"reason", "found"}};
  CHECK(admin.post(stock_path(product) + "/adjust", delta, {{"If-Match", tag}}).status == 200);
  CHECK(admin.post(stock_path(product) + "/adjust", delta, {{"If-Match", tag}}).status == 412);
  CHECK(admin.put(stock_path(product), {{"stock", 9}}, {{"If-Match", tag}}).status == 412);
  CHECK(movements_of(s, product).size() == 2);
}
