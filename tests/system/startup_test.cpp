// Drives the program's beginning and end: settings, files, ports, the demo catalog, `souk migrate`,
// signals; against the binary itself on each database.
#include "tests/system/support/books.hpp"
#include "tests/system/support/databases.hpp"
#include "tests/system/support/order_load.hpp"

#include <algorithm>
#include <csignal>
#include <optional>
#include <set>

using namespace souk::tests;

namespace {

/// Ended with an error that is one line, and which mentions `what`.
void check_refused(const finished& ended, const std::string& what) {
  INFO(ended.all());
  CHECK(ended.exit_code != 0);
  CHECK(ended.exit_code < 128); // no signal
  const auto lines = lines_of(ended.all());
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find(what) != std::string::npos);
}

} // namespace

TEST_CASE("a JSON line of the log names its request in a field", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"log.level", "debug"}, {"log.format", "json"}}};
  CHECK(s.guest().get("/api/v1/products/1?x=request_id=", {{"X-Request-Id", "id-of-a-test"}}).status
        == 404);
  const auto line_of_request = [&]() -> json {
    for (const auto& line : lines_of(s.server.output()))
      if (line.find("id-of-a-test") != std::string::npos && line.ends_with('}'))
        return json::parse(line);
    return nullptr;
  };
  REQUIRE(eventually(10s, [&] { return !line_of_request().is_null(); }));
  const auto line = line_of_request();
  CHECK(line.at("request_id") == "id-of-a-test");
  CHECK(line.at("level") == "debug");
  CHECK(is_time(line.at("time")));
  const std::string message = line.at("message");
  CHECK(message.find("status=404") != std::string::npos);
  CHECK(message.find("id-of-a-test") == std::string::npos);
}

TEST_CASE("a bad setting is one clear line", "[system]") {
  const database empty{engine::sqlite};
  const auto refuse = [&](const settings& more, const std::string& what) {
    INFO(what);
    check_refused(run_souk("serve", server_settings(empty, more), 30s), what);
  };
  refuse({{"http.prot", "8080"}}, "http.prot");
  refuse({{"http.port", "http"}}, "http.port");
  refuse({{"http.port", "70000"}}, "http.port");
  refuse({{"http.port", "9000,9001,9000"}}, "http.port");
  refuse({{"admin.username", "two words"}}, "admin.username"); // who could log in so?
  refuse({{"http.threads", "-1"}}, "http.threads");
  refuse({{"http.idle_timeout", "soon"}}, "http.idle_timeout");
  refuse({{"log.level", "loud"}}, "log.level");
  refuse({{"limits.orders_per_user", "often"}}, "limits.orders_per_user");
  refuse({{"shop.currency", "XQQ"}}, "XQQ");
  refuse({{"shop.demo", "maybe"}}, "maybe"); // a flag without a value, and a word too many
  refuse({{"database.url", "mysql://127.0.0.1/souk"}}, "database");
  refuse({{"database.url", "sqlite::memory:"}}, "database.url"); // a memory for each connection
  auto by_environment = souk_command("serve", server_settings(empty));
  by_environment.environment = {"SOUK_LOG_FORMAT=verse"};
  by_environment.dir = empty.dir();
  check_refused(run(by_environment, 30s), "SOUK_LOG_FORMAT");
}

TEST_CASE("help names every group of settings with its defaults", "[system]") {
  const auto help = run({{required_variable("SOUK_TEST_BINARY"), "serve", "--help"}, {}, {}, {}});
  CHECK(help.exit_code == 0);
  for (const auto* text : {"http.port", "8080", "database.url", "auth.token_lifetime",
                           "admin.username", "limits.in_flight", "4096", "actors.shards",
                           "shop.currency", "USD", "log.level", "node.join"}) {
    INFO(text);
    CHECK(help.out.find(text) != std::string::npos);
  }
}

TEST_CASE("a database that cannot be reached is one clear line", "[system]") {
  const database empty{engine::sqlite};
  const auto port = std::to_string(free_port());
  const auto nowhere = "postgresql://souk@127.0.0.1:" + port + "/souk";
  for (const auto* name : {"serve", "check", "migrate"}) {
    INFO(name);
    const auto with = name == std::string{"serve"}
                        ? server_settings(empty, {{"database.url", nowhere}})
                        : settings{{"database.url", nowhere}};
    check_refused(run_souk(name, with, 60s), port);
  }
  const auto below_a_file = "sqlite:" + (empty.dir() / "file" / "shop.db").string();
  run({{"touch", (empty.dir() / "file").string()}, {}, {}, {}});
  check_refused(run_souk("serve", server_settings(empty, {{"database.url", below_a_file}}), 60s),
                "file");
}

