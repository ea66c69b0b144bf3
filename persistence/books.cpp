// `souk check`: do the books balance? From the database alone.
#include "actors/messages/codec.hpp"
#include "persistence/connection.hpp"
#include "persistence/migrations.hpp"
#include "persistence/order_movements.hpp"
#include "persistence/persistence.hpp"
#include "persistence/sql.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <filesystem>
#include <memory>
#include <system_error>

namespace souk::persistence {

namespace {

using ll = long long;

/// What orders that still count as sold hold (5 cancelled, 6 returned), a row a line.
std::string sold(backend k) {
  if (k == backend::postgresql)
    return "select cast(l ->> 'product_id' as bigint) as product_id, "
           "cast(l ->> 'quantity' as bigint) as sold, 0 as moved "
           "from orders, json_array_elements(cast(lines as json)) as l where status not in (5, 6)";
  return "select json_extract(l.value, '$.product_id') as product_id, "
         "json_extract(l.value, '$.quantity') as sold, 0 as moved "
         "from orders, json_each(orders.lines) as l where status not in (5, 6)";
}

void check_counts(connection& c, books& b) {
  // Not by joins: before the first ANALYZE PostgreSQL would compare each row with each.
  query<ll, ll, ll> q{
    c.sql(),
    "select cast(id as bigint), cast(max(quantity) as bigint), cast(sum(delta) as bigint) from ("
    "select id, -1 as quantity, 0 as delta from product "
    "union all select product_id, quantity, 0 from stock "
    "union all select product_id, -1, delta from stock_movement) as x "
    "group by id having max(quantity) <> sum(delta) order by 1 limit 100",
    {}};
  q.run([&](ll id, ll quantity, ll total) {
    b.faults.push_back("product " + std::to_string(id)
                       + (quantity < 0 ? ": no stock row"
                                       : ": " + std::to_string(quantity)
                                           + " on hand, but its movements sum up to "
                                           + std::to_string(total)));
  });
}

void check_sales(connection& c, books& b) {
  // Summed up together: SQLite compares each row of a full join with each.
  query<ll, ll, ll> q{
    c.sql(),
    "select cast(product_id as bigint), cast(sum(sold) as bigint), cast(sum(moved) as bigint) "
    "from ("
      + sold(c.kind())
      + " union all select product_id, 0, -delta from stock_movement where order_id is not null"
        ") as x group by product_id having sum(sold) <> sum(moved) order by 1 limit 100",
    {}};
  q.run([&](ll id, ll in_orders, ll moved) {
    b.faults.push_back("product " + std::to_string(id) + ": orders hold "
                       + std::to_string(in_orders) + " sold, but the movements for orders took "
                       + std::to_string(moved));
  });
}

/// How many changes of counts there are: a row may hold those of several orders.
std::string movement_count(backend k) {
  std::string parts = k == backend::postgresql ? "json_array_length(cast(orders as json))"
                                               : "json_array_length(orders)";
  return "select coalesce(sum(case when orders is null then 1 else " + parts
         + " end), 0) from stock_movement";
}

void check_movements(connection& c, books& b) {
  std::string parts =
    c.kind() == backend::postgresql
      ? "(select coalesce(sum(cast(o ->> 1 as bigint)), 0) "
        "from json_array_elements(cast(orders as json)) as o)"
      : "(select coalesce(sum(json_extract(o.value, '$[1]')), 0) from json_each(orders) as o)";
  query<ll, ll> q{c.sql(),
                  "select cast(id as bigint), product_id from stock_movement where orders is not "
                  "null and delta <> "
                    + parts + " order by id limit 100",
                  {}};
  q.run([&](ll id, ll product) {
    b.faults.push_back("product " + std::to_string(product) + ": the orders of its movement "
                       + std::to_string(id) + " do not sum up to its change");
  });
}

void check_totals(connection& c, books& b) {
  std::string lines =
    c.kind() == backend::postgresql
      ? "(select coalesce(sum(cast(l ->> 'price' as bigint) * cast(l ->> "
        "'quantity' as bigint)), 0) from json_array_elements(cast(lines as json)) as l)"
      : "(select coalesce(sum(json_extract(l.value, '$.price') * "
        "json_extract(l.value, '$.quantity')), 0) from json_each(orders.lines) as l)";
  query<ll, ll> q{c.sql(),
                  "select cast(id as bigint), total_amount from orders where total_amount <> "
                    + lines + " order by id limit 100",
                  {}};
  q.run([&](ll id, ll total) {
    b.faults.push_back("order " + std::to_string(id) + ": its lines do not sum up to its total of "
                       + std::to_string(total) + " minor units");
  });
}

/// PostgreSQL: each order is in the list of all by its time, once.
void check_list(connection& c, books& b) {
  if (c.kind() == backend::sqlite)
    return;
  query<ll> q{c.sql(),
              "select id from (select id, created_at, 1 as n from orders "
              "union all select unnest(ids), created_at, -1 from order_time) as x "
              "group by id, created_at having sum(n) <> 0 order by id limit 100",
              {}};
  q.run([&](ll id) {
    b.faults.push_back("order " + std::to_string(id) + " is not in the list of all orders once, "
                       + "at its time");
  });
}

/// Names what cannot be read as JSON, which the questions above give up on. Page by page: orders
/// are many.
void name_unreadable(connection& c, books& b) {
  constexpr size_t page = 10'000;
  const auto enough = b.faults.size() + 100;
  const auto fault = [&](const std::string& what) {
    if (b.faults.size() < enough)
      b.faults.push_back(what + " cannot be read");
  };
  query<ll, std::string> orders{
    c.sql(),
    "select cast(id as bigint), lines from orders where id > cast(:after as bigint) "
    "order by id limit "
      + std::to_string(page),
    {"after"}};
  ll last = -1;
  do
    orders.param(0) = std::to_string(last);
  while (orders.run([&](ll id, const std::string& lines) {
    last = id;
    if (!actors::decode_lines(lines))
      fault("order " + std::to_string(id) + ": its lines");
  }) == page);
  query<ll, ll, std::string> movements{
    c.sql(),
    "select cast(id as bigint), product_id, orders from stock_movement where orders is not null",
    {}};
  movements.run([&](ll id, ll product, const std::string& text) {
    if (!reads_as_orders(text))
      fault("product " + std::to_string(product) + ": the orders of its movement "
            + std::to_string(id));
  });
}

constexpr auto no_shop = "there is no shop in this database: souk serve or souk migrate makes one";

/// Throws database_error if a file is no SQLite database with a shop. Reads only.
void expect_shop(const std::string& path) {
  if (std::error_code ec; !std::filesystem::exists(path, ec))
    throw database_error("there is no database " + path);
  sqlite_api::sqlite3* raw = nullptr;
  const auto opened =
    sqlite_api::sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READONLY, nullptr);
  const std::unique_ptr<sqlite_api::sqlite3, decltype(&sqlite_api::sqlite3_close)> db{
    raw, sqlite_api::sqlite3_close};
  if (opened != SQLITE_OK)
    throw database_error("cannot open " + path + ": " + sqlite_api::sqlite3_errstr(opened));
  const auto looked = sqlite_api::sqlite3_exec(raw, "select version from schema_migration limit 1",
                                               nullptr, nullptr, nullptr);
  if (looked == SQLITE_ERROR)
    throw database_error(path + ": " + no_shop);
  if (looked == SQLITE_NOTADB)
    throw database_error(path + " is no SQLite database");
  // Anything else, such as a lock, is for the connection proper to tell.
}

} // namespace

