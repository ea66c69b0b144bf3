// Drives buyers who compete for the same stock, over HTTP against a running server on each
// database: nothing is sold twice, nobody sees anything but an order or `out_of_stock`.
#include "tests/system/support/books.hpp"
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <map>

using namespace souk::tests;

namespace {

/// How often each outcome came: `201`, `409 out_of_stock`, ...
std::map<std::string, size_t> outcomes(const std::vector<answer>& answers) {
  std::map<std::string, size_t> result;
  for (const auto& got : answers)
    ++result[got.status == 201 ? "201" : std::to_string(got.status) + " " + got.code()];
  return result;
}

using counts = std::map<std::string, size_t>;

} // namespace

TEST_CASE("200 buyers for 50 units buy exactly 50", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto buyers = s.new_users(200);
  const auto product = s.new_product(50);
  std::vector<answer> answers(buyers.size());
  in_parallel(buyers.size(), [&](size_t i) {
    answers[i] = s.as(buyers[i]).post("/api/v1/orders", order_of({{product, 1}}));
  });
  CHECK(outcomes(answers) == counts{{"201", 50}, {"409 out_of_stock", 150}});
  CHECK(s.on_hand(product) == 0);
  CHECK(s.closed_books() == "");
  CHECK(count_orders(s.database) == 50);
}

TEST_CASE("the last two units go to one of two buyers who name them in opposite order",
          "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto buyers = s.new_users(2);
  for (int round = 0; round < 25; ++round) {
    INFO("round " << round);
    const auto lamp = s.new_product(1);
    const auto chair = s.new_product(1);
    const std::vector<order_lines> wishes{{{lamp, 1}, {chair, 1}}, {{chair, 1}, {lamp, 1}}};
    std::vector<answer> answers(2);
    in_parallel(2, [&](size_t i) {
      answers[i] = s.as(buyers[i]).post("/api/v1/orders", order_of(wishes[i]));
    });
    REQUIRE(outcomes(answers) == counts{{"201", 1}, {"409 out_of_stock", 1}});
    REQUIRE(s.on_hand(lamp) == 0);
    REQUIRE(s.on_hand(chair) == 0);
  }
  CHECK(s.closed_books() == "");
  CHECK(count_orders(s.database) == 25);
}

TEST_CASE("many products and many buyers end with balanced books", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto buyers = s.new_users(16);
  std::vector<int64_t> products;
  for (int i = 0; i < 6; ++i)
    products.push_back(s.new_product(60));
  std::vector<std::vector<answer>> answers(buyers.size());
  in_parallel(buyers.size(), [&](size_t i) {
    auto buyer = s.as(buyers[i]);
    for (size_t n = 0; n < 30; ++n) {
      const auto first = products[(i + n) % products.size()];
      const auto second = products[(i * 5 + n * 2 + 1) % products.size()];
      const auto quantity = static_cast<int64_t>(n % 3 + 1);
      answers[i].push_back(
        buyer.post("/api/v1/orders", order_of({{first, quantity}, {second, 1}})));
      // Every fourth order is given back at once.
      if (answers[i].back().status == 201 && n % 4 == 0) {
        const auto id = answers[i].back().as_json().at("id").get<int64_t>();
        answers[i].push_back(
          buyer.post("/api/v1/orders/" + std::to_string(id) + "/cancel", json::object()));
      }
    }
  });
  counts all;
  for (const auto& own : answers)
    for (const auto& [outcome, count] : outcomes(own))
      all[outcome] += count;
  const auto placed = all["201"];
  all.erase("201");
  all.erase("200 "); // cancelled
  all.erase("409 out_of_stock");
  CHECK(all.empty());
  CHECK(placed > 0);
  for (const auto product : products)
    CHECK(s.on_hand(product) >= 0);
  CHECK(s.closed_books() == "");
  CHECK(count_orders(s.database) == static_cast<int64_t>(placed));
}
