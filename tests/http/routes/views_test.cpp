// Drives what values look like from outside: JSON texts, times, entity tags, cursors.
// Against domain values made here; no server, no actors.
#include "http/routes/time_text.hpp"
#include "http/routes/views.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace souk;
using namespace souk::http;

namespace {

constexpr int64_t some_time = 1'763'717'405'007; // 2025-11-21T09:30:05.007Z

domain::order some_order() {
  domain::order x;
  x.id = 123;
  x.user_id = *domain::parse_uuid("00000000-0000-7000-8000-00000000000a");
  x.status = domain::order_status::confirmed;
  x.payment = domain::payment_method::prepaid;
  x.lines = {{123 * 128, 7, "Desk \"oak\"", 1999, 2}};
  x.total_quantity = 2;
  x.total_amount = 3998;
  x.currency = "USD";
  x.created_at = some_time;
  x.updated_at = some_time + 1;
  x.version = 3;
  return x;
}

actors::product_view some_product() {
  actors::product_view x;
  x.product.id = 7;
  x.product.name = "Desk";
  x.product.price = 3'000'000;
  x.product.created_at = x.product.updated_at = some_time;
  x.product.version = 2;
  x.stock = {7, 40, 9, some_time};
  return x;
}

template <class F>
std::string written(F write) {
  std::string text;
  json_writer out{text};
  write(out);
  return text;
}

} // namespace

TEST_CASE("an order has exactly the documented fields", "[views]") {
  CHECK(written([](json_writer& out) { write_order(out, some_order(), 2); })
        == R"({"id":123,"order_number":"ORD-2025-000123",)"
           R"("user_id":"00000000-0000-7000-8000-00000000000a","status":"confirmed",)"
           R"("items":[{"id":15744,"product_id":7,"product_name":"Desk \"oak\"",)"
           R"("product_price":19.99,"quantity":2,"subtotal":39.98}],"total_quantity":2,)"
           R"("total_amount":39.98,"currency":"USD","payment_method":"prepaid",)"
           R"("shipping_address":null,"note":null,"created_at":"2025-11-21T09:30:05.007Z",)"
           R"("updated_at":"2025-11-21T09:30:05.008Z","version":3})");
}

TEST_CASE("an order shows its address", "[views]") {
  auto x = some_order();
  x.shipping_address = domain::address{"1 Main St", "Springfield", "", "12345", "US"};
  const auto j = nlohmann::json::parse(written([&](json_writer& out) { write_order(out, x, 2); }));
  CHECK(j["shipping_address"]
        == nlohmann::json::parse(R"({"street":"1 Main St","city":"Springfield","state":null,
                                     "postal_code":"12345","country":"US"})"));
}

TEST_CASE("a product has exactly the documented fields", "[views]") {
  CHECK(written([](json_writer& out) {
          write_product(out, some_product(), {"USD", 2});
        })
        == R"({"id":7,"external_id":null,"name":"Desk","price":30000,"currency":"USD",)"
           R"("detail":null,"image_url":null,"category_id":null,"storage_quantity":40,)"
           R"("created_at":"2025-11-21T09:30:05.007Z","updated_at":"2025-11-21T09:30:05.007Z",)"
           R"("version":2})");
}

TEST_CASE("a count says what is held and what is available", "[views]") {
  CHECK(written([](json_writer& out) {
          write_stock(out, {{7, 40, 9, some_time}, 3});
        })
        == R"({"product_id":7,"stock":40,"reserved":3,"available":37,"version":9,)"
           R"("updated_at":"2025-11-21T09:30:05.007Z"})");
}

TEST_CASE("a user's absent fields are null", "[views]") {
  domain::user x;
  x.id = *domain::parse_uuid("00000000-0000-7000-8000-00000000000a");
  x.username = "ada";
  x.role = domain::user_role::admin;
  CHECK(written([&](json_writer& out) { write_user(out, x); })
        == R"({"id":"00000000-0000-7000-8000-00000000000a","username":"ada","email":null,)"
           R"("first_name":null,"last_name":null,"full_name":null,"phone":null,"role":"ADMIN",)"
           R"("disabled":false,"created_at":"1970-01-01T00:00:00.000Z",)"
           R"("updated_at":"1970-01-01T00:00:00.000Z"})");
}

TEST_CASE("text is escaped so that it reads back as it was", "[views]") {
  std::string all;
  for (int c = 1; c < 128; ++c)
    all += static_cast<char>(c);
  all += "é€😀";
  const auto text = written([&](json_writer& out) { out.string(all); });
  CHECK(nlohmann::json::parse(text) == all);
}

