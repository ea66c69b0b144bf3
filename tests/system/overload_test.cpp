// Drives more requests than a running server admits: the others are refused at once and have no
// effect, those admitted are served.
#include "tests/system/support/books.hpp"
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <atomic>
#include <optional>

using namespace souk::tests;

namespace {

bool refused(const answer& got) {
  return got.status == 503 && got.code() == "overloaded" && got.has("Retry-After");
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
