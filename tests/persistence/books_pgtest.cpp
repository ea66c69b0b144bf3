// Drives check_books over books that someone falsified by SQL,
// against a SQLite file and a PostgreSQL database.
#include "tests/persistence/support/store.hpp"

namespace souk::tests {

using namespace actors;
using Catch::Matchers::Contains;
using domain::order_status;

namespace {

/// Two products, three orders of which one is cancelled, an adjustment.
void do_business(store& s) {
  s.stock_up({100, 50});
  auto cancelled = place(5, {{1, 2}, {2, 3}});
  s.commit({cancelled, place(9, {{1, 7}}), place(13, {{2, 4}, {1, 1}})});
  s.commit({change(cancelled, order_status::cancelled), adjust(2, 10)});
}

} // namespace

TEST_CASE("books that balance have no faults and are counted") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  do_business(s);
  auto books = persistence::check_books(s.options.url);
  CHECK(books.faults.empty());
  CHECK(books.products == 2);
  CHECK(books.orders == 3);
  CHECK(books.movements == 2 + 5 + 2 + 1);
}

TEST_CASE("whatever was falsified is named") {
  SOUK_FOR_EACH_DATABASE(kind);
  struct deed {
    const char* what;
    std::vector<const char*> sql;
    const char* fault;
  };
  auto d = GENERATE(values<deed>({
    {"a changed count",
     {"update stock set quantity = quantity + 1 where product_id = 1"},
     "product 1: 93 on hand"},
    {"a lost movement",
     {"delete from stock_movement where orders = '[[5,-2],[9,-7],[13,-1]]'"},
     "product 1: 92 on hand"},
    {"a movement whose orders say something else",
     {"update stock_movement set orders = '[[5,-2],[9,-8],[13,-1]]' "
      "where orders = '[[5,-2],[9,-7],[13,-1]]'"},
     "product 1: the orders of its movement"},
    {"a movement that has lost its orders",
     {"update stock_movement set orders = '[]' where orders = '[[5,-2],[9,-7],[13,-1]]'"},
     "product 1: the orders of its movement"},
    {"a movement whose orders are no JSON",
     {"update stock_movement set orders = '[[5,' where orders = '[[5,-2],[9,-7],[13,-1]]'"},
     "cannot be read"},
    {"an order whose lines are no JSON",
     {"update orders set lines = '[{' where id = 9"},
     "order 9: its lines cannot be read"},
    {"a lost movement of an adjustment",
     {"delete from stock_movement where delta = 10"},
     "product 2: 56 on hand"},
    {"a lost stock row", {"delete from stock where product_id = 2"}, "product 2: no stock row"},
    {"an order without movements whose count was put right",
     {"delete from stock_movement where orders = '[[5,-2],[9,-7],[13,-1]]'",
      "update stock set quantity = quantity + 10 where product_id = 1"},
     "product 1: orders hold 8 sold"},
    {"a lost order", {"delete from orders where id = 9"}, "product 1: orders hold 1 sold"},
    {"an order cancelled by hand",
     {"update orders set status = 5 where id = 13"},
     "product 2: orders hold 0 sold"},
    {"an order revived by hand",
     {"update orders set status = 0 where id = 5"},
     "product 1: orders hold 10 sold"},
    {"a wrong total",
     {"update orders set total_amount = total_amount - 1 where id = 13"},
     "order 13"},
  }));
  INFO(d.what);
  store s{kind};
  do_business(s);
  for (auto* statement : d.sql)
    s.execute(statement);
  CHECK_THAT(s.faults(), Contains(d.fault));
}

TEST_CASE("an order that the list of all orders has not, not once or not at its time is named") {
  auto sql = GENERATE(as<std::string>{}, "delete from order_time where ids @> '{9}'",
                      "insert into order_time select created_at, '{9}' from orders where id = 9",
                      "update orders set created_at = created_at + 1 where id = 9");
  CAPTURE(sql);
  store s{engine::postgresql};
  do_business(s);
  s.execute(sql);
  CHECK_THAT(s.faults(), Contains("order 9 is not in the list of all orders"));
}

TEST_CASE("sums beyond 31 and ids beyond 50 bits are added up exactly") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  constexpr int64_t large = (1LL << 52) + 1;
  constexpr int64_t many = 1'000'000'000;
  s.commit({create(large, 0)});
  for (int i = 0; i < 5; ++i)
    s.commit({adjust(large, many)});
  s.commit({place(large + 4, {{large, many}}), place(large + 8, {{large, many}}),
            place(large + 12, {{large, many}})});
  CHECK(s.faults().empty());
  CHECK(s.number("select cast(quantity as bigint) from stock") == 2 * many);
  s.execute("update stock set quantity = quantity - 1");
  CHECK_THAT(s.faults(), Contains("product " + std::to_string(large)
                                  + ": 1999999999 on hand, but "
                                    "its movements sum up to 2000000000"));
  s.execute("update orders set status = 5 where id = " + std::to_string(large + 4));
  CHECK_THAT(s.faults(), Contains("orders hold 2000000000 sold, but the movements for orders took "
                                  "3000000000"));
}

TEST_CASE("the books of a database that does not exist cannot be read") {
  auto url = GENERATE(as<std::string>{}, "sqlite:/nowhere/at/all.db",
                      "postgresql://nobody@127.0.0.1:1/none");
  CHECK_THROWS_AS(persistence::check_books(url), persistence::database_error);
}

} // namespace souk::tests
