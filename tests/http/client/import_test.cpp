// Drives `souk import` and `souk export` as calls: batches, refusals, repeated lines, summaries;
// against a small HTTP server in this process that keeps what it is sent.
#include "http/client/export.hpp"
#include "http/client/import.hpp"
#include "tests/http/client/fake_shop_server.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <unistd.h>

using namespace souk::client;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using nlohmann::json;
using souk::tests::asked;
using souk::tests::fake_shop_server;
using souk::tests::told;

namespace {

const patience quick{1ms, 4ms, 10s, 10s};

/// Takes every item, by its external id or username; refuses those named `bad`.
class keeper {
public:
  std::optional<told> operator()(const asked& x) {
    if (x.method != "POST" || !x.target.ends_with("/import"))
      return told{};
    auto out = json::array();
    const auto body = json::parse(x.body);
    for (const auto& item : body.at("items")) {
      if (item.value("name", "") == "bad") {
        out.push_back(
          {{"status", 422}, {"errors", {{{"pointer", "/items/0/name"}, {"detail", "is bad"}}}}});
        continue;
      }
      const auto key = item.value("external_id", item.value("username", ""));
      const bool known = !key.empty() && items.contains(key);
      items[key.empty() ? "new " + std::to_string(items.size()) : key] = item;
      out.push_back({{"status", known ? 200 : 201}, {"id", "id-" + key}});
    }
    return told{200, "{\"results\":" + out.dump() + "}"};
  }

  json items = json::object();
};

struct outcome {
  int exit_code = 0;
  std::string out;
  std::string err;
};

outcome run(const fake_shop_server& server, const std::string& text,
            import_options options = {table::products, "-", file_format::csv, false, quick},
            unsigned connections = 4) {
  std::istringstream in{text};
  std::ostringstream out, err;
  outcome result;
  result.exit_code =
    import_file({server.url(), "admin", "right", connections}, options, {in, out, err, false});
  result.out = out.str();
  result.err = err.str();
  return result;
}

outcome run_users(const fake_shop_server& server, const std::string& text) {
  return run(server, text, {table::users, "-", file_format::csv, false, quick});
}

std::string products(size_t count) {
  std::string out = "external_id,name,price\n";
  for (size_t i = 0; i < count; ++i)
    out += "x-" + std::to_string(i) + ",Lamp " + std::to_string(i) + ",19.99\n";
  return out;
}

size_t items_in(const asked& x) {
  return json::parse(x.body).at("items").size();
}

} // namespace

TEST_CASE("a file goes in by batches of at most 500") {
  keeper kept;
  fake_shop_server server{std::ref(kept)};
  const auto got = run(server, products(1234));
  CHECK(got.exit_code == 0);
  CHECK_THAT(got.out, Contains("1,234 products imported: 1,234 created, 0 updated, 0 skipped"));
  CHECK(got.err.empty());
  CHECK(kept.items.size() == 1234);
  size_t sum = 0;
  for (const auto& x : server.requests()) {
    CHECK(items_in(x) <= 500);
    sum += items_in(x);
  }
  CHECK(sum == 1234);
  CHECK(server.requests().size() == 3);
}

