// Drives the descriptions of bodies and query parameters: what they accept, what they say of
// themselves. Against JSON texts; no server, no actors.
#include "http/routes/schema.hpp"
#include "http/routes/schemas.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace souk::http;

namespace {

/// Pointers of all that is wrong, in the order found.
std::vector<std::string> wrong(const schema& expected, std::string_view text, int digits = 2) {
  const auto document = read_json(text);
  INFO(text);
  REQUIRE(document.root);
  std::vector<std::string> out;
  for (const auto& x : validate(expected, document, digits)) {
    CHECK_FALSE(x.detail.empty());
    out.push_back(x.pointer);
  }
  return out;
}

std::vector<std::string> wrong_query(const schema& expected, const std::string& text) {
  std::vector<field_error> errors;
  validate_parameter({"limit", &expected}, text, errors);
  std::vector<std::string> out;
  for (const auto& x : errors)
    out.push_back(x.pointer);
  return out;
}

using pointers = std::vector<std::string>;

std::string order_of(const std::string& items) {
  return R"({"items":)" + items + "}";
}

} // namespace

TEST_CASE("all that is wrong with a body is said at once", "[schema]") {
  CHECK(wrong(schemas::order_create,
              R"({"items":[{"product_id":1,"quantity":0},{"quantity":"2"},7],"note":5,
                  "payment_method":"gold","shipping_address":{"street":"","city":"x"}})")
        == pointers{"/items/0/quantity", "/items/1/product_id", "/items/1/quantity", "/items/2",
                    "/payment_method", "/shipping_address/street", "/shipping_address/country",
                    "/note"});
}

TEST_CASE("an order needs 1 to 100 lines with sane quantities", "[schema]") {
  const std::string line = R"({"product_id":1,"quantity":1000000})";
  std::string lines = line;
  for (int i = 1; i < 100; ++i)
    lines += "," + line;
  CHECK(wrong(schemas::order_create, order_of("[" + lines + "]")).empty());
  CHECK(wrong(schemas::order_create, order_of("[" + lines + "," + line + "]"))
        == pointers{"/items"});
  CHECK(wrong(schemas::order_create, order_of("[]")) == pointers{"/items"});
  CHECK(wrong(schemas::order_create, "{}") == pointers{"/items"});
  CHECK(wrong(schemas::order_create, "[]") == pointers{""});
  for (const auto* quantity : {"0", "-1", "1000001", "1.5", "\"1\"", "null", "1e1"})
    CHECK(wrong(schemas::order_create,
                order_of(R"([{"product_id":1,"quantity":)" + std::string{quantity} + "}]"))
          == pointers{"/items/0/quantity"});
}

TEST_CASE("a fraction of zeros is none", "[schema]") {
  CHECK(wrong(schemas::order_create, order_of(R"([{"product_id":1.0,"quantity":2.000}])")).empty());
  CHECK(wrong(schemas::order_create, order_of(R"([{"product_id":1,"quantity":-0.0}])"))
        == pointers{"/items/0/quantity"});
}

TEST_CASE("unknown fields are ignored and null means absent where that is allowed", "[schema]") {
  CHECK(wrong(schemas::order_create,
              R"({"items":[{"product_id":1,"quantity":1,"x":{}}],"y":[null],"note":null,
                  "shipping_address":null})")
          .empty());
  CHECK(wrong(schemas::product_create, R"({"name":null,"price":1})") == pointers{"/name"});
}

TEST_CASE("U+0000 is refused anywhere, keys and unknown fields too", "[schema]") {
  CHECK(wrong(schemas::order_create,
              R"({"items":[{"product_id":1,"quantity":1}],"note":"a\u0000","x":["\u0000"],
                  "k\u0000":1})")
        == pointers{"/note", "/x/0", std::string{"/k\0", 3}});
}

TEST_CASE("pointers escape slash and tilde", "[schema]") {
  CHECK(wrong(schemas::verify_request, R"({"token":"x","a/b~c":{"d":"\u0000"}})")
        == pointers{"/a~1b~0c/d"});
}

TEST_CASE("money is a number or a string, exact to the currency's digits", "[schema]") {
  const auto with = [](const std::string& price, int digits) {
    return wrong(schemas::product_create, R"({"name":"x","price":)" + price + "}", digits);
  };
  for (const auto* good : {"19.99", "0", "30000", "\"15000\"", "\"0.10\"", "2e3", "1.500"})
    CHECK(with(good, 2).empty());
  for (const auto* bad : {"19.999", "-1", "-0.01", "\"abc\"", "\"\"", "true", "null", "[]",
                          "90071992547409.92", "1e400000000000000000000"}) {
    if (std::string_view{bad}.find("1e4") == 0)
      CHECK_FALSE(read_json(R"({"price":1e400000000000000000000})").root);
    else
      CHECK(with(bad, 2) == pointers{"/price"});
  }
  CHECK(with("1.5", 0) == pointers{"/price"});
  CHECK(with("1.555", 3).empty());
}

