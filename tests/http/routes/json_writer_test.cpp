#include "http/routes/json_writer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace souk::tests {

using http::json_writer;
using nlohmann::json;

namespace {

std::string written(std::string_view text) {
  std::string out;
  json_writer{out}.string(text);
  return out;
}

} // namespace

TEST_CASE("what must be escaped is, wherever it stands") {
  for (const char c : {'"', '\\', '\0', '\n', '\r', '\t', '\x01', '\x1f', '\b'})
    for (size_t size = 1; size <= 20; ++size)
      for (size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        text[at] = c;
        REQUIRE(json::parse(written(text)) == text);
      }
  CHECK(written("a\"b\\c\nd\re\tf\x01") == R"("a\"b\\c\nd\re\tf\u0001")");
}

TEST_CASE("all other characters stay as they are") {
  std::string text;
  for (char c = 0x20; c < 0x7f; ++c)
    if (c != '"' && c != '\\')
      text += c;
  text += "\x7f \xc3\xa9 \xe2\x82\xac \xf0\x9f\x9b\x92";
  for (size_t begin = 0; begin < 9; ++begin)
    CHECK(written(text.substr(begin)) == '"' + text.substr(begin) + '"');
}

TEST_CASE("a text may be of any length") {
  for (const size_t size : {0, 1, 7, 8, 9, 508, 509, 510, 511, 512, 513, 1'023, 1'024, 5'000}) {
    const std::string text(size, 'y');
    CHECK(written(text) == '"' + text + '"');
    std::string out;
    json_writer writer{out};
    writer.begin_object().key("before").integer(-1);
    writer.key("text").string(text).key("raw").raw('"' + text + "\\n\"");
    writer.key("quoted").string("\"" + text).end_object();
    const json wanted{
      {"before", -1}, {"text", text}, {"raw", text + "\n"}, {"quoted", "\"" + text}};
    CHECK(json::parse(out) == wanted);
  }
}

TEST_CASE("a value is in the string as soon as it is complete, after what was there") {
  std::string out = "data: ";
  json_writer writer{out};
  writer.begin_array().integer(INT64_MIN).integer(INT64_MAX);
  writer.boolean(true).boolean(false).null().string_or_null("").string_or_null("x");
  writer.begin_object().end_object().begin_array().end_array();
  CHECK(out == "data: ");
  writer.end_array();
  CHECK(out == "data: [-9223372036854775808,9223372036854775807,true,false,null,null,\"x\",{},[]]");
  out = "";
  json_writer{out}.integer(7);
  CHECK(out == "7");
}

} // namespace souk::tests
