// Drives carts over HTTP against a running server on each database: what is in them, what it costs,
// whose they are. Their checkout is in checkout_test.cpp.
#include "tests/system/support/databases.hpp"

#include <atomic>
#include <set>

using namespace souk::tests;

namespace {

const std::string cart = "/api/v1/cart";
const std::string items = "/api/v1/cart/items";

std::string item_path(int64_t product) {
  return items + "/" + std::to_string(product);
}

answer add(client& buyer, int64_t product, const json& quantity) {
  return buyer.post(items, {{"product_id", product}, {"quantity", quantity}});
}

/// A cart's line of this product; null: none.
json line_of(const answer& got, int64_t product) {
  const auto body = json::parse(got.body);
  for (const auto& line : body.at("items"))
    if (line.at("product_id") == product)
      return line;
  return nullptr;
}

} // namespace

TEST_CASE("a cart adds up", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10, "19.99");
  const auto chair = s.new_product(5, "30000");
  const auto user = s.new_user();
  auto buyer = s.as(user);
  const auto empty = buyer.get(cart);
  REQUIRE(empty.status == 200);
  const json nothing{
    {"items", json::array()}, {"total_quantity", 0}, {"total_amount", 0}, {"currency", "USD"}};
  CHECK(empty.as_json() == nothing);

  CHECK(add(buyer, lamp, 1).status == 201);
  CHECK(add(buyer, chair, 1).status == 201);
  const auto added = add(buyer, lamp, 2);
  INFO(added.body);
  REQUIRE(added.status == 201);
  CHECK(added.as_json().at("items").size() == 2);
  CHECK(added.as_json().at("total_quantity") == 4);
  CHECK(added.as_json().at("total_amount").dump() == "30059.97");
  CHECK(line_of(added, lamp).at("quantity") == 3);
  CHECK(line_of(added, lamp).at("price").dump() == "19.99");
  CHECK(line_of(added, lamp).at("subtotal").dump() == "59.97");
  CHECK(line_of(added, lamp).contains("available"));
  CHECK(line_of(added, chair).at("name")
        == s.guest().get(product_path(chair)).as_json().at("name"));
  CHECK(buyer.get(cart).as_json() == added.as_json());
  CHECK(s.on_hand(lamp) == 10); // nothing is taken before it is ordered

  const auto set = buyer.put(item_path(lamp), {{"quantity", 5}});
  REQUIRE(set.status == 200);
  CHECK(line_of(set, lamp).at("quantity") == 5);
  const auto none = buyer.put(item_path(lamp), {{"quantity", 0}});
  REQUIRE(none.status == 200);
  CHECK(line_of(none, lamp).is_null());
  CHECK(none.as_json().at("total_quantity") == 1);
  const auto removed = buyer.remove(item_path(chair));
  REQUIRE(removed.status == 200);
  CHECK(removed.as_json() == nothing);

  CHECK(add(buyer, lamp, 2).status == 201);
  s.server.kill();
  s.server.start();
  buyer = s.as(user);
  CHECK(line_of(buyer.get(cart), lamp).at("quantity") == 2);
  CHECK(buyer.remove(cart).status == 204);
  CHECK(buyer.get(cart).as_json() == nothing);
  CHECK(buyer.remove(cart).status == 204);
}

TEST_CASE("what a cart cannot hold is refused", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(1);
  const auto chair = s.new_product(1);
  const int64_t missing = 9007199254740000;
  auto buyer = s.as(s.new_user());
  // More than there is may be wanted: it may come.
  REQUIRE(add(buyer, lamp, 3).status == 201);
  const auto unknown = add(buyer, missing, 1);
  CHECK(unknown.status == 422);
  CHECK(unknown.code() == "product_not_found");
  for (const auto& wrong : {json(0), json(-1), json("many"), json(1.5), json(nullptr)}) {
    const auto refused = add(buyer, lamp, wrong);
    CHECK(refused.status == 422);
    CHECK(pointers(refused) == std::set<std::string>{"/quantity"});
  }
  const auto nothing = buyer.post(items, json::object());
  CHECK(nothing.status == 422);
  CHECK(pointers(nothing) == std::set<std::string>{"/product_id", "/quantity"});
  CHECK(buyer.put(item_path(lamp), {{"quantity", -1}}).status == 422);
  for (const auto product : {chair, missing}) {
    CHECK(buyer.put(item_path(product), {{"quantity", 2}}).status == 404);
    CHECK(buyer.put(item_path(product), {{"quantity", 0}}).status == 404);
    CHECK(buyer.remove(item_path(product)).status == 404);
  }
  CHECK(line_of(buyer.get(cart), lamp).at("quantity") == 3);
  CHECK(buyer.get(cart).as_json().at("items").size() == 1);
}

