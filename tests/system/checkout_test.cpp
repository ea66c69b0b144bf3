// Drives the checkout of carts over HTTP against a running server on each database: one order and
// an empty cart, or neither, whatever is repeated, changed meanwhile or killed.
#include "tests/system/support/books.hpp"
#include "tests/system/support/databases.hpp"

#include <algorithm>

using namespace souk::tests;

namespace {

const std::string cart = "/api/v1/cart";
const std::string checkout = "/api/v1/cart/checkout";

void fill(client& buyer, const order_lines& lines) {
  for (const auto& [product, quantity] : lines) {
    const json wanted{{"product_id", product}, {"quantity", quantity}};
    expect("add to a cart", 201, buyer.post("/api/v1/cart/items", wanted));
  }
}

size_t lines_in_cart(client& buyer) {
  return buyer.get(cart).as_json().at("items").size();
}

void check_conflict(const answer& got, const std::string& code) {
  INFO(got.body);
  CHECK(got.status == 409);
  CHECK(got.code() == code);
}

} // namespace

TEST_CASE("a checkout makes an order of the cart and empties it", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10, "19.99");
  const auto chair = s.new_product(5, "30000");
  const auto user = s.new_user();
  auto buyer = s.as(user);
  check_conflict(buyer.send("POST", checkout), "cart_empty");
  fill(buyer, {{lamp, 3}, {chair, 1}});
  const auto placed = buyer.send("POST", checkout); // without a body
  INFO(placed.body);
  REQUIRE(placed.status == 201);
  const auto order = placed.as_json();
  CHECK(placed.header("Location").ends_with(order_path(order)));
  CHECK(order.at("user_id") == user.id);
  CHECK(order.at("status") == "pending");
  CHECK(order.at("payment_method") == "cash_on_delivery");
  CHECK(order.at("total_quantity") == 4);
  CHECK(order.at("total_amount").dump() == "30059.97");
  REQUIRE(order.at("items").size() == 2);
  for (const auto& item : order.at("items"))
    CHECK(item.at("quantity") == (item.at("product_id") == lamp ? 3 : 1));
  CHECK(buyer.get(order_path(order)).as_json() == order);
  CHECK(lines_in_cart(buyer) == 0);
  CHECK(s.on_hand(lamp) == 7);
  CHECK(s.on_hand(chair) == 4);
  check_conflict(buyer.post(checkout, json::object()), "cart_empty");

  const json address{{"street", "Long Road 1"}, {"city", "Berlin"}, {"country", "DE"}};
  const auto kept = buyer.post("/api/v1/users/me/addresses", address).as_json();
  fill(buyer, {{lamp, 1}});
  const json lost{{"shipping_address_id", 9007199254740000}};
  CHECK(buyer.post(checkout, lost).code() == "address_not_found");
  CHECK(buyer.post(checkout, {{"payment_method", "promises"}}).status == 422);
  CHECK(lines_in_cart(buyer) == 1);
  const auto second = buyer.post(checkout, {{"shipping_address_id", kept.at("id")},
                                            {"payment_method", "prepaid"},
                                            {"note", "Ring twice."}});
  REQUIRE(second.status == 201);
  CHECK(second.as_json().at("payment_method") == "prepaid");
  CHECK(second.as_json().at("note") == "Ring twice.");
  CHECK(second.as_json().at("shipping_address").at("street") == "Long Road 1");
  fill(buyer, {{lamp, 1}});
  const auto third = buyer.post(checkout, {{"shipping_address", address}});
  REQUIRE(third.status == 201);
  CHECK(third.as_json().at("shipping_address").at("city") == "Berlin");
  CHECK(s.closed_books() == "");
  CHECK(count_orders(s.database) == 3);
}

