// Drives statements that are sent together against PostgreSQL.
#include "persistence/copy_rows.hpp"
#include "persistence/pipeline.hpp"
#include "persistence/sql.hpp"
#include "tests/persistence/support/faults.hpp"
#include "tests/persistence/support/store.hpp"

#include <chrono>
#include <string>
#include <tuple>
#include <vector>

namespace souk::tests {

using namespace std::chrono_literals;
using persistence::access;
using persistence::connection;
using persistence::copy_row;
using persistence::fault;
using persistence::few_rows;
using persistence::location;
using persistence::pipeline;
using persistence::query;

namespace {

/// A session on a new database.
struct session {
  session() { c.open(); }

  database on{engine::postgresql};
  connection c{location::parse(on.url()), access::writer, 10s};
};

/// What an error means that running `p` ends with; its text in `why`.
fault fault_of(connection& c, pipeline& p, std::string& why) {
  try {
    p.run();
  } catch (...) {
    return c.classify(why);
  }
  FAIL("no error");
  return {};
}

} // namespace

TEST_CASE("statements that are sent together come back in their order") {
  session s;
  query<long long, std::string> twice{
    s.c.sql(), "select cast(:a as bigint), :b || cast(:a as text)", {"a", "b"}};
  twice.param(0) = "-7";
  twice.param(1) = "it's ";
  query<long long> several{
    s.c.sql(), "select n from generate_series(cast(:from as bigint), 3) as n", {"from"}};
  several.param(0) = "1";
  pipeline p{s.c.sql()};
  CHECK(p.empty());
  p.add("begin");
  twice.add_to(p);
  p.add("create table made (id bigint)");
  several.add_to(p);
  CHECK_FALSE(p.empty());
  const auto came = p.run();
  CHECK(p.empty());
  REQUIRE(came.size() == 4);
  std::vector<std::tuple<long long, std::string>> rows;
  CHECK(twice.read(came[1], [&](long long a, const std::string& b) { rows.emplace_back(a, b); })
        == 1);
  CHECK(rows == std::vector<std::tuple<long long, std::string>>{{-7, "it's -7"}});
  std::vector<long long> numbers;
  CHECK(several.read(came[3], [&](long long n) { numbers.push_back(n); }) == 3);
  CHECK(numbers == std::vector<long long>{1, 2, 3});
  s.c.commit();
  CHECK(s.on.number("select count(*) from made") == 0); // the session's own statements go on
  CHECK(several.run() == 3);
}

TEST_CASE("a statement that fails ends those behind it, and the session goes on") {
  session s;
  s.on.execute("create sequence run"); // keeps its number through a rollback
  pipeline p{s.c.sql()};
  p.add("begin");
  p.add("select nextval('run')");
  p.add("select 1 / 0");
  p.add("select nextval('run')");
  std::string why;
  CHECK(fault_of(s.c, p, why) == fault::data);
  CHECK(why.find("division by zero") != std::string::npos);
  CHECK(why.find("select 1 / 0") != std::string::npos);
  CHECK(s.on.number("select last_value from run") == 1);
  s.c.rollback();
  pipeline again{s.c.sql()};
  again.add("select nextval('run')");
  again.run();
  CHECK(s.on.number("select last_value from run") == 2);
}

TEST_CASE("a connection that is lost with statements on their way is told as lost") {
  session s;
  pipeline p{s.c.sql()};
  p.add("begin");
  SECTION("before they are sent") {
    terminate(backend_of(s.c), s.on);
  }
  SECTION("while they run") {
    p.add("select pg_terminate_backend(pg_backend_pid())");
    p.add("select 1");
  }
  std::string why;
  CHECK(fault_of(s.c, p, why) == fault::lost);
  s.c.close();
  s.c.open();
  pipeline again{s.c.sql()};
  again.add("select 1");
  CHECK(again.run().size() == 1);
}

TEST_CASE("rows made for COPY can be inserted one by one") {
  session s;
  s.c.sql() << "create table kept (n bigint, s smallint, t text, l bigint[], u uuid)";
  const domain::uuid id{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  const std::vector<int64_t> list{1, -2, 3'000'000'000};
  std::string rows;
  copy_row{rows, 5}.bigint(-1).smallint(-2).text("tab\t\xf0\x9f\x9b\x92").bigints(list).uuid(id);
  copy_row{rows, 5}.bigint(1).null().text("").null().null();
  CHECK(few_rows(rows, 1).empty());
  const auto split = few_rows(rows, 2);
  REQUIRE(split.size() == 2);
  persistence::prepare(s.c.sql(), "keep_one", "insert into kept values ($1, $2, $3, $4, $5)");
  pipeline p{s.c.sql()};
  for (auto& row : split)
    p.add("keep_one", row);
  p.run();
  CHECK(s.on.number("select count(*) from kept where n = -1 and s = -2 and t = E'tab\\t\xf0\x9f\x9b"
                    "\x92' and l = '{1,-2,3000000000}' and u = "
                    "'01020304-0506-0708-090a-0b0c0d0e0f10'")
        == 1);
  CHECK(s.on.number("select count(*) from kept where n = 1 and s is null and t = '' and l is null "
                    "and u is null")
        == 1);
}

} // namespace souk::tests