books check_books(const std::string& url) {
  books b;
  auto where = location::parse(url);
  if (where.kind == backend::sqlite)
    expect_shop(where.target); // opening would make one, or change what is another program's
  connection c{where, access::reader, std::chrono::hours{1}};
  bool shop_found = false;
  try {
    c.open();
    auto& s = c.sql();
    auto version = schema_version(c);
    if (version == 0)
      throw database_error(no_shop);
    refuse_newer(c.kind(), version);
    if (version < migrations(c.kind()).back().version)
      throw database_error("the database's schema has version " + std::to_string(version)
                           + ": souk migrate brings it up to date");
    shop_found = true;
    // One snapshot for all questions, while the shop goes on.
    if (c.kind() == backend::postgresql) {
      s << "set statement_timeout = 0";
      s << "begin transaction isolation level repeatable read read only";
    } else {
      s << "begin";
    }
    s << "select count(*) from product", soci::into(b.products);
    s << "select count(*) from orders", soci::into(b.orders);
    s << movement_count(c.kind()), soci::into(b.movements);
    check_counts(c, b);
    check_sales(c, b);
    check_movements(c, b);
    check_totals(c, b);
    check_list(c, b);
    s << "commit";
  } catch (const database_error&) {
    throw;
  } catch (...) {
    std::string why;
    const auto lost = c.classify(why) == fault::lost;
    c.rollback();
    const auto known = b.faults.size();
    if (!lost && shop_found)
      try {
        name_unreadable(c, b);
      } catch (...) { // the first reason is the one to tell
      }
    if (b.faults.size() == known)
      throw database_error("cannot read the books: " + why);
  }
  return b;
}

} // namespace souk::persistence
