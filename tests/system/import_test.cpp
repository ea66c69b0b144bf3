// Drives `souk import`, `souk export` and `souk user` against a running server on each database.
#include "tests/system/support/databases.hpp"

#include <csignal>
#include <fstream>
#include <map>
#include <sstream>

using namespace souk::tests;
using Catch::Matchers::Contains;

namespace {

/// `souk WORDS...` as the shop's administrator.
command as_admin(shop& s, const temporary_directory& place, const std::vector<std::string>& words) {
  command what{{required_variable("SOUK_TEST_BINARY")}, place.path(), {}, {}};
  what.argv.insert(what.argv.end(), words.begin(), words.end());
  what.argv.insert(what.argv.end(),
                   {"--url", "http://127.0.0.1:" + std::to_string(s.server.port())});
  what.environment = {"SOUK_ADMIN_PASSWORD=" + admin_password};
  return what;
}

finished run_at(shop& s, const std::vector<std::string>& words) {
  const temporary_directory place;
  return run(as_admin(s, place, words), 120s);
}

std::string written(const temporary_directory& in, const std::string& name,
                    const std::string& text) {
  const auto path = (in.path() / name).string();
  std::ofstream{path, std::ios::binary} << text;
  return path;
}

std::string text_of(const std::filesystem::path& path) {
  std::stringstream out;
  out << std::ifstream{path, std::ios::binary}.rdbuf();
  return out.str();
}

/// All products by their external id.
std::map<std::string, json> products_of(shop& s) {
  std::map<std::string, json> out;
  auto guest = s.guest();
  for (std::string target = "/api/v1/products?limit=500"; !target.empty();) {
    const auto page = guest.get(target);
    for (const auto& x : page.as_json())
      if (x.at("external_id").is_string())
        out[x.at("external_id")] = x;
    target = next_page(page);
  }
  return out;
}

} // namespace

TEST_CASE("a catalog is imported, read at once, and updated by a second import", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const temporary_directory place;
  constexpr int count = 1200;
  const auto catalog = [&](const std::string& price) {
    std::string out = "external_id,name,price,category,quantity\r\n";
    for (int i = 0; i < count; ++i)
      out += "x-" + std::to_string(i) + ",\"Lamp \"\"" + std::to_string(i) + "\"\"\"," + price
             + ",Home/Light," + std::to_string(i) + "\r\n";
    return written(place, "catalog.csv", out);
  };
  const auto first = run_at(s, {"import", "products", catalog("19.99")});
  INFO(first.all());
  REQUIRE(first.exit_code == 0);
  CHECK_THAT(first.out, Contains("1,200 created, 0 updated, 0 skipped"));
  const auto before = products_of(s);
  REQUIRE(before.size() == count);
  CHECK(before.at("x-7").at("name") == "Lamp \"7\"");
  CHECK(before.at("x-7").at("price") == 19.99);
  CHECK(before.at("x-7").at("storage_quantity") == 7);
  CHECK(before.at("x-7").at("category_id").is_number_integer());

  const auto second = run_at(s, {"import", "products", catalog("5")});
  INFO(second.all());
  REQUIRE(second.exit_code == 0);
  CHECK_THAT(second.out, Contains("0 created, 1,200 updated, 0 skipped"));
  const auto after = products_of(s);
  REQUIRE(after.size() == count);
  for (const auto& [key, x] : after) {
    CHECK(x.at("price") == 5);
    CHECK(x.at("id") == before.at(key).at("id"));
  }
  CHECK(s.closed_books() == "");
}

TEST_CASE("lines that the server refuses are named and the others go in", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const temporary_directory place;
  const auto file = written(place, "x.jsonl",
                            "{\"external_id\":\"a\",\"name\":\"A\",\"price\":1}\n"
                            "{\"external_id\":\"b\",\"name\":\"B\",\"price\":\"1.12345\"}\n"
                            "no JSON\n"
                            "{\"external_id\":\"c\",\"name\":\"C\",\"price\":2}\n"
                            "{\"name\":\"D\",\"price\":3,\"currency\":\"EUR\"}\n");
  const auto got = run_at(s, {"import", "products", file});
  INFO(got.all());
  CHECK(got.exit_code == 1);
  CHECK_THAT(got.err, Contains("line 2: ") && Contains("line 3: is no JSON")
                        && Contains("line 5: currency must be USD, the shop's currency"));
  CHECK(products_of(s).size() == 2);
}