TEST_CASE("usernames", "[schema]") {
  const auto with = [](const std::string& name) {
    return wrong(schemas::register_request,
                 R"({"password":"correct horse battery","username":")" + name + "\"}");
  };
  CHECK(with("abc").empty());
  CHECK(with("a b") == pointers{"/username"});
  CHECK(with("ab") == pointers{"/username"});
  CHECK(with(std::string(64, 'a')).empty());
  CHECK(with(std::string(65, 'a')) == pointers{"/username"});
  CHECK(with(std::string(60, 'a') + "@" + std::string(60, 'b') + ".example.org").empty());
}

TEST_CASE("e-mail addresses", "[schema]") {
  const auto with = [](const std::string& address) {
    return wrong(schemas::register_request,
                 R"({"username":"ada","password":"correct horse battery","email":")" + address
                   + "\"}");
  };
  CHECK(with("ada@example.org").empty());
  CHECK(with("ada@example") == pointers{"/email"});
  CHECK(with(std::string(255, 'a') + "@example.org") == pointers{"/email"});
}

TEST_CASE("passwords have 8 to 128 characters and are not common", "[schema]") {
  const auto with = [](const std::string& password) {
    return wrong(schemas::register_request, R"({"username":"ada","password":")" + password + "\"}");
  };
  CHECK(with("correct horse").empty());
  CHECK(with("éééééééé").empty());
  CHECK(with("ééééééé") == pointers{"/password"});
  CHECK(with(std::string(128, 'x')).empty());
  CHECK(with(std::string(129, 'x')) == pointers{"/password"});
  CHECK(with("password1") == pointers{"/password"});
  CHECK(with("PassWord1") == pointers{"/password"});
  CHECK(with("password1!").empty());
}

TEST_CASE("a change must change something", "[schema]") {
  CHECK(wrong(schemas::product_change, "{}") == pointers{""});
  CHECK(wrong(schemas::product_change, R"({"x":1})") == pointers{""});
  CHECK(wrong(schemas::product_change, R"({"detail":null})").empty());
}

TEST_CASE("query parameters are checked like bodies", "[schema]") {
  CHECK(wrong_query(schemas::page_limit, "1").empty());
  CHECK(wrong_query(schemas::page_limit, "500").empty());
  for (const auto* bad : {"0", "501", "", "x", "1x", "1.0", "99999999999999999999"})
    CHECK(wrong_query(schemas::page_limit, bad) == pointers{"/query/limit"});
  CHECK(wrong_query(schemas::order_status, "paid").empty());
  CHECK(wrong_query(schemas::order_status, "lost") == pointers{"/query/limit"});
  CHECK(wrong_query(schemas::time, "2026-01-31T09:30:00.5+02:00").empty());
  CHECK(wrong_query(schemas::time, "yesterday") == pointers{"/query/limit"});
  CHECK(wrong_query(schemas::user_id, "00000000-0000-7000-8000-000000000001").empty());
  CHECK(wrong_query(schemas::user_id, "1") == pointers{"/query/limit"});
  CHECK(wrong_query(schemas::cursor, "c1z").empty());
  CHECK(wrong_query(schemas::cursor, "nonsense!") == pointers{"/query/limit"});
}

TEST_CASE("a description becomes JSON Schema", "[schema]") {
  std::string text;
  json_writer out{text};
  write_schema(out, schemas::order_create, true);
  const auto j = nlohmann::json::parse(text);
  CHECK(j["type"] == "object");
  CHECK(j["required"] == nlohmann::json::array({"items"}));
  CHECK(j["properties"]["items"]["maxItems"] == 100);
  CHECK(j["properties"]["items"]["items"]["$ref"] == "#/components/schemas/OrderItemRequest");
  CHECK(j["properties"]["payment_method"]["anyOf"][0]["enum"].size() == 2);
  CHECK(j["properties"]["note"]["anyOf"][1]["type"] == "null");
}

TEST_CASE("named parts of a description are collected once", "[schema]") {
  std::vector<const schema*> named;
  collect_named(schemas::orders, named);
  collect_named(schemas::order, named);
  REQUIRE(named.size() == 3);
  CHECK(named[0] == &schemas::order);
}