TEST_CASE("a checkout that is short of stock says of what and keeps the cart", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(2);
  const auto chair = s.new_product(5);
  const auto desk = s.new_product(0);
  auto buyer = s.as(s.new_user());
  fill(buyer, {{lamp, 3}, {chair, 5}, {desk, 1}});
  const auto before = buyer.get(cart).as_json();
  const auto refused = buyer.post(checkout, json::object());
  check_conflict(refused, "out_of_stock");
  // The stock is asked shard by shard, so the first shard that is short may speak for all.
  const json of_lamp{{"product_id", lamp}, {"requested", 3}, {"available", 2}};
  const json of_desk{{"product_id", desk}, {"requested", 1}, {"available", 0}};
  const auto shortages = refused.as_json().at("shortages");
  CHECK((shortages.size() == 1 || shortages.size() == 2));
  for (const auto& shortage : shortages)
    CHECK((shortage == of_lamp || shortage == of_desk));
  CHECK(each(buyer.get(cart).as_json().at("items"), "quantity")
        == each(before.at("items"), "quantity"));
  CHECK(s.on_hand(lamp) == 2);
  CHECK(s.on_hand(chair) == 5);
  s.set_stock(lamp, 3);
  const auto still = buyer.post(checkout, json::object());
  check_conflict(still, "out_of_stock");
  CHECK(still.as_json().at("shortages") == json::array({of_desk}));
  s.set_stock(desk, 1);
  CHECK(buyer.post(checkout, json::object()).status == 201);
  CHECK(s.on_hand(lamp) == 0);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a price that changed is shown before it is agreed on", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10, "10.00");
  const auto chair = s.new_product(10, "4.00");
  auto buyer = s.as(s.new_user());
  fill(buyer, {{lamp, 2}, {chair, 1}});
  REQUIRE(s.admin().patch(product_path(lamp), {{"price", "12.50"}}).status == 200);
  const auto refused = buyer.post(checkout, json::object());
  check_conflict(refused, "price_changed");
  const json change{{"product_id", lamp}, {"old_price", 10}, {"new_price", 12.5}};
  CHECK(refused.as_json().at("prices") == json::array({change}));
  CHECK(s.on_hand(lamp) == 10);
  CHECK(buyer.get(cart).as_json().at("total_amount").dump() == "29");
  const auto placed = buyer.post(checkout, json::object());
  REQUIRE(placed.status == 201);
  CHECK(placed.as_json().at("total_amount").dump() == "29");
  CHECK(s.closed_books() == "");
  CHECK(count_orders(s.database) == 1);
}

TEST_CASE("a repeated checkout orders once across restarts", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10);
  const auto user = s.new_user();
  const header_list key{{"Idempotency-Key", "mine"}};
  auto buyer = s.as(user);
  fill(buyer, {{lamp, 2}});
  const auto first = buyer.post(checkout, json::object(), key);
  REQUIRE(first.status == 201);
  CHECK_FALSE(replayed(first));
  const auto check_again = [&] {
    buyer = s.as(user);
    const auto again = buyer.post(checkout, json::object(), key);
    CHECK(again.status == 201);
    CHECK(again.body == first.body);
    CHECK(replayed(again));
  };
  check_again();
  // What came into the cart since is no part of that order.
  fill(buyer, {{lamp, 1}});
  check_again();
  CHECK(lines_in_cart(buyer) == 1);
  s.server.kill();
  s.server.start();
  check_again();
  CHECK(lines_in_cart(buyer) == 1);
  CHECK(buyer.post(checkout, {{"note", "another"}}, key).status == 422);
  CHECK(s.on_hand(lamp) == 8);
  CHECK(s.server.stop() == 0);
  s.server.start();
  check_again();
  CHECK(s.closed_books() == "");
  CHECK(count_orders(s.database) == 1);
}

TEST_CASE("of many checkouts of one cart at once one orders", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(100);
  const auto user = s.new_user();
  auto buyer = s.as(user);
  for (int round = 0; round < 3; ++round) {
    fill(buyer, {{lamp, 2}});
    std::vector<answer> answers(6);
    in_parallel(answers.size(), [&](size_t i) {
      auto same = s.as(user);
      answers[i] = same.post(checkout, json::object());
    });
    const auto placed = std::count_if(answers.begin(), answers.end(),
                                      [](const answer& got) { return got.status == 201; });
    CHECK(placed == 1);
    for (const auto& got : answers)
      if (got.status != 201)
        check_conflict(got, "cart_empty");
    CHECK(lines_in_cart(buyer) == 0);
  }
  CHECK(s.on_hand(lamp) == 94);
  CHECK(s.closed_books() == "");
  CHECK(count_orders(s.database) == 3);
}