TEST_CASE("what is exported from one shop goes into another", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  const std::string format = GENERATE("csv", "jsonl");
  shop from{kind}, to{kind};
  const temporary_directory place;
  const auto made = run_at(
    from,
    {"import", "products",
     written(place, "made.csv",
             "external_id,name,price,detail,category,quantity\n"
             "a,\"one\ntwo, \"\"three\"\"\",19.99,d\xc3\xa9tail,\"A\\/B/C\",3\nb,B,30000,,,0\n")});
  INFO(made.all());
  REQUIRE(made.exit_code == 0);
  const auto path = (place.path() / ("all." + format)).string();
  const auto exported = run_at(from, {"export", "products", path});
  INFO(exported.all());
  REQUIRE(exported.exit_code == 0);
  const auto imported = run_at(to, {"import", "products", path});
  INFO(imported.all());
  REQUIRE(imported.exit_code == 0);
  const auto again = (place.path() / ("again." + format)).string();
  REQUIRE(run_at(to, {"export", "products", again}).exit_code == 0);
  auto expected = products_of(from);
  auto got = products_of(to);
  REQUIRE(got.size() == 2);
  for (const auto* member : {"name", "price", "detail", "storage_quantity"})
    for (const auto& [key, x] : expected)
      CHECK(got.at(key).at(member) == x.at(member));
  CHECK_THAT(text_of(again), Contains(format == "csv" ? "A\\/B/C" : "A\\\\/B/C"));
}

TEST_CASE("an import that waits says so, and tells how far it came when interrupted", "[system]") {
  shop s{engine::postgresql};
  const temporary_directory place;
  const auto file = written(place, "x.csv", "external_id,name,price\na,A,1\nb,B,2\n");
  // Longer than the server waits for a lock.
  const open_transaction lock{s.database, "lock table product in exclusive mode"};
  process import{as_admin(s, place, {"import", "products", file})};
  CHECK(
    eventually(30s, [&] { return import.err().find("souk: waiting for") != std::string::npos; }));
  import.signal(SIGINT);
  CHECK(import.wait(30s) == 1);
  import.drain();
  INFO(import.err());
  CHECK_THAT(import.err(), Contains("souk: interrupted (settled up to line 1)"));
}

TEST_CASE("users are imported with their passwords and keep them", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const temporary_directory place;
  const auto file = written(place, "users.csv",
                            "username,email,password,role,disabled\n"
                            "ada,ada@shop.test,first words 1,ADMIN,\n"
                            "bob,bob@shop.test,second words 2,,\n"
                            "eve,,third words 3,,true\n");
  const auto got = run_at(s, {"import", "users", file});
  INFO(got.all());
  REQUIRE(got.exit_code == 0);
  const auto log_in = [&](const std::string& name, const std::string& password) {
    return s.guest().post("/api/v1/auth/login", {{"username", name}, {"password", password}});
  };
  CHECK(log_in("ada", "first words 1").status == 200);
  CHECK(log_in("bob@shop.test", "second words 2").status == 200);
  CHECK(log_in("eve", "third words 3").status == 403);
  const auto renamed =
    run_at(s, {"import", "users", written(place, "more.csv", "username,first_name\nBOB,Robert\n")});
  INFO(renamed.all());
  CHECK_THAT(renamed.out, Contains("0 created, 1 updated"));
  const auto bob = log_in("bob", "second words 2");
  REQUIRE(bob.status == 200);
  client as_bob{s.server.port(), bob.as_json().at("access_token").get<std::string>()};
  CHECK(as_bob.get("/api/v1/users/me").as_json().at("first_name") == "Robert");
  CHECK_THAT(run_at(s, {"export", "users"}).out, Contains("\nada,ada@shop.test,"));
}

TEST_CASE("an account's role and state are changed by name", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = s.new_user();
  const auto role = [&] {
    return s.admin().get("/api/v1/users/" + user.id).as_json().at("role").get<std::string>();
  };
  const auto log_in = [&] {
    return s.guest()
      .post("/api/v1/auth/login", {{"username", user.username}, {"password", user.password}})
      .status;
  };
  CHECK(run_at(s, {"user", "role", user.username, "ADMIN"}).exit_code == 0);
  CHECK(role() == "ADMIN");
  CHECK(run_at(s, {"user", "role", user.username, "user"}).exit_code == 0);
  CHECK(role() == "USER");
  CHECK(run_at(s, {"user", "disable", user.username}).exit_code == 0);
  CHECK(log_in() == 403);
  CHECK(run_at(s, {"user", "enable", user.username}).exit_code == 0);
  CHECK(log_in() == 200);
  const auto nobody = run_at(s, {"user", "disable", "nobody-at-all"});
  CHECK(nobody.exit_code == 1);
  CHECK(nobody.err == "souk: there is no user nobody-at-all\n");
}

TEST_CASE("who may not import is told so, and a wrong word is a usage error", "[system]") {
  shop s{engine::sqlite};
  const auto user = s.new_user();
  const temporary_directory place;
  const auto file = written(place, "x.csv", "name,price\nLamp,1\n");
  const auto refused = run_at(
    s, {"import", "products", file, "--username", user.username, "--password", user.password});
  INFO(refused.all());
  CHECK(refused.exit_code == 1);
  CHECK(s.guest().get("/api/v1/products").as_json().empty());
  CHECK(run_at(s, {"import", "orders", file}).exit_code == 2);
  CHECK(run_at(s, {"user", "fly", "ada"}).exit_code == 2);
}
