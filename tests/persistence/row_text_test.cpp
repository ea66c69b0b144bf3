// Drives the rows that go to the database as JSON by plain calls,
// against a JSON parser.
#include "persistence/row_text.hpp"
#include "tests/persistence/support/writes.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace souk::tests {

using namespace actors;
using namespace persistence;
using json = nlohmann::json;
using domain::domain_id;

namespace {

template <class... Args>
json one(const Args&... args) {
  std::string text;
  append_row(text, args...);
  end_rows(text);
  return json::parse(text).at(0);
}

} // namespace

TEST_CASE("no rows are an empty array") {
  std::string text;
  end_rows(text);
  CHECK(text == "[]");
}

TEST_CASE("rows stand in the order in which they were appended") {
  std::string text;
  for (int64_t p : {3, 1, 2})
    append_key(text, p);
  end_rows(text);
  CHECK(text == R"([{"p":3},{"p":1},{"p":2}])");
}

TEST_CASE("integers are exact to their last digit") {
  const std::map<int64_t, int64_t> amounts{{7, 1}, {(1LL << 53) - 1, -9'223'372'036'854'775'807}};
  CHECK(amounts_text(backend::sqlite, amounts)
        == R"([{"p":7,"a":1},{"p":9007199254740991,"a":-9223372036854775807}])");
  CHECK(amounts_text(backend::postgresql, amounts)
        == "{7,9007199254740991} {1,-9223372036854775807}");
}

TEST_CASE("an order's row holds its lines as JSON and what is missing as null") {
  auto w = place(5, {{1, 2}, {7, 1}});
  auto row = one(*w.order);
  CHECK(row["id"] == 5);
  CHECK(row["us"] == "01010101-0101-0101-0101-010101010101");
  CHECK(row["tq"] == 3);
  CHECK(row["ta"] == 3 * line_price);
  CHECK(row["cu"] == "USD");
  CHECK(row["ve"] == 1);
  CHECK(row["ad"].is_null());
  REQUIRE(row["li"].is_array());
  CHECK(row["li"].size() == 2);
  CHECK(row["li"][1]["product_id"] == 7);
  w.order->row.shipping_address = domain::address{"a \"street\"", "b", "c", "d", "e"};
  CHECK(one(*w.order)["ad"]["street"] == "a \"street\"");
}

TEST_CASE("an order's change names its lines and totals only if a step since then changed them") {
  auto w = change(place(5, {{1, 2}}), domain::order_status::confirmed);
  auto& o = w.order->row;
  const auto step = [&o](domain::order_change_kind kind) {
    o.changes.push_back({++o.version, kind, o.status, domain::changed_by::customer, 7});
  };
  o.version = 1;
  w.order->expected_version = 1;
  step(domain::order_change_kind::status);
  auto row = one(*w.order);
  CHECK(row["id"] == 5);
  CHECK(row["st"] == 1);
  CHECK(row["ve"] == 2);
  CHECK(row["x"] == 1);
  CHECK(row["hi"].size() == 1);
  CHECK_FALSE(row.contains("li"));
  CHECK_FALSE(row.contains("tq"));
  CHECK_FALSE(row.contains("ta"));

  step(domain::order_change_kind::items);
  row = one(*w.order);
  CHECK(row["li"].size() == 1);
  CHECK(row["tq"] == 2);
  CHECK(row["ta"] == 2 * line_price);

  w.order->expected_version = 3; // that was before
  step(domain::order_change_kind::status);
  CHECK_FALSE(one(*w.order).contains("li"));
}

TEST_CASE("text is escaped") {
  auto w = create(1, 5);
  w.product->row.name = "\"a\" \\ \n\t\x01 \xf0\x9f\x9b\x92";
  w.product->row.detail = "], [";
  auto row = one(*w.product);
  CHECK(row["na"] == w.product->row.name);
  CHECK(row["de"] == "], [");
}

TEST_CASE("what a product does not have is null") {
  auto w = create(1, 5);
  auto row = one(*w.product);
  CHECK(row["ei"].is_null());
  CHECK(row["cg"].is_null());
  w.product->row.external_id = "x";
  w.product->row.category_id = 9;
  w.product->row.deleted = true;
  w.product->expected_version = 3;
  row = one(*w.product);
  CHECK(row["ei"] == "x");
  CHECK(row["cg"] == 9);
  CHECK(row["dl"] == 1);
  CHECK(row["x"] == 3);
}

TEST_CASE("an account's row holds its names folded for comparison") {
  auto w = sign_up(1, "Ada", "Ada@Example.org");
  auto row = one(*w.user);
  CHECK(row["un"] == "Ada");
  CHECK(row["uk"] == "ada");
  CHECK(row["em"] == "Ada@Example.org");
  CHECK(row["ek"] == "ada@example.org");
  CHECK(row["ph"] == "a hash of Ada");
  CHECK(one(*sign_up(1, "Ada").user)["ek"].is_null());
}

TEST_CASE("a root category has no parent") {
  CHECK(one(*add_category(4).category)["pa"].is_null());
  CHECK(one(*add_category(8, 4).category)["pa"] == 4);
}

TEST_CASE("an event's payload is JSON, an empty one an empty object") {
  event e;
  e.kind = "k";
  e.subject = "s";
  e.payload = R"({"a":[1]})";
  CHECK(one(e)["p"]["a"][0] == 1);
  e.payload.clear();
  CHECK(one(e)["p"] == json::object());
}

TEST_CASE("a kept answer is text, whatever is in it") {
  auto row = one(kept_answer{"i", "f", R"({"a":"b"})"});
  CHECK(row["a"] == R"({"a":"b"})");
}

TEST_CASE("a movement names its order if there is one") {
  std::string text;
  append_row(text, movement_row{1, -2, "order", 5, 17, {}});
  append_row(text, movement_row{1, 3, "by hand", 0, 18, {}});
  append_row(text, movement_row{1, -3, "order", 5, 17, "[[5,-2],[9,-1]]"});
  end_rows(text);
  auto rows = json::parse(text);
  CHECK(rows[0]
        == json({{"p", 1}, {"d", -2}, {"r", "order"}, {"o", 5}, {"c", 17}, {"q", nullptr}}));
  CHECK(rows[1]
        == json({{"p", 1}, {"d", 3}, {"r", "by hand"}, {"o", nullptr}, {"c", 18}, {"q", nullptr}}));
  CHECK(rows[2]["q"] == "[[5,-2],[9,-1]]"); // text, as it is stored
}

TEST_CASE("owners name domain, shard and epoch by numbers") {
  const std::vector<owner> owners{{domain_id::stock, 2, 7}, {domain_id::order, 63, 8}};
  CHECK(owners_text(backend::sqlite, owners) == R"([{"d":2,"s":2,"e":7},{"d":3,"s":63,"e":8}])");
  CHECK(owners_text(backend::postgresql, owners) == "{2,3} {2,63} {7,8}");
  CHECK(owners_text(backend::sqlite, {}) == "[]");
  CHECK(owners_text(backend::postgresql, {}) == "{} {} {}");
}

} // namespace souk::tests
