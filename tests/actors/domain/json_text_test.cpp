// Drives the appending JSON writer by plain calls,
// against fixed texts: what is escaped, what is kept, what is replaced.
#include "actors/domain/json_text.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace souk::domain;

namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

const std::string replaced = "\xef\xbf\xbd"; // U+FFFD

} // namespace

TEST_CASE("plain text and well-formed UTF-8 are written as they are") {
  CHECK(quoted("") == "\"\"");
  CHECK(quoted("tea, 500 g / \x7f") == "\"tea, 500 g / \x7f\"");
  auto text = GENERATE("\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                       "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
                       "caf\xc3\xa9 \xe2\x98\x95");
  CHECK(quoted(text) == '"' + std::string{text} + '"');
}

TEST_CASE("quotes, backslashes and control characters are escaped") {
  CHECK(quoted("a\"b\\c") == R"("a\"b\\c")");
  CHECK(quoted("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(quoted("\x01\x1f") == R"("\u0001\u001f")");
  CHECK(quoted(std::string_view("a\0b", 3)) == R"("a\u0000b")");
}

TEST_CASE("bytes that are no UTF-8 are replaced") {
  CHECK(quoted("a\xff" "b") == "\"a" + replaced + "b\"");
  CHECK(quoted("\x80") == '"' + replaced + '"');
  CHECK(quoted("\xc3") == '"' + replaced + '"');
  CHECK(quoted("\xc3\"") == '"' + replaced + "\\\"\"");
  CHECK(quoted("\xc0\xaf") == '"' + replaced + replaced + '"');             // overlong
  CHECK(quoted("\xed\xa0\x80") == '"' + replaced + replaced + replaced + '"'); // a surrogate
  CHECK(quoted("\xf4\x90\x80\x80").size() == 2 + 4 * replaced.size());      // beyond U+10FFFF
  CHECK(quoted("\xe2\x98") == '"' + replaced + replaced + '"');             // cut off
}

TEST_CASE("text is appended to what is there") {
  std::string out = "[";
  append_json_string(out, "x");
  out += ',';
  append_int(out, -1);
  CHECK(out == "[\"x\",-1");
}

TEST_CASE("every integer is written whole") {
  std::string out;
  append_int(out, std::numeric_limits<int64_t>::min());
  append_int(out, std::numeric_limits<int64_t>::max());
  append_int(out, 0);
  CHECK(out == "-922337203685477580892233720368547758070");
}
