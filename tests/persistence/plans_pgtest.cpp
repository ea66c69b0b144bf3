// Asks PostgreSQL how it would run every statement that is prepared for reading and for writing: on
// an empty shop, whose plans a session keeps while the shop grows, and on one that was analyzed.
#include "persistence/reads.hpp"
#include "persistence/statements.hpp"
#include "tests/persistence/support/store.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace souk::tests {

using persistence::access;
using persistence::connection;
using persistence::location;

namespace {

struct planned {
  std::string text;
  std::string plan;
};

/// The plans of all statements that are prepared in a session.
std::vector<planned> plans_of(soci::session& s) {
  std::vector<std::string> calls;
  std::vector<planned> out;
  {
    persistence::query<std::string, std::string, int> all{
      s,
      "select cast(name as text), statement, coalesce(array_length(parameter_types, 1), 0) "
      "from pg_prepared_statements order by prepare_time",
      {}};
    all.run([&](const std::string& name, const std::string& text, int parameters) {
      if (text.find("pg_prepared_statements") != std::string::npos)
        return;
      std::string call = "explain execute \"" + name + "\"";
      for (int i = 0; i < parameters; ++i)
        call += i == 0 ? "(null" : ", null";
      calls.push_back(parameters > 0 ? call + ")" : call);
      out.push_back({text, {}});
    });
  }
  for (size_t i = 0; i < calls.size(); ++i) {
    soci::rowset<std::string> lines{s.prepare << calls[i]};
    for (auto& line : lines)
      out[i].plan += line + "\n";
  }
  return out;
}

/// Orders and events enough to be worth an index.
void fill(const store& s) {
  connection c{location::parse(s.options.url), access::writer, std::chrono::seconds{30}};
  c.open();
  c.sql() << "insert into event (kind, subject, payload, created_at) "
             "select 'order_placed', 'order:' || n, '{}', n from generate_series(1, 20000) as n";
  c.sql() << "insert into orders (id, user_id, status, payment, lines, total_quantity, "
             "total_amount, currency, note, created_at, updated_at, version) select n, "
             "cast(lpad(to_hex(n % 100), 32, '0') as uuid), 0, 0, '[]', 1, 1, 'USD', '', n, n, 1 "
             "from generate_series(1, 20000) as n";
  c.sql() << "insert into order_time select created_at, array[id] from orders";
  c.sql() << "analyze";
}

void check_reads(const store& s) {
  connection c{location::parse(s.options.url), access::reader, std::chrono::seconds{10}};
  c.open();
  c.sql() << "set plan_cache_mode = force_generic_plan";
  c.sql() << "set enable_seqscan = off"; // is there another way, on so few rows?
  persistence::reads r{c.sql(), c.kind()};
  auto all = plans_of(c.sql());
  CHECK(all.size() >= 15);
  size_t of_the_log = 0;
  for (auto& x : all) {
    CAPTURE(x.text, x.plan);
    CHECK(x.plan.find("Seq Scan") == std::string::npos);
    if (x.text.find("pg_snapshot_xmin") != std::string::npos) {
      ++of_the_log;
      // Sorted, each page would cost the whole rest of the log.
      CHECK(x.plan.find("Sort") == std::string::npos);
      CHECK(x.plan.find("Index Scan using event_pkey") != std::string::npos);
    }
    if (x.text.find("from orders") != std::string::npos)
      CHECK(x.plan.find("Index") != std::string::npos);
  }
  CHECK(of_the_log == 1);
}

void check_writes(const store& s) {
  connection c{location::parse(s.options.url), access::writer, std::chrono::seconds{10}};
  c.open();
  persistence::statements w{c.sql(), c.kind()};
  auto all = plans_of(c.sql());
  CHECK(all.size() >= 20);
  for (auto& x : all) {
    CAPTURE(x.text, x.plan);
    for (const auto* table : {"stock", "orders", "product", "users", "event", "cart", "order_time"})
      CHECK(x.plan.find(std::string{"Seq Scan on "} + table + " ") == std::string::npos);
  }
}

} // namespace

TEST_CASE("no prepared statement reads a whole table, nor sorts the event log") {
  store s{engine::postgresql};
  check_reads(s);
  check_writes(s);
  fill(s);
  check_reads(s);
  check_writes(s);
}

} // namespace souk::tests
