// Drives what is kept of the external catalog by plain calls,
// against a source in memory and a clock that the test sets.
#include "actors/external/catalog.hpp"
#include "actors/log.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace souk::external;
using namespace std::chrono_literals;
using souk::actors::external_config;
using souk::actors::external_outcome;

namespace {

struct catalog_fixture {
  external_config config;
  catalog::time_point now{1000h};
  fetched next;
  std::vector<std::string> asked;
  spdlog::level::level_enum log_level = spdlog::get_level();

  catalog_fixture() { spdlog::set_level(spdlog::level::off); } // failures are what is tested
  ~catalog_fixture() { spdlog::set_level(log_level); }

  catalog make() {
    return {config,
            [this](const std::string& id) {
              asked.push_back(id);
              auto answer = next;
              if (answer.body == "product")
                answer.body = R"({"id": ")" + id + R"(", "title": "a", "price": 2.5})";
              return answer;
            },
            [this] { return now; }};
  }
};

const fetched product{200, "product", {}};
const fetched absent{404, "{}", {}};
const fetched broken{500, "{}", {}};
const fetched silent{0, {}, "time-out"};

} // namespace

TEST_CASE_METHOD(catalog_fixture, "a product is asked for once an hour") {
  auto c = make();
  next = product;
  CHECK_FALSE(c.kept("7"));
  auto first = c.find("7");
  REQUIRE(first.outcome == external_outcome::found);
  CHECK(first.product.external_id == "7");
  CHECK(first.product.price == 250);
  next = broken;
  now += 1h - 1ns;
  CHECK(c.find("7").product.name == "a");
  CHECK(c.kept("7"));
  CHECK(asked.size() == 1);
  now += 1ns;
  CHECK_FALSE(c.kept("7"));
  CHECK(c.find("7").outcome == external_outcome::unavailable); // too old is not used
  CHECK(asked.size() == 2);
}

TEST_CASE_METHOD(catalog_fixture, "that there is no product is known for a minute") {
  auto c = make();
  next = absent;
  CHECK(c.find("7").outcome == external_outcome::not_found);
  now += 60s - 1ns;
  CHECK(c.find("7").outcome == external_outcome::not_found);
  CHECK(asked.size() == 1);
  now += 1ns;
  next = product;
  CHECK(c.find("7").outcome == external_outcome::found);
}

TEST_CASE_METHOD(catalog_fixture, "answers of a source mean one of three things") {
  struct row {
    long status;
    std::string body;
    external_outcome expected;
    bool is_kept = true;
  };
  using enum external_outcome;
  for (const auto& x : std::vector<row>{{200, "product", found},
                                        {200, "null", not_found},
                                        {404, "", not_found},
                                        {410, "", not_found},
                                        {400, "", not_found},
                                        {422, "", not_found},
                                        {200, "{}", unavailable},
                                        {200, "<html>", unavailable},
                                        {204, "", unavailable},
                                        {304, "", unavailable},
                                        {401, "", unavailable},
                                        {403, "", unavailable},
                                        {429, "", unavailable, false},
                                        {503, "", unavailable, false},
                                        {0, "", unavailable, false}}) {
    CAPTURE(x.status, x.body);
    auto c = make();
    next = {x.status, x.body, {}};
    CHECK(c.find("7").outcome == x.expected);
    CHECK(c.kept("7").has_value() == x.is_kept);
  }
}

TEST_CASE_METHOD(catalog_fixture, "a source that fails five times is left alone for ten seconds") {
  auto c = make();
  next = product;
  c.find("kept");
  next = silent;
  for (int i = 0; i < 7; ++i)
    CHECK(c.find("7").outcome == external_outcome::unavailable);
  CHECK(asked.size() == 1 + 5);
  CHECK(c.find("kept").outcome == external_outcome::found);
  now += 10s;
  next = broken;
  c.find("7");
  c.find("7");
  CHECK(asked.size() == 1 + 6);
  now += 10s;
  next = product;
  CHECK(c.find("7").outcome == external_outcome::found);
  CHECK(c.find("8").outcome == external_outcome::found);
}

TEST_CASE_METHOD(catalog_fixture, "strange ids and odd products do not count as failures") {
  auto c = make();
  for (int i = 0; i < 20; ++i) {
    next = i % 2 == 0 ? fetched{422, "{}", {}} : fetched{200, "{}", {}};
    c.find("odd" + std::to_string(i));
  }
  next = product;
  CHECK(c.find("7").outcome == external_outcome::found);
}

TEST_CASE_METHOD(catalog_fixture, "unusable answers fail their ids alone, each for half a minute") {
  const fetched elsewhere{0, {}, "refused to connect", true};
  const fetched page{200, "<html>", {}};
  const fetched denied{403, "{}", {}};
  auto c = make();
  for (int i = 0; i < 21; ++i) {
    next = i % 3 == 0 ? elsewhere : i % 3 == 1 ? page : denied;
    CHECK(c.find("odd" + std::to_string(i)).outcome == external_outcome::unavailable);
  }
  CHECK(asked.size() == 21);
  next = product;
  CHECK(c.find("7").outcome == external_outcome::found);
  now += 30s - 1ns;
  CHECK(c.find("odd0").outcome == external_outcome::unavailable);
  CHECK(asked.size() == 22);
  now += 1ns;
  CHECK(c.find("odd0").outcome == external_outcome::found);
}

TEST_CASE_METHOD(catalog_fixture, "an answer must be about the product that was asked for") {
  auto c = make();
  auto find = [&](const std::string& id, const std::string& told) {
    next = {200, R"({"id": )" + told + R"(, "title": "a", "price": 1})", {}};
    return c.find(id);
  };
  CHECK(find("7", "7").product.external_id == "7");
  CHECK(find("8", R"("8")").product.external_id == "8");
  CHECK(find("009", "9").product.external_id == "9");
  CHECK(find("desk", R"("desk")").outcome == external_outcome::found);
  CHECK(find("missing", "null").product.external_id == "missing");
  CHECK(find("10", "11").outcome == external_outcome::unavailable);
  CHECK(find("chair", R"("Chair")").outcome == external_outcome::unavailable);
  next = {200, R"({"title": "a", "price": 1})", {}};
  CHECK(c.find("12").product.external_id == "12");
}

TEST_CASE_METHOD(catalog_fixture, "an id that cannot be asked for is not found and not asked for") {
  auto c = make();
  next = product;
  for (const std::string id : {"", "..", "a\r\nb"})
    CHECK(c.find(id).outcome == external_outcome::not_found);
  CHECK(asked.empty());
}

TEST_CASE_METHOD(catalog_fixture, "what is kept is bounded by its size") {
  config.kept_bytes = 2'000;
  auto c = make();
  next = product;
  for (int i = 0; i < 100; ++i)
    c.find(std::to_string(i));
  int kept = 0;
  for (int i = 0; i < 100; ++i)
    kept += c.kept(std::to_string(i)) ? 1 : 0;
  CHECK(kept > 0);
  CHECK(kept < 6);
  CHECK(c.kept("99"));
}
