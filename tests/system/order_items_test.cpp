// Drives changes of an order's lines over HTTP against a running server on each database: the stock
// moves by the difference, exactly once.
#include "tests/system/support/databases.hpp"

#include <algorithm>

using namespace souk::tests;

namespace {

std::string item_path(const json& order, const json& item) {
  return order_path(order) + "/items/" + std::to_string(item.at("id").get<int64_t>());
}

/// An order's line of this product.
json line_of(const json& order, int64_t product) {
  for (const auto& item : order.at("items"))
    if (item.at("product_id") == product)
      return item;
  return nullptr;
}

answer set(client& buyer, const json& order, int64_t product, const json& quantity,
           const header_list& headers = {}) {
  return buyer.put(item_path(order, line_of(order, product)), {{"quantity", quantity}}, headers);
}

} // namespace

TEST_CASE("a line's quantity moves the stock by the difference", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10, "19.99");
  const auto chair = s.new_product(10, "5.00");
  const auto user = s.new_user();
  auto buyer = s.as(user);
  const auto order = s.new_order(user, {{lamp, 2}, {chair, 1}});
  // A later price is for later orders.
  REQUIRE(s.admin().patch(product_path(lamp), {{"price", "99"}}).status == 200);
  const auto more = set(buyer, order, lamp, 5);
  INFO(more.body);
  REQUIRE(more.status == 200);
  CHECK(more.as_json().at("version") == 2);
  CHECK(more.as_json().at("status") == "pending");
  CHECK(more.as_json().at("total_quantity") == 6);
  CHECK(more.as_json().at("total_amount").dump() == "104.95");
  CHECK(line_of(more.as_json(), lamp).at("quantity") == 5);
  CHECK(line_of(more.as_json(), lamp).at("product_price").dump() == "19.99");
  CHECK(line_of(more.as_json(), lamp).at("subtotal").dump() == "99.95");
  CHECK(line_of(more.as_json(), lamp).at("id") == line_of(order, lamp).at("id"));
  CHECK(s.on_hand(lamp) == 5);
  const auto fewer = set(buyer, order, lamp, 1);
  REQUIRE(fewer.status == 200);
  CHECK(fewer.as_json().at("total_amount").dump() == "24.99");
  CHECK(s.on_hand(lamp) == 9);
  CHECK(s.read_order(order) == fewer.as_json());

  // A confirmed order can be changed as well.
  REQUIRE(s.advance(order, "confirmed").status == 200);
  CHECK(set(buyer, order, lamp, 3).status == 200);
  CHECK(s.on_hand(lamp) == 7);
  const auto removed = set(buyer, order, lamp, 0);
  REQUIRE(removed.status == 200);
  CHECK(removed.as_json().at("items").size() == 1);
  CHECK(removed.as_json().at("status") == "confirmed");
  CHECK(removed.as_json().at("total_amount").dump() == "5");
  CHECK(s.on_hand(lamp) == 10);
  CHECK(set(buyer, order, lamp, 1).status == 404);
  CHECK(s.on_hand(chair) == 9);
  CHECK(s.closed_books() == "");
}