TEST_CASE("carts that compete for the last units sell them once", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto users = s.new_users(6);
  const auto lamp = s.new_product(4);
  const auto chair = s.new_product(100);
  for (const auto& user : users) {
    auto buyer = s.as(user);
    fill(buyer, {{lamp, 1}, {chair, 1}});
  }
  std::vector<answer> answers(users.size());
  in_parallel(users.size(),
              [&](size_t i) { answers[i] = s.as(users[i]).post(checkout, json::object()); });
  size_t placed = 0;
  for (size_t i = 0; i < users.size(); ++i) {
    auto buyer = s.as(users[i]);
    if (answers[i].status == 201) {
      ++placed;
      CHECK(lines_in_cart(buyer) == 0);
    } else {
      check_conflict(answers[i], "out_of_stock");
      CHECK(lines_in_cart(buyer) == 2);
    }
  }
  CHECK(placed == 4);
  CHECK(s.on_hand(lamp) == 0);
  CHECK(s.on_hand(chair) == 96);
  CHECK(s.closed_books() == "");
}

TEST_CASE("what was deleted since is shown in the cart, and is named at the checkout", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10);
  const auto chair = s.new_product(10);
  auto buyer = s.as(s.new_user());
  fill(buyer, {{lamp, 1}, {chair, 2}});
  expect("delete", 204, s.admin().send("DELETE", "/api/v1/products/" + std::to_string(lamp)));
  const auto shown = buyer.get(cart).as_json();
  REQUIRE(shown.at("items").size() == 2);
  for (const auto& item : shown.at("items"))
    CHECK((item.at("available") == 0) == (item.at("product_id") == lamp));
  const auto refused = buyer.post(checkout, json::object());
  check_conflict(refused, "out_of_stock");
  const json gone{{"product_id", lamp}, {"requested", 1}, {"available", 0}};
  CHECK(refused.as_json().at("shortages") == json::array({gone}));
  CHECK(s.on_hand(chair) == 10);
  expect("remove", 200, buyer.send("DELETE", "/api/v1/cart/items/" + std::to_string(lamp)));
  CHECK(buyer.post(checkout, json::object()).status == 201);
  CHECK(s.closed_books() == "");
}

TEST_CASE("an order is placed at the total that was expected, or not at all", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10, "19.99");
  auto buyer = s.as(s.new_user());
  auto wanted = order_of({{lamp, 3}});
  wanted["expected_total"] = "59.96";
  const std::vector<std::pair<std::string, std::string>> key{{"Idempotency-Key", "t1"}};
  const auto refused = buyer.post("/api/v1/orders", wanted, key);
  CHECK(refused.status == 422);
  CHECK(refused.code() == "wrong_total");
  CHECK(refused.as_json().at("errors").at(0).at("pointer") == "/expected_total");
  CHECK(s.on_hand(lamp) == 10);
  CHECK(buyer.get("/api/v1/orders").as_json().empty());
  wanted["expected_total"] = 59.97;
  const auto placed = buyer.post("/api/v1/orders", wanted, key);
  CHECK(placed.status == 201);
  // The form means the same; a retry with another total is another request under the same key.
  json form{{"items", wanted.at("items")}, {"total_price", 59.97}};
  const std::vector<std::pair<std::string, std::string>> form_key{{"Idempotency-Key", "t2"}};
  const auto first = buyer.post("/orders/", form, form_key);
  CHECK(first.status == 200);
  form["total_price"] = 59.98;
  CHECK(buyer.post("/orders/", form, form_key).code() == "idempotency_key_reused");
  const auto kept = buyer.get("/orders/" + first.as_json().at("id").dump());
  CHECK(kept.as_json().at("status") == "pending");
  CHECK(s.on_hand(lamp) == 4);
  CHECK(s.closed_books() == "");
}

TEST_CASE("all unknown products of an order are named", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10);
  auto buyer = s.as(s.new_user());
  const auto refused =
    buyer.post("/api/v1/orders", order_of({{900'001, 1}, {lamp, 1}, {900'065, 1}, {900'002, 2}}));
  CHECK(refused.code() == "product_not_found");
  const auto errors = refused.as_json().at("errors");
  std::vector<std::string> pointers;
  for (const auto& error : errors)
    pointers.push_back(error.at("pointer"));
  CHECK(pointers
        == std::vector<std::string>{"/items/0/product_id", "/items/2/product_id",
                                    "/items/3/product_id"});
  CHECK(s.on_hand(lamp) == 10);
}