TEST_CASE("a password in the database's URL is not printed", "[system]") {
  const database empty{engine::sqlite};
  for (const auto* url :
       {"postgresql://u:SEC%zzRET@127.0.0.1:1/x", "postgresql://u@127.0.0.1:1/x?password=SEC%zzRET",
        "postgresql://u:SEC/RET@127.0.0.1:1/x", "postgresql://u:SEC@RET@127.0.0.1:1/x",
        "postgresql://u:SEC@RE/RET@127.0.0.1:1/x", "postgres//u:SECRET@127.0.0.1:1/x"})
    for (const auto* name : {"serve", "check", "migrate"}) {
      INFO(name << ' ' << url);
      const auto with = name == std::string{"serve"}
                          ? server_settings(empty, {{"database.url", url}})
                          : settings{{"database.url", url}};
      const auto refused = run_souk(name, with, 60s);
      check_refused(refused, "database.url");
      CHECK(refused.all().find("SEC") == std::string::npos);
      CHECK(refused.all().find("RET") == std::string::npos);
    }
}

TEST_CASE("a taken port is one clear line", "[system]") {
  const database empty{engine::sqlite};
  const taken_port taken;
  const auto port = std::to_string(taken.number());
  check_refused(run_souk("serve", server_settings(empty, {{"http.port", port}}), 30s), port);
}

TEST_CASE("a second server on the same database is refused", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  check_refused(run_souk("serve", server_settings(s.database), 60s), "database");
  CHECK(s.guest().get("/readyz").status == 200);
  CHECK(s.new_product(1) > 0);
}

TEST_CASE("a second server on the same file by another name is refused", "[system]") {
  shop s{engine::sqlite};
  const auto link = s.database.dir() / "the same.db";
  std::filesystem::create_symlink(s.database.url().substr(std::string{"sqlite:"}.size()), link);
  check_refused(
    run_souk("serve", server_settings(s.database, {{"database.url", "sqlite:" + link.string()}})),
    "database");
  CHECK(s.new_product(1) > 0);
}

TEST_CASE("what a server writes is its user's alone to read", "[system]") {
  shop s{engine::sqlite};
  CHECK(s.new_product(1) > 0);
  using std::filesystem::perms;
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{s.database.dir()}) {
    INFO(entry.path());
    CHECK((entry.status().permissions() & (perms::group_all | perms::others_all)) == perms::none);
    ++files;
  }
  CHECK(files > 0);
}

TEST_CASE("a setting that the database has fixed otherwise is warned of", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  const database empty{kind};
  server first{empty, {{"shop.currency", "EUR"}, {"actors.shards", "16"}}};
  first.start();
  CHECK(first.stop() == 0);
  CHECK(first.output().find("which stays") == std::string::npos);
  server second{empty, {{"shop.currency", "USD"}, {"actors.shards", "8"}}};
  second.start();
  CHECK(second.stop() == 0);
  CHECK(second.output().find("shop.currency is USD, but this database was made with EUR")
        != std::string::npos);
  CHECK(second.output().find("actors.shards is 8, but this database was made with 16")
        != std::string::npos);
}

TEST_CASE("further nodes with SQLite are refused", "[system]") {
  const database empty{engine::sqlite};
  const settings joining{{"node.join", "127.0.0.1:" + std::to_string(free_port())}};
  check_refused(run_souk("serve", server_settings(empty, joining), 30s), "node.join");
}

TEST_CASE("a server listens on each port of a list", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  const database empty{kind};
  server served{empty, {{"http.port", "0,0"}}};
  served.start();
  REQUIRE(served.ports().size() == 2);
  for (const auto port : served.ports())
    CHECK(client{port}.get("/healthz").status == 200);
  CHECK(served.stop() == 0);
}

