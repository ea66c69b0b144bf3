// Drives more requests than a running server admits, and more orders than a user may place: the
// others are refused at once and have no effect, those admitted are served.
#include "tests/system/support/books.hpp"
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>

using namespace souk::tests;

namespace {

bool refused(const answer& got) {
  return got.status == 503 && got.code() == "overloaded" && got.has("Retry-After");
}

/// Refused by the limit of two orders in an hour.
void check_limited(const answer& got) {
  INFO(got.body);
  CHECK(got.status == 429);
  CHECK(got.code() == "order_limit_reached");
  CHECK(got.header("RateLimit-Policy") == "\"orders\";q=2;w=3600");
  CHECK(got.header("RateLimit").starts_with("\"orders\";r=0;"));
  REQUIRE(got.has("Retry-After"));
  const auto seconds = std::stoi(got.header("Retry-After"));
  CHECK(seconds > 3000); // when the first order is an hour old
  CHECK(seconds <= 3600);
}

} // namespace

TEST_CASE("logins beyond the limit are refused and orders go on", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"limits.in_flight", "2"}}};
  const auto user = s.new_user();
  const auto product = s.new_product(100);
  std::vector<std::vector<answer>> logins(16);
  std::vector<answer> orders;
  in_parallel(logins.size() + 1, [&](size_t i) {
    if (i == logins.size()) {
      // One at a time: the orders' own limit is not reached.
      auto buyer = s.as(user);
      for (int n = 0; n < 20; ++n)
        orders.push_back(buyer.post("/api/v1/orders", order_of({{product, 1}})));
      return;
    }
    auto guest = s.guest();
    for (int n = 0; n < 5; ++n)
      logins[i].push_back(guest.post("/api/v1/auth/login",
                                     {{"username", user.username}, {"password", user.password}}));
  });
  size_t served = 0;
  size_t others = 0;
  for (const auto& own : logins)
    for (const auto& got : own) {
      CHECK((got.status == 200 || refused(got)));
      ++(got.status == 200 ? served : others);
    }
  CHECK(served > 0);
  CHECK(others > 0);
  for (const auto& got : orders)
    CHECK(got.status == 201);
  CHECK(s.closed_books() == "");
}

TEST_CASE("orders beyond the limit are refused at once and the admitted ones are placed",
          "[system]") {
  constexpr size_t limit = 8;
  constexpr size_t clients = 32;
  shop s{engine::postgresql, {{"limits.in_flight", std::to_string(limit)}}};
  std::vector<account> buyers;
  for (size_t i = 0; i < clients; ++i)
    buyers.push_back(s.new_user());
  const auto product = s.new_product(1000);
  // Nothing can be committed while the table is locked, so that all are at work together.
  std::optional<open_transaction> lock;
  lock.emplace(s.database, "lock table orders in exclusive mode");
  std::vector<answer> answers(clients);
  std::atomic<size_t> answered = 0;
  bool all_refused_early = false;
  in_parallel(clients + 1, [&](size_t i) {
    if (i == clients) {
      all_refused_early = eventually(10s, [&] { return answered >= clients - limit; });
      lock.reset();
      return;
    }
    answers[i] = s.as(buyers[i]).post("/api/v1/orders", order_of({{product, 1}}));
    ++answered;
  });
  CHECK(all_refused_early);
  CHECK(std::count_if(answers.begin(), answers.end(), refused) == clients - limit);
  const auto placed = std::count_if(answers.begin(), answers.end(),
                                    [](const answer& got) { return got.status == 201; });
  CHECK(placed == limit);
  CHECK(s.on_hand(product) == 1000 - placed);
  CHECK(s.closed_books() == "");
  CHECK(count_orders(s.database) == placed);
}

TEST_CASE("a burst of orders is placed or refused and never half done", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"limits.in_flight", "4"}}};
  const auto user = s.new_user();
  const auto product = s.new_product(100'000);
  std::atomic<int64_t> placed = 0;
  std::atomic<int64_t> wrong = 0;
  in_parallel(32, [&](size_t) {
    auto buyer = s.as(user);
    for (int n = 0; n < 20; ++n) {
      const auto got = buyer.post("/api/v1/orders", order_of({{product, 1}}));
      if (got.status == 201)
        ++placed;
      else if (!refused(got))
        ++wrong;
    }
  });
  CHECK(wrong == 0);
  CHECK(placed > 0);
  CHECK(s.on_hand(product) == 100'000 - placed);
  CHECK(s.closed_books() == "");
  CHECK(count_orders(s.database) == placed);
}

TEST_CASE("a user places no more orders than the limit says", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"limits.orders_per_user", "2/1h"}}};
  const auto user = s.new_user();
  const auto product = s.new_product(10);
  const std::string orders = "/api/v1/orders";
  const auto wanted = order_of({{product, 1}});
  const header_list key{{"Idempotency-Key", "first"}};
  auto buyer = s.as(user);
  const auto first = buyer.post(orders, wanted, key);
  REQUIRE(first.status == 201);
  CHECK(first.header("RateLimit-Policy") == "\"orders\";q=2;w=3600");
  CHECK(first.header("RateLimit").starts_with("\"orders\";r=1;"));
  // What the shop refuses is no order.
  CHECK(buyer.post(orders, order_of({{product, 10}})).code() == "out_of_stock");
  const auto second = buyer.post(orders, wanted);
  REQUIRE(second.status == 201);
  CHECK(second.header("RateLimit").starts_with("\"orders\";r=0;"));

  const auto check_at_the_limit = [&] {
    check_limited(buyer.post(orders, wanted));
    check_limited(buyer.post("/api/v1/cart/checkout", json::object()));
    CHECK(buyer.get("/api/v1/cart").as_json().at("total_quantity") == 1);
    const auto again = buyer.post(orders, wanted, key);
    CHECK(again.status == 201);
    CHECK(again.body == first.body);
    CHECK(replayed(again));
  };
  REQUIRE(buyer.post("/api/v1/cart/items", {{"product_id", product}, {"quantity", 1}}).status
          == 201);
  check_at_the_limit();
  CHECK(s.as(s.new_user()).post(orders, wanted).status == 201);
  // What counts is what is in the database.
  s.server.kill();
  s.server.start();
  buyer = s.as(user);
  check_at_the_limit();
  CHECK(s.on_hand(product) == 7);
  CHECK(s.closed_books() == "");
  CHECK(count_orders(s.database) == 3);
}

TEST_CASE("the window of the orders' limit slides", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"limits.orders_per_user", "2/2s"}}};
  const auto product = s.new_product(10);
  auto buyer = s.as(s.new_user());
  using clock = std::chrono::steady_clock;
  std::vector<std::pair<clock::time_point, clock::time_point>> placed; // sent, answered
  size_t others = 0;
  CHECK(eventually(30s, [&] {
    const auto sent = clock::now();
    const auto got = buyer.post("/api/v1/orders", order_of({{product, 1}}));
    if (got.status == 201)
      placed.emplace_back(sent, clock::now());
    else if (got.code() != "order_limit_reached")
      ++others;
    return placed.size() == 5;
  }));
  CHECK(others == 0);
  // No three of them within any two seconds; the server counts in whole milliseconds.
  for (size_t i = 2; i < placed.size(); ++i)
    CHECK(placed[i].second - placed[i - 2].first >= 2s - 5ms);
  CHECK(s.on_hand(product) == 5);
  CHECK(s.closed_books() == "");
}
