// Drives what the orders of a batch take of a product as one row, and such a row as movements.
#include "persistence/order_movements.hpp"
#include "tests/persistence/support/writes.hpp"

#include <catch2/catch.hpp>

namespace souk::tests {

using namespace actors;
using persistence::movement_row;
using persistence::movements_a_row;
using persistence::movements_of;
using persistence::order_movements;

namespace {

/// For an order, unless that is 0.
stock_change taken(int64_t product, int64_t order, const std::string& reason = "order") {
  return {product, stock_change_kind::add, 0, reason, order, 0, 0};
}

} // namespace

TEST_CASE("one change for an order is a row as it always was") {
  order_movements all;
  all.add(taken(1, 5), -2, 17);
  auto rows = all.take();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].product_id == 1);
  CHECK(rows[0].delta == -2);
  CHECK(rows[0].reason == "order");
  CHECK(rows[0].order_id == 5);
  CHECK(rows[0].created_at == 17);
  CHECK(rows[0].orders == "");
  CHECK(all.take().empty());
}

TEST_CASE("orders share a row by product and reason, in order") {
  order_movements all;
  all.add(taken(1, 5), -2, 17);
  all.add(taken(2, 5), -1, 17);
  all.add(taken(1, 9), -3, 18);
  all.add(taken(1, 13, "cancelled"), 4, 19);
  all.add(taken(2, 13), -7, 19);
  all.add(taken(1, 17), -1, 20);
  auto rows = all.take();
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].orders == "[[5,-2],[9,-3]]");
  CHECK(rows[0].delta == -5);
  CHECK(rows[0].created_at == 18);
  CHECK(rows[1].orders == "[[5,-1],[13,-7]]");
  CHECK(rows[1].delta == -8);
  CHECK(rows[2].reason == "cancelled");
  CHECK(rows[2].orders == "");
  CHECK(rows[3].order_id == 17); // not with the first two: it came after the cancellation
}

TEST_CASE("what is not for an order has a row of its own, and comes between") {
  order_movements all;
  all.add(taken(1, 5), -2, 17);
  all.add(taken(1, 0, "by hand"), 7, 17);
  all.add(taken(1, 0, "by hand"), 8, 17);
  all.add(taken(1, 9), -3, 17);
  all.add(taken(1, 13), -4, 17);
  auto rows = all.take();
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].delta == -2);
  CHECK(rows[1].delta == 7);
  CHECK(rows[1].order_id == 0);
  CHECK(rows[2].delta == 8);
  CHECK(rows[2].orders == "");
  CHECK(rows[3].orders == "[[9,-3],[13,-4]]");
}

TEST_CASE("a row is full at some time, and the next one begins") {
  order_movements all;
  for (int64_t i = 1; i <= movements_a_row + 2; ++i)
    all.add(taken(1, i), -1, i);
  auto rows = all.take();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].delta == -movements_a_row);
  CHECK(rows[1].orders
        == "[[" + std::to_string(movements_a_row + 1) + ",-1],["
             + std::to_string(movements_a_row + 2) + ",-1]]");
  auto full = movements_of(3, rows[0]);
  auto next = movements_of(4, rows[1]);
  CHECK(full.size() == static_cast<size_t>(movements_a_row));
  CHECK(full.front().id < next.back().id);
}

TEST_CASE("a row's movements come back newest first, under ids that grow") {
  order_movements all;
  all.add(taken(1, 5), -2, 17);
  all.add(taken(1, 9), -3, 18);
  all.add(taken(1, 13), -4, 18);
  auto list = movements_of(7, all.take().at(0));
  REQUIRE(list.size() == 3);
  const auto base = 7 * movements_a_row;
  CHECK(list[0] == domain::stock_movement{base + 2, 1, -4, "order", 13, 18});
  CHECK(list[1] == domain::stock_movement{base + 1, 1, -3, "order", 9, 18});
  CHECK(list[2] == domain::stock_movement{base, 1, -2, "order", 5, 18});
}

TEST_CASE("a row of one movement, or whose orders cannot be read, is one") {
  auto orders = GENERATE(as<std::string>{}, "", "null", "[", "[]", "{}", "[5]", "[[5]]",
                         "[[5,1.5]]", "[[\"5\",-1]]", "[[5,1],[6]]");
  CAPTURE(orders);
  auto list = movements_of(7, {1, 6, "by hand", 0, 18, orders});
  REQUIRE(list.size() == 1);
  CHECK(list[0] == domain::stock_movement{7 * movements_a_row, 1, 6, "by hand", 0, 18});
  CHECK_FALSE(persistence::reads_as_orders(orders));
}

} // namespace souk::tests
