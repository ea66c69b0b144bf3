// What a session asks of its database, whatever the database itself is set to.
#include "persistence/connection.hpp"
#include "tests/persistence/support/store.hpp"

namespace souk::tests {

using persistence::access;
using persistence::connection;
using persistence::location;

namespace {

std::string setting(connection& c, const std::string& query) {
  std::string value;
  c.sql() << query, soci::into(value);
  return value;
}

} // namespace

TEST_CASE("what is acknowledged was synced, whatever the database's default") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  if (s.postgresql())
    s.execute("do $$ begin execute format('alter database %I set synchronous_commit = off', "
              "current_database()); end $$");
  connection c{location::parse(s.options.url), access::writer, std::chrono::seconds{10}};
  c.open();
  if (s.postgresql()) {
    CHECK(setting(c, "show synchronous_commit") == "on");
  } else {
    CHECK(setting(c, "select cast(synchronous as text) from pragma_synchronous") == "2"); // FULL
    CHECK(setting(c, "pragma journal_mode") == "wal");
    CHECK(setting(c, "select cast(foreign_keys as text) from pragma_foreign_keys") == "1");
  }
}

TEST_CASE("a session of a lost node leaves its locks within seconds") {
  store s{engine::postgresql};
  connection c{location::parse(s.options.url), access::writer, std::chrono::seconds{10}};
  c.open();
  CHECK(setting(c, "show idle_in_transaction_session_timeout") == "2s");
  CHECK(setting(c, "show lock_timeout") == "2s");
  CHECK(setting(c, "show statement_timeout") == "10s");
}

TEST_CASE("a reading session writes nothing") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({5});
  connection c{location::parse(s.options.url), access::reader, std::chrono::seconds{10}};
  c.open();
  CHECK_THROWS(c.sql() << "update stock set quantity = 0");
  c.close();
  CHECK(s.count("stock", "quantity = 5") == 1);
}

} // namespace souk::tests
