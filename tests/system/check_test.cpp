// Drives `souk check` against books that balance and books that somebody has falsified by SQL, on
// each database.
#include "tests/system/support/books.hpp"
#include "tests/system/support/databases.hpp"

#include <regex>

using namespace souk::tests;

namespace {

void check_names(const finished& checked, int64_t product) {
  INFO(checked.all());
  CHECK(checked.exit_code != 0);
  CHECK(std::regex_search(checked.all(), std::regex{"\\b" + std::to_string(product) + "\\b"}));
}

} // namespace

TEST_CASE("check is content with a shop that runs and with one that does not", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  auto buyer = s.as(s.new_user());
  for (int i = 0; i < 3; ++i)
    CHECK(buyer.post("/api/v1/orders", order_of({{product, 2}})).status == 201);
  const auto running = s.check();
  INFO(running.all());
  CHECK(running.exit_code == 0);
  s.server.kill();
  CHECK(s.check().exit_code == 0);
}

TEST_CASE("check names what does not balance", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto miscounted = s.new_product(10);
  const auto stolen = s.new_product(10);
  auto buyer = s.as(s.new_user());
  CHECK(buyer.post("/api/v1/orders", order_of({{miscounted, 1}, {stolen, 1}})).status == 201);
  const auto order = buyer.post("/api/v1/orders", order_of({{stolen, 3}})).as_json();
  CHECK(s.closed_books() == "");

  const auto of_product = " where product_id = " + std::to_string(miscounted);
  s.database.execute("update stock set quantity = quantity + 1" + of_product);
  check_names(s.check(), miscounted);
  CHECK(unbalanced(s.database) != "");
  s.database.execute("update stock set quantity = quantity - 1" + of_product);
  CHECK(s.check().exit_code == 0);

  const auto id = std::to_string(order.at("id").get<int64_t>());
  s.database.execute("delete from orders where id = " + id);
  check_names(s.check(), stolen);
}
