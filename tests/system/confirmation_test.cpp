// Drives the background worker that confirms placed orders, over HTTP against a running server on
// each database: every order exactly once, also when the server is killed in between.
#include "tests/system/support/books.hpp"
#include "tests/system/support/databases.hpp"
#include "tests/system/support/order_load.hpp"

#include <algorithm>

using namespace souk::tests;

namespace {

const settings confirming{{"orders.confirm", "true"}};

answer read(client& admin, int64_t order) {
  return admin.get("/api/v1/orders/" + std::to_string(order));
}

bool becomes_confirmed(client& admin, int64_t order, milliseconds limit) {
  return eventually(limit,
                    [&] { return read(admin, order).as_json().at("status") == "confirmed"; });
}

/// What happened to an order after it was placed, as `kind by whom`.
std::vector<std::string> later_events(client& admin, int64_t order) {
  const auto got = admin.get("/api/v1/orders/" + std::to_string(order) + "/events");
  std::vector<std::string> result;
  for (const auto& event : expect("read a history", 200, got).as_json())
    result.push_back(event.at("kind").get<std::string>() + " by "
                     + event.at("by").get<std::string>());
  if (result.empty() || result[0] != "order_placed by customer")
    throw unexpected_answer{"a history begins with order_placed", got};
  result.erase(result.begin());
  return result;
}

const std::vector<std::string> once{"order_confirmed by system"};

} // namespace

TEST_CASE("a placed order is confirmed in the background once", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, confirming};
  const auto product = s.new_product(100);
  const auto users = s.new_users(3);
  std::vector<int64_t> orders;
  for (int i = 0; i < 12; ++i) {
    const json method{{"payment_method", i % 2 == 0 ? "prepaid" : "cash_on_delivery"}};
    const auto placed = s.new_order(users[static_cast<size_t>(i) % 3], {{product, 1}}, method);
    CHECK(placed.at("status") == "pending"); // as it was when it was committed
    orders.push_back(placed.at("id"));
  }
  auto admin = s.admin();
  for (const auto order : orders) {
    CHECK(becomes_confirmed(admin, order, 2s));
    CHECK(later_events(admin, order) == once);
    CHECK(read(admin, order).as_json().at("version") == 2);
  }
  CHECK(s.on_hand(product) == 88);
  CHECK(s.closed_books() == "");
}

TEST_CASE("an order that was cancelled first is not confirmed", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, confirming};
  const auto product = s.new_product(100);
  const auto user = s.new_user();
  auto buyer = s.as(user);
  std::vector<int64_t> cancelled;
  for (int i = 0; i < 10; ++i) {
    const auto order = s.new_order(user, {{product, 1}});
    const auto got = buyer.post(order_path(order) + "/cancel", json::object());
    CHECK(got.status == 200); // before or after it is confirmed
    cancelled.push_back(order.at("id"));
  }
  // By the time of this one, the worker has come to those before it.
  auto admin = s.admin();
  CHECK(becomes_confirmed(admin, s.new_order(user, {{product, 1}}).at("id"), 5s));
  for (const auto order : cancelled) {
    CHECK(read(admin, order).as_json().at("status") == "cancelled");
    const auto events = later_events(admin, order);
    REQUIRE(!events.empty());
    CHECK(events.back() == "order_cancelled by customer");
    CHECK(events.size() <= 2);
  }
  CHECK(s.on_hand(product) == 99);
  CHECK(s.closed_books() == "");
}

TEST_CASE("without the worker an order waits for an administrator", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind}; // the tests' settings turn it off
  const auto product = s.new_product(10);
  const auto user = s.new_user();
  const auto order = s.new_order(user, {{product, 1}});
  CHECK(s.new_order(user, {{product, 1}}).at("status") == "pending");
  CHECK(s.read_order(order).at("status") == "pending");
  CHECK(s.advance(order, "confirmed").status == 200);
  auto admin = s.admin();
  CHECK(later_events(admin, order.at("id"))
        == std::vector<std::string>{"order_confirmed by admin"});
}

TEST_CASE("every order is confirmed once though the server is killed", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, confirming};
  const auto users = s.new_users(4);
  const std::vector<int64_t> products{s.new_product(100'000), s.new_product(100'000)};
  std::map<int64_t, int> orders;
  for (int round = 0; round < 2; ++round) {
    order_load load{s, users, products};
    REQUIRE(eventually(30s, [&] { return load.acknowledged() >= 40; }));
    s.server.kill(); // most of the last orders are not confirmed yet
    load.stop();
    s.server.start();
    load.settle();
    CHECK(load.complaints() == std::vector<std::string>{});
    orders.merge(load.orders());
  }
  CHECK(orders.size() >= 80);
  auto admin = s.admin();
  for (const auto& [order, times] : orders) {
    INFO("order " << order);
    CHECK(becomes_confirmed(admin, order, 10s));
    CHECK(later_events(admin, order) == once);
  }
  CHECK(s.closed_books() == "");
}