TEST_CASE("a batch is bounded in bytes, too") {
  keeper kept;
  fake_shop_server server{std::ref(kept)};
  std::string text = "external_id,name,price,detail\n";
  for (int i = 0; i < 100; ++i)
    text += std::to_string(i) + ",Lamp,1," + std::string(30'000, 'x') + "\n";
  CHECK(run(server, text).exit_code == 0);
  CHECK(kept.items.size() == 100);
  for (const auto& x : server.requests())
    CHECK(x.body.size() < 600 * 1024);
}

TEST_CASE("bad lines and refused ones are named and left out, the others go in") {
  keeper kept;
  fake_shop_server server{std::ref(kept)};
  const auto got =
    run(server, "external_id,name,price\na,Lamp,1\nb,bad,2\nc,Lamp\nd,\"two\nlines\",x\n"
                "e,Lamp,3\n");
  CHECK(got.exit_code == 1);
  CHECK_THAT(got.out, Contains("2 products imported: 2 created, 0 updated, 3 skipped"));
  CHECK_THAT(got.err, Contains("souk: standard input line 3: name is bad\n"));
  CHECK_THAT(got.err, Contains("line 4: has 2 cells, the header has 3\n"));
  CHECK_THAT(got.err, Contains("line 5: price is not an amount\n"));
  CHECK(kept.items.size() == 2);
}

TEST_CASE("of several lines about one product the last wins") {
  keeper kept;
  fake_shop_server server{std::ref(kept)};
  std::string text = "external_id,name,price\n";
  for (int i = 1; i <= 60; ++i)
    text += "a,Lamp," + std::to_string(i) + "\nb" + std::to_string(i) + ",Chair,1\n";
  const auto got = run(server, text);
  CHECK_THAT(got.out, Contains("120 products imported: 61 created, 59 updated"));
  CHECK(kept.items.at("a").at("price") == "60");
}

TEST_CASE("an item that spoils its batch does not spoil the others") {
  keeper kept;
  fake_shop_server server{[&](const asked& x) {
    return x.body.find("poison") == x.body.npos ? kept(x) : told{413, R"({"detail":"too large"})"};
  }};
  auto text = products(300);
  text.insert(text.find("x-57,") + 5, "poison ");
  const auto got = run(server, text);
  CHECK(got.exit_code == 1);
  CHECK(kept.items.size() == 299);
  CHECK_THAT(got.err, Contains("line 59: too large\n"));
  CHECK(server.requests().size() < 20);
}

TEST_CASE("an answer that is lost is asked for again, and counts once") {
  keeper kept;
  std::map<std::string, told> answers;
  int count = 0;
  fake_shop_server server{[&](const asked& x) -> std::optional<told> {
    if (!answers.contains(x.key))
      answers[x.key] = *kept(x);
    if (count++ % 3 == 0)
      return std::nullopt; // done, but nobody hears of it
    return answers[x.key];
  }};
  const auto got = run(server, products(3000));
  CHECK(got.exit_code == 0);
  CHECK_THAT(got.out, Contains("3,000 created, 0 updated"));
  CHECK(answers.size() == 6);
  CHECK(server.requests().size() > 6);
}

TEST_CASE("an item that the server cannot take now is sent again") {
  keeper kept;
  std::map<std::string, int> tries;
  fake_shop_server server{[&](const asked& x) {
    const auto items = json::parse(x.body).at("items");
    auto answer = json::parse(kept(x)->body);
    for (size_t i = 0; i < items.size(); ++i) {
      const auto id = items[i].at("external_id").get<std::string>();
      if (id.ends_with("7") && ++tries[id] <= 2) {
        kept.items.erase(id);
        answer["results"][i] = {{"status", 503}, {"code", "overloaded"}};
      }
    }
    return told{200, answer.dump()};
  }};
  const auto got = run(server, products(1000));
  CHECK(got.exit_code == 0);
  CHECK_THAT(got.out, Contains("1,000 created, 0 updated"));
  CHECK(got.err.empty());
  CHECK(tries.size() == 100);
}

TEST_CASE("an import gives up on a server that stays busy") {
  fake_shop_server server{[](const asked& x) {
    auto results = json::array();
    for (size_t i = 0; i < items_in(x); ++i)
      results.push_back({{"status", 503}, {"code", "overloaded"}});
    return told{200, json{{"results", results}}.dump()};
  }};
  const patience short_one{1ms, 4ms, 50ms, 10s};
  CHECK_THROWS_WITH(
    run(server, products(3), {table::products, "-", file_format::csv, false, short_one}),
    Contains("gave up on ") && Contains("overloaded"));
}

TEST_CASE("what ends an import is told with the first line that is open") {
  keeper kept;
  fake_shop_server server{[&](const asked& x) {
    return x.body.find("x-700\"") == x.body.npos ? kept(x) : told{403, R"({"detail":"not you"})"};
  }};
  std::string error;
  try {
    run(server, products(2000), {table::products, "-", file_format::csv, false, quick}, 1);
  } catch (const client_error& e) {
    error = e.what();
  }
  CHECK(error == "the import was refused: not you (settled up to line 501)");
}

TEST_CASE("a dry run reads all and asks nobody") {
  fake_shop_server server{[](const asked&) { return told{}; }};
  const auto got =
    run(server, "{\"name\":\"Lamp\",\"price\":1,\"category\":\"A/B\"}\n{\"price\":1}\n",
        {table::products, "-", file_format::jsonl, true, quick});
  CHECK(got.exit_code == 1);
  CHECK(got.out == "1 products can be read, 1 cannot; nothing was sent\n");
  CHECK_THAT(got.err, Contains("line 2: has no name"));
  CHECK(server.logins() == 0);
  CHECK(server.requests().empty());
}

TEST_CASE("users with passwords to hash go in small batches, and the disabled are disabled") {
  keeper kept;
  fake_shop_server server{std::ref(kept)};
  std::string text = "username,password,disabled\n";
  for (int i = 0; i < 40; ++i)
    text += "user" + std::to_string(i) + ",a secret word,\n";
  text += "eve,,true\n";
  const auto got = run_users(server, text);
  CHECK(got.exit_code == 0);
  CHECK_THAT(got.out, Contains("41 users imported: 41 created"));
  size_t disabled = 0;
  for (const auto& x : server.requests())
    if (x.method == "PATCH") {
      ++disabled;
      CHECK(x.target == "/api/v1/users/id-eve");
      CHECK(x.body == R"({"disabled":true})");
    } else
      CHECK(items_in(x) <= 20);
  CHECK(disabled == 1);
}

TEST_CASE("a file that cannot be used is one line") {
  fake_shop_server server{[](const asked&) { return told{}; }};
  const auto error = [&](const std::string& file, const std::string& text) -> std::string {
    try {
      run(server, text, {table::products, file, file_format::csv, false, quick});
    } catch (const client_error& e) {
      return e.what();
    }
    return "no error";
  };
  CHECK_THAT(error("/nowhere/x.csv", ""),
             Contains(R"(cannot read "/nowhere/x.csv": No such file)"));
  CHECK_THAT(error("-", "pirce\n"), Contains("names a column \"pirce\""));
}

TEST_CASE("an export takes its place when it is complete, and can be imported") {
  auto name = (std::filesystem::temp_directory_path() / "souk-export-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()));
  const auto file = name + "/products.csv";
  std::atomic<bool> broken{true};
  fake_shop_server server{[&](const asked& x) {
    if (x.target == "/api/v1/categories")
      return told{200,
                  R"([{"id":1,"name":"A/B","parent_id":null},{"id":2,"name":"C","parent_id":1}])"};
    if (x.target == "/api/v1/products?limit=500")
      return told{200,
                  R"([{"id":7,"external_id":"x","name":"a \"b\", c","price":90071992547409.91,
                      "detail":null,"category_id":2,"storage_quantity":3,"version":1}])",
                  {{"Link", "</next>; rel=\"next\""}}};
    return broken ? told{500, R"({"detail":"broken"})"}
                  : told{200, R"([{"id":8,"name":"d","price":1,"category_id":null}])"};
  }};
  std::istringstream in;
  std::ostringstream out, err;
  const auto write = [&] {
    return export_file({server.url(), "admin", "right", 1},
                       {table::products, file, file_format::csv, quick}, {in, out, err, false});
  };
  CHECK_THROWS_AS(write(), client_error);
  CHECK(std::filesystem::is_empty(name));
  broken = false;
  CHECK(write() == 0);
  std::stringstream text;
  text << std::ifstream{file}.rdbuf();
  std::filesystem::remove_all(name);
  CHECK(text.str()
        == "external_id,id,name,price,detail,category,quantity,image_url\n"
           "x,7,\"a \"\"b\"\", c\",90071992547409.91,,A\\/B/C,3,\n,8,d,1,,,,\n");
  CHECK(out.str().empty());
  CHECK_THAT(err.str(), Contains("2 products exported"));
  const auto again = run(server, text.str(), {table::products, "-", file_format::csv, true, quick});
  CHECK(again.out == "2 products can be read, 0 cannot; nothing was sent\n");
}

TEST_CASE("orders are exported as they are shown, or a row each") {
  const std::string order = R"({"id":1,"status":"paid","total_amount":19.90,)"
                            R"("shipping_address":{"city":"Berlin"},"items":[{"id":1}]})";
  fake_shop_server server{[&](const asked&) { return told{200, "[" + order + "]"}; }};
  const auto written = [&](file_format format) {
    std::istringstream in;
    std::ostringstream out, err;
    export_file({server.url(), "admin", "right", 1}, {table::orders, "", format, quick},
                {in, out, err, false});
    return out.str();
  };
  CHECK(written(file_format::jsonl) == order + "\n");
  CHECK_THAT(written(file_format::csv),
             Contains("\n1,,,paid,,,19.90,,,Berlin,,,,,,,\"[{\"\"id\"\":1}]\"\n"));
}