TEST_CASE("an order without its last line is cancelled", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10);
  const auto user = s.new_user();
  auto buyer = s.as(user);
  const auto order = s.new_order(user, {{lamp, 4}});
  const auto emptied = set(buyer, order, lamp, 0);
  REQUIRE(emptied.status == 200);
  CHECK(emptied.as_json().at("status") == "cancelled");
  CHECK(s.on_hand(lamp) == 10);
  const auto cancel = buyer.post(order_path(order) + "/cancel", json::object());
  CHECK(cancel.status == 409);
  CHECK(cancel.code() == "invalid_transition");
  CHECK(s.on_hand(lamp) == 10);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a changed order that is cancelled puts back what it has", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10);
  const auto chair = s.new_product(10);
  const auto user = s.new_user();
  auto buyer = s.as(user);
  const auto order = s.new_order(user, {{lamp, 2}, {chair, 3}});
  REQUIRE(set(buyer, order, lamp, 7).status == 200);
  REQUIRE(set(buyer, order, chair, 0).status == 200);
  s.server.kill();
  s.server.start();
  CHECK(s.on_hand(lamp) == 3);
  CHECK(s.on_hand(chair) == 10);
  CHECK(s.as(user).post(order_path(order) + "/cancel", json::object()).status == 200);
  CHECK(s.on_hand(lamp) == 10);
  CHECK(s.on_hand(chair) == 10);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a refused change of a line changes nothing", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(5);
  const auto user = s.new_user();
  auto buyer = s.as(user);
  const auto order = s.new_order(user, {{lamp, 2}});
  const auto path = item_path(order, line_of(order, lamp));
  const auto scarce = set(buyer, order, lamp, 6);
  CHECK(scarce.status == 409);
  CHECK(scarce.code() == "out_of_stock");
  CHECK(scarce.as_json().at("shortages").size() == 1);
  for (const auto& wrong : {json(-1), json("many"), json(1.5), json(nullptr)}) {
    const auto refused = set(buyer, order, lamp, wrong);
    CHECK(refused.status == 422);
    CHECK(pointers(refused) == std::set<std::string>{"/quantity"});
  }
  CHECK(buyer.put(path, json::object()).status == 422);
  CHECK(set(buyer, order, lamp, 3, {{"If-Match", "\"v999\""}}).status == 412);
  const json missing{{"id", 9007199254740000}};
  const auto unknown = buyer.put(item_path(order, missing), {{"quantity", 1}});
  CHECK(unknown.status == 404);
  CHECK(buyer.put(item_path(missing, line_of(order, lamp)), {{"quantity", 1}}).status == 404);

  const auto stranger = s.new_user();
  const auto others = s.new_order(stranger, {{lamp, 1}});
  auto foreign = s.as(stranger);
  CHECK(anonymous(foreign.put(path, {{"quantity", 1}})) == anonymous(unknown));
  // A line of another order is not one of this order.
  if (const auto theirs = line_of(others, lamp); theirs.at("id") != line_of(order, lamp).at("id"))
    CHECK(buyer.put(item_path(order, theirs), {{"quantity", 2}}).status == 404);
  CHECK(s.read_order(order) == order);
  CHECK(s.read_order(others) == others);
  CHECK(s.on_hand(lamp) == 2);

  for (const auto* status : {"confirmed", "shipped", "delivered"}) {
    REQUIRE(s.advance(order, status).status == 200);
    if (status == std::string{"confirmed"})
      continue;
    const auto late = set(buyer, order, lamp, 1);
    CHECK(late.status == 409);
    CHECK(late.code() == "invalid_transition");
  }
  const auto prepaid = s.new_order(user, {{lamp, 1}}, {{"payment_method", "prepaid"}});
  for (const auto* status : {"confirmed", "paid"})
    REQUIRE(s.advance(prepaid, status).status == 200);
  CHECK(set(buyer, prepaid, lamp, 2).code() == "invalid_transition");
  CHECK(s.on_hand(lamp) == 1);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a repeated change of a line moves the stock once", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10);
  const auto user = s.new_user();
  const auto order = s.new_order(user, {{lamp, 1}});
  const header_list key{{"Idempotency-Key", "more"}};
  auto buyer = s.as(user);
  const auto first = set(buyer, order, lamp, 4, key);
  REQUIRE(first.status == 200);
  REQUIRE(set(buyer, order, lamp, 2).status == 200);
  const auto again = set(buyer, order, lamp, 4, key);
  CHECK(again.body == first.body);
  CHECK(replayed(again));
  s.server.kill();
  s.server.start();
  buyer = s.as(user);
  CHECK(replayed(set(buyer, order, lamp, 4, key)));
  CHECK(s.on_hand(lamp) == 8);
  CHECK(line_of(s.read_order(order), lamp).at("quantity") == 2);
  CHECK(s.closed_books() == "");
}

TEST_CASE("changes of a line at once leave the stock and the order in step", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(12);
  const auto user = s.new_user();
  const auto other = s.new_user();
  const auto order = s.new_order(user, {{lamp, 1}});
  const auto others = s.new_order(other, {{lamp, 1}});
  std::vector<std::vector<unsigned>> statuses(6);
  in_parallel(statuses.size(), [&](size_t i) {
    auto buyer = s.as(i % 2 == 0 ? user : other);
    for (size_t n = 0; n < 8; ++n)
      statuses[i].push_back(
        set(buyer, i % 2 == 0 ? order : others, lamp, (i * 3 + n * 5) % 9 + 1).status);
  });
  for (const auto& own : statuses)
    for (const auto status : own)
      CHECK((status == 200 || status == 409));
  const int64_t one = line_of(s.read_order(order), lamp).at("quantity");
  const int64_t two = line_of(s.read_order(others), lamp).at("quantity");
  CHECK(s.on_hand(lamp) == 12 - one - two);
  CHECK(s.closed_books() == "");
}