TEST_CASE("times are written in UTC with milliseconds", "[time]") {
  CHECK(time_text{0}.view() == "1970-01-01T00:00:00.000Z");
  CHECK(time_text{951'782'399'999}.view() == "2000-02-28T23:59:59.999Z");
  CHECK(time_text{951'782'400'000}.view() == "2000-02-29T00:00:00.000Z");
  CHECK(time_text{253'402'300'799'999}.view() == "9999-12-31T23:59:59.999Z");
}

TEST_CASE("times are read with any offset and precision", "[time]") {
  CHECK(parse_time("1970-01-01T00:00:00Z") == 0);
  CHECK(parse_time("2025-11-21T09:30:05.007Z") == some_time);
  CHECK(parse_time("2025-11-21t09:30:05.0079999z") == some_time);
  CHECK(parse_time("2025-11-21T11:30:05.007+02:00") == some_time);
  CHECK(parse_time("2025-11-21T11:30:05.007 02:00") == some_time);
  CHECK(parse_time("2025-11-21T00:00:05.007-09:30") == some_time);
  for (const auto* bad :
       {"", "2025-11-21", "2025-11-21T09:30Z", "2025-11-21T09:30:05", "2025-02-29T00:00:00Z",
        "2025-13-01T00:00:00Z", "2025-00-01T00:00:00Z", "2025-11-21T24:00:00Z",
        "2025-11-21T09:60:00Z", "2025-11-21T09:30:60Z", "2025-11-21T09:30:05.Z",
        "2025-11-21T09:30:05+24:00", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01",
        "2025-11-21T09:30:05Zx", "x"}) {
    INFO(bad);
    CHECK_FALSE(parse_time(bad));
  }
}

TEST_CASE("If-Match is read as a list of strong tags", "[etag]") {
  CHECK(read_if_match("", 'v').any);
  CHECK(read_if_match("*", 'v').any);
  CHECK(read_if_match(" * ", 'v').any);
  CHECK(read_if_match("\"v3\"", 'v').versions == std::vector<int64_t>{3});
  CHECK(read_if_match("\"v1\", \"v12\" ,\"v3\"", 'v').versions == std::vector<int64_t>{1, 12, 3});
  CHECK(read_if_match("\"p2.s9\"", 'p').versions == std::vector<int64_t>{2});
  CHECK(read_if_match("\"v3.r12\"", 'v').versions == std::vector<int64_t>{3});
}

TEST_CASE("weak, foreign and broken tags match nothing", "[etag]") {
  for (const auto* header : {"W/\"v3\"", "\"x3\"", "\"v\"", "\"v3x\"", "\"v-3\"", "v3", "\"v3", ",",
                             "\"p3.s1\"", "\"v99999999999999999999\"", "\"v03\"", "\"v3.r\"",
                             "\"v3.r0\"", "\"v3.r01\"", "\"v3.s1\""}) {
    const auto x = read_if_match(header, 'v');
    INFO(header);
    CHECK_FALSE(x.any);
    CHECK(x.versions.empty());
  }
  for (const auto* header : {"\"p2\"", "\"p2.s\"", "\"p2.sx\"", "\"p2.s1x\"", "\"v2\"",
                             "\"p02.s9\"", "\"p2.s09\"", "\"p2.r9\""})
    CHECK(read_if_match(header, 'p').versions.empty());
  CHECK(read_if_match("W/\"v1\", \"v2\"", 'v').versions == std::vector<int64_t>{2});
}

TEST_CASE("a stock's tag changes with what is held", "[etag]") {
  CHECK(stock_tag({{7, 40, 9, some_time}, 0}) == "\"v9\"");
  CHECK(stock_tag({{7, 40, 9, some_time}, 4}) == "\"v9.r4\"");
}

TEST_CASE("If-None-Match compares weakly", "[etag]") {
  const auto tag = product_tag(some_product());
  CHECK(tag == "\"p2.s9\"");
  CHECK(none_match_hits("\"p2.s9\"", tag));
  CHECK(none_match_hits("\"x\", W/\"p2.s9\"", tag));
  CHECK(none_match_hits("*", tag));
  CHECK_FALSE(none_match_hits("", tag));
  CHECK_FALSE(none_match_hits("\"p2.s8\"", tag));
  CHECK_FALSE(none_match_hits("p2.s9", tag));
}

TEST_CASE("cursors lead back to their id", "[cursor]") {
  for (const int64_t id : {int64_t{1}, int64_t{35}, int64_t{36}, int64_t{9'007'199'254'740'991}})
    CHECK(decode_cursor(encode_cursor(id)) == id);
  for (const auto* bad : {"", "c", "c0", "c-1", "x1", "c1!", "czzzzzzzzzzzzzzzzzzzz"})
    CHECK_FALSE(decode_cursor(bad));
}
