// Drives the numbered migrations, on empty databases and on one of an older version with rows,
// against a SQLite file and a PostgreSQL database.
#include "persistence/migrations.hpp"
#include "tests/persistence/support/store.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace souk::tests {

using Catch::Matchers::Contains;
using persistence::location;

TEST_CASE("migrations are applied once, and twice without harm") {
  SOUK_FOR_EACH_DATABASE(kind);
  database d{kind};
  auto first = persistence::migrate(d.url());
  REQUIRE_FALSE(first.empty());
  CHECK(first[0] == "0001_core");
  CHECK(persistence::migrate(d.url()).empty());
  CHECK(d.number("select count(*) from schema_migration") == static_cast<int64_t>(first.size()));
}

TEST_CASE("rows of an older version come through the migrations as they are") {
  SOUK_FOR_EACH_DATABASE(kind);
  database d{kind};
  d.execute("create table schema_migration (version integer primary key, name text not null, "
            "applied_at bigint not null)");
  for (auto& m : persistence::migrations(location::parse(d.url()).kind)) {
    if (m.version > 6)
      break;
    std::istringstream lines{std::string{m.sql}};
    std::string statement;
    for (std::string line; std::getline(lines, line);) {
      line.resize(std::min(line.find("--"), line.size()));
      statement += line + "\n";
      if (auto end = line.find_last_not_of(' '); end != line.npos && line[end] == ';')
        d.execute(std::exchange(statement, {}));
    }
    d.execute("insert into schema_migration values (" + std::to_string(m.version) + ", '"
              + std::string{m.name} + "', 1)");
  }
  const std::string user = "'01900000-0000-7000-8000-000000000001'";
  const std::string lines = R"([{"id":1280,"product_id":1,"name":"a","price":5,"quantity":2}])";
  const std::string address = R"({"street":"1 \"High\" Street","city":"A"})";
  const std::string changes = R"([{"v":2,"k":0,"s":1,"b":"x","t":7}])";
  d.execute(
    "insert into product (id, name, price, detail, deleted, created_at, updated_at, version)"
    " values (1, 'a', 5, '', 0, 1, 1, 1)");
  d.execute("insert into stock values (1, 98, 2, 1)");
  d.execute(
    "insert into orders (id, user_id, status, payment, lines, total_quantity, total_amount, "
    "currency, shipping_address, note, created_at, updated_at, version, changes) values (10, "
    + user + ", 1, 0, '" + lines + "', 2, 10, 'USD', '" + address + "', '', 1, 7, 2, '" + changes
    + "')");
  d.execute("insert into cart values (" + user + ", '" + lines + "', 1, 1)");
  d.execute("insert into stock_movement (product_id, delta, reason, order_id, created_at) values "
            "(1, 100, 'created', null, 1), (1, -2, 'order', 10, 1)");
  for (int i = 0; i < 3; ++i)
    d.execute("insert into event (kind, subject, payload, created_at) "
              "values ('order_placed', 'order:10', '{\"order_id\":10}', 1)");
  const auto last_event = d.number("select max(id) from event");

  CHECK(persistence::migrate(d.url()).size() >= 3);
  const auto is = [&](const std::string& table, const std::string& column,
                      const std::string& text) {
    CAPTURE(table, column);
    CHECK(d.number("select count(*) from " + table + " where " + column + " = '" + text + "'")
          >= 1);
  };
  is("orders", "lines", lines);
  is("orders", "shipping_address", address);
  is("orders", "changes", changes);
  is("cart", "lines", lines);
  is("event", "payload", R"({"order_id":10})");
  CHECK(d.number("select count(*) from event_list where kind = 'order_placed' and subject = "
                 "'order:10' and payload = '{\"order_id\":10}' and created_at = 1")
        == 3);
  if (location::parse(d.url()).kind == persistence::backend::postgresql)
    CHECK(d.number("select count(*) from order_time where created_at = 1 and ids = '{10}'") == 1);
  CHECK(persistence::check_books(d.url()).faults.empty());
  CHECK(persistence::check_books(d.url()).movements == 2);
  d.execute("insert into event (kind, subject, payload, created_at) values ('k', 's', '{}', 1)");
  CHECK(d.number("select max(id) from event where kind = 'k'") > last_event);
  d.execute(
    "insert into orders (id, user_id, status, payment, lines, total_quantity, total_amount, "
    "currency, note, created_at, updated_at, version) values (11, "
    + user + ", 5, 0, '[]', 0, 0, 'USD', '', 1, 7, 2)");
  CHECK(d.number("select count(*) from orders where id = 11 and changes = '[]'") == 1);
}

TEST_CASE("a database that a server of an older version uses is not migrated") {
  store s{engine::postgresql};
  s.execute("delete from schema_migration where version = (select max(version) from "
            "schema_migration)");
  CHECK_THAT(message_of([&] { persistence::migrate(s.options.url); }), Contains("stop it first"));
}

TEST_CASE("a database of a newer program is refused and left as it is") {
  SOUK_FOR_EACH_DATABASE(kind);
  database d{kind};
  persistence::migrate(d.url());
  d.execute("insert into schema_migration (version, name, applied_at) values (999, 'later', 1)");
  persistence::options o;
  o.url = d.url();
  CHECK_THAT(message_of([&] { persistence::migrate(o.url); }), Contains("newer program"));
  CHECK_THAT(message_of([&] { persistence::open(o); }), Contains("newer program"));
  CHECK(d.number("select count(*) from ownership") == 0);
}

TEST_CASE("several processes may migrate at once") {
  SOUK_FOR_EACH_DATABASE(kind);
  database d{kind};
  std::vector<std::vector<std::string>> applied(6);
  std::vector<std::string> errors(6);
  in_parallel(6, [&](size_t i) {
    errors[i] = message_of([&] { applied[i] = persistence::migrate(d.url()); });
  });
  size_t all = 0;
  for (size_t i = 0; i < 6; ++i) {
    CHECK(errors[i].empty());
    INFO(errors[i]);
    all += applied[i].size();
  }
  CHECK(static_cast<int64_t>(all) == d.number("select count(*) from schema_migration"));
}

} // namespace souk::tests