TEST_CASE("a cart has at most 100 lines, and an order as many", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  s.admin(); // its token is kept, and the threads below only read it
  std::vector<int64_t> products(101);
  std::atomic<size_t> next = 0;
  in_parallel(8, [&](size_t) {
    for (size_t i = next++; i < products.size(); i = next++)
      products[i] = s.new_product(2);
  });
  auto buyer = s.as(s.new_user());
  for (size_t i = 0; i < 100; ++i)
    REQUIRE(add(buyer, products[i], 1).status == 201);
  const auto full = add(buyer, products[100], 1);
  CHECK(full.status == 422);
  CHECK(full.code() == "cart_full");
  CHECK(add(buyer, products[0], 1).status == 201); // no further line
  CHECK(buyer.remove(item_path(products[5])).status == 200);
  CHECK(add(buyer, products[100], 1).status == 201);
  CHECK(buyer.get(cart).as_json().at("items").size() == 100);
  const auto placed = buyer.post("/api/v1/cart/checkout", json::object());
  INFO(placed.body);
  REQUIRE(placed.status == 201);
  CHECK(placed.as_json().at("items").size() == 100);
  CHECK(placed.as_json().at("total_quantity") == 101);
  CHECK(s.on_hand(products[0]) == 0);
  CHECK(s.on_hand(products[5]) == 2);
  CHECK(s.on_hand(products[100]) == 1);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a cart's prices follow the catalog", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10, "10.00");
  auto buyer = s.as(s.new_user());
  REQUIRE(add(buyer, lamp, 3).status == 201);
  REQUIRE(s.admin().patch(product_path(lamp), {{"price", "12.50"}, {"name", "Lantern"}}).status
          == 200);
  const auto shown = buyer.get(cart);
  CHECK(line_of(shown, lamp).at("price").dump() == "12.5");
  CHECK(line_of(shown, lamp).at("subtotal").dump() == "37.5");
  CHECK(line_of(shown, lamp).at("name") == "Lantern");
  CHECK(shown.as_json().at("total_amount").dump() == "37.5");
}

TEST_CASE("what was deleted stays in a cart until it is taken out", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10, "10.00");
  const auto chair = s.new_product(10, "5.00");
  auto buyer = s.as(s.new_user());
  REQUIRE(add(buyer, lamp, 1).status == 201);
  REQUIRE(add(buyer, chair, 1).status == 201);
  REQUIRE(s.admin().remove(product_path(lamp)).status == 204);
  const auto changed = buyer.put(item_path(chair), {{"quantity", 2}});
  REQUIRE(changed.status == 200);
  CHECK(line_of(changed, lamp).at("available") == 0);
  CHECK(line_of(changed, chair).at("quantity") == 2);
  const auto more = buyer.put(item_path(lamp), {{"quantity", 2}});
  CHECK(more.status == 422);
  CHECK(more.code() == "product_not_found");
  CHECK(buyer.get(cart).as_json() == changed.as_json());
  const auto refused = buyer.post("/api/v1/cart/checkout", json::object());
  CHECK(refused.status == 409);
  CHECK(refused.code() == "out_of_stock");
  REQUIRE(buyer.remove(item_path(lamp)).status == 200);
  CHECK(buyer.post("/api/v1/cart/checkout", json::object()).status == 201);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a cart's sum is exact or refused", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto palace = s.new_product(10, "90071992547409.90");
  auto buyer = s.as(s.new_user());
  REQUIRE(add(buyer, palace, 1).status == 201);
  const auto refused = add(buyer, palace, 1);
  CHECK(refused.status == 422);
  CHECK(refused.code() == "amount_too_large");
  CHECK(pointers(refused) == std::set<std::string>{"/quantity"});
  CHECK(buyer.get(cart).as_json().at("total_amount").dump() == "90071992547409.9");
}

TEST_CASE("everyone has a cart of their own", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10);
  const auto chair = s.new_product(10);
  auto one = s.as(s.new_user());
  auto other = s.as(s.new_user());
  REQUIRE(add(one, lamp, 1).status == 201);
  REQUIRE(add(other, chair, 2).status == 201);
  CHECK(line_of(other.get(cart), lamp).is_null());
  CHECK(other.remove(item_path(lamp)).status == 404);
  CHECK(other.remove(cart).status == 204);
  CHECK(line_of(one.get(cart), lamp).at("quantity") == 1);
  CHECK(s.guest().get(cart).status == 401);
}

TEST_CASE("what is added at once is all there", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10);
  const auto user = s.new_user();
  std::atomic<int> added = 0;
  in_parallel(6, [&](size_t) {
    auto buyer = s.as(user);
    for (int i = 0; i < 5; ++i)
      if (add(buyer, lamp, 1).status == 201)
        ++added;
  });
  CHECK(added == 30);
  CHECK(line_of(s.as(user).get(cart), lamp).at("quantity") == 30);
}

TEST_CASE("a repeated addition is added once", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10);
  const auto user = s.new_user();
  const json wanted{{"product_id", lamp}, {"quantity", 2}};
  const header_list key{{"Idempotency-Key", "add"}};
  const auto first = s.as(user).post(items, wanted, key);
  REQUIRE(first.status == 201);
  CHECK(replayed(s.as(user).post(items, wanted, key)));
  s.server.kill();
  s.server.start();
  const auto again = s.as(user).post(items, wanted, key);
  CHECK(again.status == 201);
  CHECK(replayed(again));
  CHECK(again.body == first.body);
  CHECK(line_of(s.as(user).get(cart), lamp).at("quantity") == 2);
}
