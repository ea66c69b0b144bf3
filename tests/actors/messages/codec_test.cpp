// Drives what is kept in the database as JSON, written and read again by plain calls,
// against odd strings, extreme numbers and broken input.
#include "actors/messages/codec.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <limits>

using namespace souk;
using namespace souk::actors;

namespace {

constexpr auto lowest = std::numeric_limits<int64_t>::min();
constexpr auto highest = std::numeric_limits<int64_t>::max();

/// Strings that a careless writer gets wrong.
const std::string odd_strings[] = {
  "",
  "plain",
  "with \"quotes\" and \\backslashes\\ / slashes",
  "line\nbreak\ttab\r\b\f",
  std::string{"\x01\x1f\x7f"},
  std::string("nul\0inside", 10),
  "caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x9b\x92",
  "\xe2\x80\xa8\xe2\x80\xa9",
  R"(\u0041 {"not":"json"} [1,2])",
  std::string(10'000, 'x'),
};

domain::uuid some_uuid() {
  return *domain::parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057");
}

domain::order_line make_line(int64_t id, const std::string& name) {
  return {id, 7, name, 1999, 2};
}

domain::order make_order(const std::string& text) {
  domain::order x;
  x.id = 42;
  x.user_id = some_uuid();
  x.status = domain::order_status::shipped;
  x.payment = domain::payment_method::prepaid;
  x.lines = {make_line(42 * 128, text), make_line(42 * 128 + 1, "other")};
  x.total_quantity = 4;
  x.total_amount = 7996;
  x.currency = "USD";
  x.shipping_address = domain::address{text, "city", text, "postal", "country"};
  x.note = text;
  x.created_at = 1'790'000'000'123;
  x.updated_at = 1'790'000'000'456;
  x.version = 3;
  return x;
}

domain::user make_user(const std::string& text) {
  domain::user x;
  x.id = some_uuid();
  x.username = text;
  x.email = "e" + text;
  x.first_name = "f" + text;
  x.last_name = "l" + text;
  x.full_name = "n" + text;
  x.phone = "p" + text;
  x.role = domain::user_role::admin;
  x.disabled = true;
  x.created_at = 1;
  x.updated_at = 2;
  x.version = 3;
  return x;
}

product_view make_product_view(const std::string& text) {
  return {{5, "x" + text, text, 1999, "d" + text, "i" + text, 9, true, 1, 2, 3}, {5, 100, 4, 6}};
}

bool same(const product_view& a, const product_view& b) {
  return a.product == b.product && a.stock == b.stock;
}

/// Every way to leave one field out of an object, or to give it another type.
std::vector<std::string> damaged(const std::string& text) {
  std::vector<std::string> out;
  auto whole = nlohmann::json::parse(text);
  for (const auto& [key, value] : whole.items()) {
    auto without = whole;
    without.erase(key);
    out.push_back(without.dump());
    for (const auto& wrong : {nlohmann::json(nullptr), nlohmann::json(1.5)}) {
      auto other = whole;
      other[key] = wrong;
      out.push_back(other.dump());
    }
  }
  return out;
}

} // namespace

TEST_CASE("an order comes back as it was, whatever its strings hold") {
  for (const auto& text : odd_strings) {
    CAPTURE(text);
    auto x = make_order(text);
    CHECK(decode_order(encode(x)) == x);
    CHECK(decode_lines(encode_lines(x.lines)) == x.lines);
    CHECK(decode_address(encode_address(*x.shipping_address)) == x.shipping_address);
  }
}

TEST_CASE("an order without lines and address comes back as it was") {
  domain::order x;
  CHECK(decode_order(encode(x)) == x);
  CHECK(encode_lines({}) == "[]");
  CHECK(decode_lines("[]") == std::vector<domain::order_line>{});
}

TEST_CASE("every status and payment method comes back as it was") {
  auto x = make_order("x");
  for (uint8_t status = 0; status <= 6; ++status)
    for (uint8_t payment = 0; payment <= 1; ++payment) {
      x.status = static_cast<domain::order_status>(status);
      x.payment = static_cast<domain::payment_method>(payment);
      CHECK(decode_order(encode(x)) == x);
    }
}

TEST_CASE("users and products come back as they were, whatever their strings hold") {
  for (const auto& text : odd_strings) {
    CAPTURE(text);
    auto user = make_user(text);
    CHECK(decode_user(encode(user)) == user);
    auto view = make_product_view(text);
    auto read = decode_product_view(encode(view));
    REQUIRE(read);
    CHECK(same(*read, view));
  }
}

TEST_CASE("the largest and smallest integers come back as they were") {
  stock_view x{{highest, lowest, highest, lowest}, lowest};
  auto read = decode_stock_view(encode(x));
  REQUIRE(read);
  CHECK(read->level == x.level);
  CHECK(read->reserved == x.reserved);
}

TEST_CASE("the stored form stays") {
  auto x = make_order("a");
  CHECK(encode_lines({x.lines[0]})
        == R"([{"id":5376,"product_id":7,"name":"a","price":1999,"quantity":2}])");
  CHECK(encode_address(*x.shipping_address)
        == R"({"street":"a","city":"city","state":"a","postal_code":"postal",)"
           R"("country":"country"})");
  x.lines.clear();
  x.shipping_address.reset();
  CHECK(encode(x)
        == R"({"id":42,"user_id":"01890a5d-ac96-774b-bcce-b302099a8057","status":"shipped",)"
           R"("payment":"prepaid","lines":[],"total_quantity":4,"total_amount":7996,)"
           R"("currency":"USD","note":"a","created_at":1790000000123,)"
           R"("updated_at":1790000000456,"version":3})");
  CHECK(encode(stock_view{{1, 2, 3, 4}, 5})
        == R"({"level":{"product_id":1,"on_hand":2,"version":3,"updated_at":4},"reserved":5})");
}

TEST_CASE("what lacks a field or has one of another type is refused") {
  auto order = make_order("x");
  for (const auto& text : damaged(encode(order))) {
    CAPTURE(text);
    // The address alone may be missing.
    bool has_address = nlohmann::json::parse(text).contains("shipping_address");
    CHECK(decode_order(text).has_value() == !has_address);
  }
  for (const auto& text : damaged(encode(make_user("x"))))
    CHECK_FALSE(decode_user(text));
  for (const auto& text : damaged(encode(make_product_view("x"))))
    CHECK_FALSE(decode_product_view(text));
  for (const auto& text : damaged(encode(stock_view{})))
    CHECK_FALSE(decode_stock_view(text));
  for (const auto& text : damaged(encode_address(*order.shipping_address)))
    CHECK_FALSE(decode_address(text));
  auto line = encode_lines({make_line(1, "x")});
  for (const auto& text : damaged(line.substr(1, line.size() - 2)))
    CHECK_FALSE(decode_lines("[" + text + "]"));
}

TEST_CASE("text that is no such JSON is refused") {
  auto text = GENERATE("", "null", "1", "\"x\"", "{}", "[1]", "[{}]", "{", "[", "\xff", "{\"id\":}",
                       "[null]");
  CAPTURE(text);
  CHECK_FALSE(decode_order(text));
  CHECK_FALSE(decode_user(text));
  CHECK_FALSE(decode_product_view(text));
  CHECK_FALSE(decode_stock_view(text));
  CHECK_FALSE(decode_lines(text));
  CHECK_FALSE(decode_address(text));
}

TEST_CASE("a cut-off answer is refused wherever it was cut") {
  auto whole = encode(make_order("x"));
  for (size_t i = 0; i < whole.size(); ++i)
    REQUIRE_FALSE(decode_order(whole.substr(0, i)));
}

TEST_CASE("numbers that no 64-bit integer holds are refused") {
  auto with = [](const std::string& number) {
    return R"({"level":{"product_id":1,"on_hand":)" + number
           + R"(,"version":3,"updated_at":4},"reserved":5})";
  };
  CHECK(decode_stock_view(with("9223372036854775807")));
  CHECK_FALSE(decode_stock_view(with("9223372036854775808")));
  CHECK_FALSE(decode_stock_view(with("-9223372036854775809")));
  CHECK_FALSE(decode_stock_view(with("99999999999999999999999")));
  CHECK_FALSE(decode_stock_view(with("1.0")));
  CHECK_FALSE(decode_stock_view(with("1e3")));
}

TEST_CASE("unknown names are refused, unknown fields are ignored") {
  auto replaced = [](std::string text, std::string_view from, std::string_view to) {
    return text.replace(text.find(from), from.size(), to);
  };
  auto text = encode(make_order("x"));
  CHECK_FALSE(decode_order(replaced(text, "shipped", "lost")));
  CHECK_FALSE(decode_order(replaced(text, "prepaid", "card")));
  CHECK_FALSE(decode_order(replaced(text, "01890a5d-", "01890a5d")));
  CHECK(decode_order(replaced(text, "{\"id\":42", "{\"new\":[1],\"id\":42")) == make_order("x"));
  CHECK_FALSE(decode_user(replaced(encode(make_user("x")), "ADMIN", "admin")));
}
