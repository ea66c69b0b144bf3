// Drives the reading of request bodies and queries: read_json, read_form, percent_decode.
// Against plain text; no server, no actors.
#include "http/routes/json_reader.hpp"

#include <catch2/catch.hpp>

using namespace souk::http;

namespace {

json_value read(std::string_view text) {
  auto document = read_json(text);
  INFO(text << ": " << document.error);
  REQUIRE(document.root);
  return std::move(*document.root);
}

std::string nested(size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

} // namespace

TEST_CASE("numbers stay exact", "[json]") {
  CHECK(read("42").integer == 42);
  CHECK(read("-9223372036854775808").integer == INT64_MIN);
  CHECK(read("9223372036854775807").integer == INT64_MAX);
  for (const auto* text : {"19.99", "0.1", "1e2", "-1.5E+3", "9223372036854775808",
                           "123456789012345678901234567890", "0.1000000000000000055511151231"}) {
    const auto x = read(text);
    CHECK(x.is(json_kind::decimal));
    CHECK(x.text == text);
  }
}

TEST_CASE("every kind of value is read", "[json]") {
  const auto x = read(R"({"a":[1,"two",null,true,{"b":{}}],"c":"\u00e9\n"})");
  REQUIRE(x.is(json_kind::object));
  const auto* a = x.find("a");
  REQUIRE(a);
  REQUIRE(a->items.size() == 5);
  CHECK(a->items[1].text == "two");
  CHECK(a->items[2].is(json_kind::null));
  CHECK(a->items[3].boolean);
  CHECK(a->items[4].find("b")->is(json_kind::object));
  CHECK(x.find("c")->text == "\xc3\xa9\n");
  CHECK(x.find("d") == nullptr);
}

TEST_CASE("what is no JSON is refused with a reason", "[json]") {
  for (const auto* text : {"", " ", "{", "[1,]", "{\"a\":}", "{'a':1}", "01", "1.", "nul", "{} {}",
                           "\"\x01\"", "NaN", "1e999", "\"\\ud800\""}) {
    const auto document = read_json(text);
    CHECK_FALSE(document.root);
    CHECK_FALSE(document.error.empty());
  }
}

TEST_CASE("a number beyond reading is told from what is no JSON, and where it is", "[json]") {
  for (const auto& [text, place] : std::vector<std::pair<std::string, std::string>>{
         {R"({"price":1E400})", "/price"},
         {R"({"a":[{"b":1},{"b":[7,-1e999]}]})", "/a/1/b/1"},
         {R"({"x/y~":1e400})", "/x~1y~0"}}) {
    INFO(text);
    const auto read = read_json(text);
    CHECK_FALSE(read.root);
    CHECK(read.too_large == place);
  }
  CHECK(read_json("{\"a\":1e}").too_large.empty());
}

TEST_CASE("invalid UTF-8 is refused", "[json]") {
  for (const auto* text : {"\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf5\x80\x80\x80\""})
    CHECK_FALSE(read_json(text).root);
  CHECK(read_json("\"\xf0\x9f\x98\x80\"").root);
}

TEST_CASE("a key that an object has twice is refused", "[json]") {
  CHECK_FALSE(read_json(R"({"a":1,"b":2,"a":3})").root);
  CHECK(read_json(R"({"a":1,"b":{"a":2}})").root);
  std::string many = "{";
  for (int i = 0; i < 40; ++i)
    many += "\"k" + std::to_string(i) + "\":1,";
  CHECK(read_json(many + "\"z\":1}").root);
  CHECK_FALSE(read_json(many + "\"k7\":1}").root);
}

TEST_CASE("depth and number of values are bounded", "[json]") {
  CHECK(read_json(nested(max_json_depth)).root);
  CHECK_FALSE(read_json(nested(max_json_depth + 1)).root);
  CHECK_FALSE(read_json(nested(100'000)).root);
  std::string many = "[0";
  for (size_t i = 2; i < max_json_values; ++i)
    many += ",0";
  CHECK(read_json(many + "]").root);
  CHECK_FALSE(read_json(many + ",0]").root);
}

TEST_CASE("U+0000 is noticed in strings and keys", "[json]") {
  CHECK(read_json(R"({"a":"x\u0000"})").contains_nul);
  CHECK(read_json(R"({"a\u0000":1})").contains_nul);
  CHECK_FALSE(read_json(R"({"a":"x"})").contains_nul);
}

TEST_CASE("forms are decoded", "[form]") {
  const auto fields = read_form("username=a%40b.c&password=x+y%2Bz&empty=&bare&&");
  REQUIRE(fields);
  REQUIRE(fields->size() == 4);
  CHECK((*fields)[0] == std::pair<std::string, std::string>{"username", "a@b.c"});
  CHECK((*fields)[1].second == "x y+z");
  CHECK((*fields)[2].second.empty());
  CHECK((*fields)[3].first == "bare");
}

TEST_CASE("a form that is broken or too long is refused", "[form]") {
  for (const auto* text : {"a=%", "a=%4", "a=%zz", "%=1", "a=%ff"})
    CHECK_FALSE(read_form(text));
  std::string many;
  for (size_t i = 0; i <= max_form_fields; ++i)
    many += "a=1&";
  CHECK_FALSE(read_form(many));
}

TEST_CASE("percent-encoding goes both ways", "[form]") {
  const std::string all = "a/b c?d=é&%+~";
  CHECK(percent_encode(all) == "a%2Fb%20c%3Fd%3D%C3%A9%26%25%2B~");
  CHECK(percent_decode(percent_encode(all), false) == all);
  CHECK(percent_decode("a+b", false) == "a+b");
}

TEST_CASE("code points are counted, not bytes", "[form]") {
  CHECK(count_code_points("") == 0u);
  CHECK(count_code_points("aé€😀") == 4u);
  CHECK_FALSE(count_code_points("\xe2\x82"));
  CHECK_FALSE(count_code_points("\xc1\xbf"));
}
