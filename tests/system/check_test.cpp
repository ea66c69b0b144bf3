// Drives `souk check` against books that balance and books that somebody has falsified by SQL, on
// each database.
#include "tests/system/support/books.hpp"
#include "tests/system/support/databases.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
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

TEST_CASE("check makes nothing and changes nothing where there is no shop", "[system]") {
  const database notes{engine::sqlite}; // another program's
  const auto look = [&](const std::string& url) {
    return run_souk("check", {{"database.url", url}});
  };
  const auto content_of = [](const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
  };
  const auto missing_path = notes.dir() / "missing.db";
  const auto missing = look("sqlite:" + missing_path.string());
  INFO(missing.all());
  CHECK(missing.exit_code == 1);
  CHECK(missing.all().find(missing_path.string()) != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(missing_path));

  const auto letter_path = notes.dir() / "letter.db";
  std::ofstream{letter_path} << std::string(4096, 'x');
  CHECK(look("sqlite:" + letter_path.string()).exit_code == 1);
  CHECK(content_of(letter_path) == std::string(4096, 'x'));

  notes.execute("create table notes (text)");
  const std::filesystem::path notes_path = notes.url().substr(std::string{"sqlite:"}.size());
  const auto before = content_of(notes_path);
  REQUIRE(!before.empty());
  const auto foreign = look(notes.url());
  INFO(foreign.all());
  CHECK(foreign.exit_code == 1);
  CHECK(foreign.all().find("there is no shop") != std::string::npos);
  CHECK(content_of(notes_path) == before);

  const database empty{engine::postgresql};
  const auto no_shop = look(empty.url());
  INFO(no_shop.all());
  CHECK(no_shop.exit_code == 1);
  CHECK(no_shop.all().find("there is no shop") != std::string::npos);
}

TEST_CASE("check does not judge a schema that it does not know", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  s.server.stop();
  s.database.execute(
    "insert into schema_migration (version, name, applied_at) values (99, 'x', 0)");
  const auto newer = s.check();
  INFO(newer.all());
  CHECK(newer.exit_code == 1);
  CHECK(newer.all().find("99") != std::string::npos);
  CHECK(newer.all().find("newer program") != std::string::npos);
}
