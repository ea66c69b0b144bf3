// Drives the text forms of durations, rates and every setting by plain calls,
// against tables of what is accepted and what is refused.
#include "config/options.hpp"

#include <catch2/catch.hpp>

using namespace souk::config;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

namespace {

const option& find(std::string_view key) {
  for (const auto& o : options())
    if (o.key == key)
      return o;
  throw std::logic_error{"no such option"};
}

} // namespace

TEST_CASE("durations are whole numbers with a unit") {
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("10s") == 10s);
  CHECK(parse_duration("30m") == 30min);
  CHECK(parse_duration("24h") == 24h);
  CHECK(parse_duration("0s") == 0ms);
  auto bad = GENERATE("", "10", "s", "1.5s", "-1s", "+1s", " 1s", "1 s", "1s ", "1S", "1d", "1h30m",
                      "99999999999s", "87601h", "1e3s");
  CAPTURE(bad);
  CHECK_FALSE(parse_duration(bad));
}

TEST_CASE("a duration is written in the largest unit that holds it") {
  CHECK(format_duration(0ms) == "0s");
  CHECK(format_duration(1500ms) == "1500ms");
  CHECK(format_duration(90s) == "90s");
  CHECK(format_duration(30min) == "30m");
  CHECK(format_duration(24h) == "24h");
}

TEST_CASE("a rate is a count in a window, or off") {
  auto x = parse_rate_limit("3/5m");
  REQUIRE(x);
  CHECK(x->count == 3);
  CHECK(x->window == 5min);
  REQUIRE(parse_rate_limit("off"));
  CHECK(parse_rate_limit("off")->count == 0);
  auto bad =
    GENERATE("", "3", "/5m", "3/", "0/5m", "3/0s", "-3/5m", "3/5", "3 / 5m", "OFF", "3/5m/");
  CAPTURE(bad);
  CHECK_FALSE(parse_rate_limit(bad));
}

TEST_CASE("the database is the embedded one unless a url is set") {
  settings x;
  CHECK(database_url(x) == "sqlite:souk-data/souk.db");
  x.data.dir = "/var/lib/souk";
  CHECK(database_url(x) == "sqlite:/var/lib/souk/souk.db");
  x.database.url = "postgresql://localhost/souk";
  CHECK(database_url(x) == "postgresql://localhost/souk");
}

TEST_CASE("each setting refuses what it cannot be and keeps what it was") {
  struct row {
    const char* key;
    strings good, bad;
  };
  auto long_text = std::string(32, 'x');
  const row rows[] = {
    {"http.address", {"0.0.0.0", "::", "::1"}, {"", "localhost", "127.0.0.1:80", "256.0.0.1"}},
    {"http.port", {"0", "65535"}, {"", "65536", "-1", "80x", "80,", ",80", "80;81", " 80"}},
    {"http.threads", {"0", "256"}, {"", "-1", "257", "1.5", "0x1", "99999999999999999999"}},
    {"http.idle_timeout", {"1ms", "24h"}, {"", "0s", "25h", "60"}},
    {"auth.token_lifetime", {"1s", "2000ms"}, {"1500ms", "0s"}},
    {"data.dir", {"."}, {""}},
    {"database.url", {"", "sqlite:x", "postgresql://h/d"}, {"x", "sqlite:", "mysql://h/d"}},
    {"auth.secret", {"", long_text}, {long_text.substr(1)}},
    {"admin.username",
     {"ada", std::string(64, 'a'), "ada@example.org"},
     {"", "ab", "ada lovelace", std::string(65, 'a'), "ada@localhost", "a..b@example.org"}},
    {"admin.password",
     {"", "12345678", std::string(128, 'x'),
      "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
      "1234"},
     {"1234567", std::string(129, 'x'), "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"}},
    {"limits.orders_per_user", {"off", "3/5m"}, {"", "3", "0/5m"}},
    {"actors.threads", {"0", "1024"}, {"1025"}},
    {"shop.currency", {"USD", "JPY"}, {"", "usd", "XXX", "USDT"}},
    {"shop.demo", {"true", "false"}, {"", "yes", "1", "True"}},
    {"log.level", {"trace", "error"}, {"", "INFO", "warn"}},
    {"log.format", {"auto", "text", "json"}, {"", "xml"}},
    {"node.listen",
     {"", "host:1", "[::1]:1"},
     {"host", "host:", ":1", "::1", "::1:1", "host:65536"}},
    {"node.pools", {"", "order", "order,stock"}, {"orders", "order,", ",", "order stock"}},
  };
  for (const auto& [key, good, bad] : rows) {
    const auto& o = find(key);
    for (const auto& value : good) {
      settings x;
      CAPTURE(key, value);
      CHECK(o.set(x, value));
    }
    for (const auto& value : bad) {
      settings x;
      CAPTURE(key, value);
      CHECK_FALSE(o.set(x, value));
      CHECK(o.get(x) == o.get(settings{}));
    }
  }
}