TEST_CASE("the demo catalog is made once", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"shop.demo", "true"}}};
  const auto products = s.guest().get("/api/v1/products?limit=500").as_json();
  CHECK(products.size() == 50);
  std::set<std::string> names;
  for (const auto& product : products) {
    names.insert(product.at("name"));
    CHECK(product.at("storage_quantity") > 0);
    CHECK(product.at("category_id").is_number_integer());
  }
  CHECK(names.size() == 50);
  const auto order = order_of({{products[0].at("id"), 1}});
  CHECK(s.as(s.new_user()).post("/api/v1/orders", order).status == 201);
  CHECK(s.server.stop() == 0);
  s.server.start();
  CHECK(s.guest().get("/api/v1/products?limit=500").as_json().size() == 50);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a demo catalog that was cut short is completed by the next start", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  const database empty{kind};
  REQUIRE(run_souk("migrate", {{"database.url", empty.url()}}).exit_code == 0);
  // Amid the products, or after them, where the administrator is made.
  const bool amid = GENERATE(true, false);
  CAPTURE(amid);
  const std::string table = amid ? "product" : "users";
  const std::string bad = amid ? "name = 'Tagine'" : "username = 'admin'";
  const bool sqlite = kind == engine::sqlite;
  empty.execute(sqlite
                  ? "create trigger fault before insert on " + table + " when new." + bad
                      + " begin select raise(abort, 'none of these'); end"
                  : "alter table " + table + " add constraint fault check (not (" + bad + "))");
  const settings with_demo{{"shop.demo", "true"}};
  const auto cut_short = run_souk("serve", server_settings(empty, with_demo));
  INFO(cut_short.all());
  CHECK(cut_short.exit_code == 1);
  CHECK(empty.number("select count(*) from product") == (amid ? 23 : 50));
  CHECK(empty.number("select count(*) from users") == 0);
  empty.execute(sqlite ? "drop trigger fault" : "alter table " + table + " drop constraint fault");
  server served{empty, with_demo};
  served.start();
  client guest{served.port()};
  const auto products = guest.get("/api/v1/products?limit=500").as_json();
  std::set<std::string> names;
  for (const auto& product : products)
    names.insert(product.at("name"));
  CHECK(products.size() == 50);
  CHECK(names.size() == 50);
  CHECK(guest.get("/api/v1/categories").as_json().size() == 5);
  CHECK(served.stop() == 0);
}

TEST_CASE("products that were there before the first start keep the demo catalog away",
          "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  const database filled{kind};
  REQUIRE(run_souk("migrate", {{"database.url", filled.url()}}).exit_code == 0);
  filled.execute("insert into product (id, name, price, detail, deleted, created_at, updated_at, "
                 "version) values (1, 'Own', 100, '', 0, 0, 0, 1)");
  filled.execute("insert into stock (product_id, quantity, version, updated_at) "
                 "values (1, 0, 1, 0)");
  server served{filled, {{"shop.demo", "true"}}};
  served.start();
  CHECK(client{served.port()}.get("/api/v1/products?limit=500").as_json().size() == 1);
  CHECK(served.stop() == 0);
}

TEST_CASE("migrate prepares an empty database and may be repeated", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  const database empty{kind};
  for (int i = 0; i < 2; ++i) {
    const auto migrated = run_souk("migrate", {{"database.url", empty.url()}});
    INFO(migrated.all());
    CHECK(migrated.exit_code == 0);
  }
  CHECK(count_orders(empty) == 0);
  server served{empty};
  served.start();
  CHECK(client{served.port()}.get("/readyz").status == 200);
}

TEST_CASE("SIGTERM under load answers everything that was done", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  order_load load{s, s.new_users(8), {s.new_product(100'000)}};
  REQUIRE(eventually(60s, [&] { return load.acknowledged() >= 100; }));
  CHECK(s.server.stop() == 0);
  load.stop();
  CHECK(load.complaints() == std::vector<std::string>{});
  std::set<int64_t> acknowledged;
  for (const auto& [id, times] : load.orders())
    acknowledged.insert(id);
  CHECK(order_ids(s.database) == acknowledged);
  CHECK(s.closed_books() == "");
}

TEST_CASE("the end of the terminal is an end in order", "[system]") {
  shop s{engine::sqlite};
  CHECK(s.new_product(1) > 0);
  s.server.signal(SIGHUP);
  CHECK(s.server.wait_for_end() == 0);
  CHECK(s.closed_books() == "");
}

TEST_CASE("SIGTERM lets a request at work end and takes no new one", "[system]") {
  shop s{engine::postgresql};
  const auto user = s.new_user();
  const auto product = s.new_product(10);
  // Its commit waits for this lock; the server's own limit for that is 2 s.
  std::optional<open_transaction> lock;
  lock.emplace(s.database, "lock table orders in exclusive mode");
  answer placed;
  std::jthread buyer{[&] {
    try {
      placed = s.as(user).post("/api/v1/orders", order_of({{product, 1}}));
    } catch (const transport_error& e) {
      placed.body = e.what();
    }
  }};
  const auto waiting = "select count(*) from pg_locks l join pg_database d on d.oid = l.database "
                       "where d.datname = current_database() and not l.granted";
  CHECK(eventually(10s, [&] { return s.database.number(waiting) > 0; }));
  s.server.signal(SIGTERM);
  CHECK(eventually(1s, [&] {
    try {
      s.guest().get("/healthz");
      return false;
    } catch (const transport_error&) {
      return true;
    }
  }));
  lock.reset();
  CHECK(s.server.wait_for_end() == 0);
  buyer.join();
  INFO(placed.body);
  CHECK(placed.status == 201);
  CHECK(count_orders(s.database) == 1);
}
