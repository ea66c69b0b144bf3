// Drives the texts that the server makes, problems and the Date header, as plain functions.
#include "http/server/problem_text.hpp"
#include "http/server/response_text.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace souk::http;

namespace {

std::string as_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

} // namespace

TEST_CASE("a problem has the members of RFC 9457") {
  const auto p = nlohmann::json::parse(problem_body(404, "not_found", "No \"such\"\nthing.", "r1"));
  CHECK(p.size() == 6);
  CHECK(p["type"] == "about:blank");
  CHECK(p["title"] == "Not Found");
  CHECK(p["status"] == 404);
  CHECK(p["detail"] == "No \"such\"\nthing.");
  CHECK(p["instance"] == "r1");
  CHECK(p["code"] == "not_found");
  CHECK_FALSE(nlohmann::json::parse(problem_body(404, "a", "b", "")).contains("instance"));
}

TEST_CASE("any bytes become a valid JSON string") {
  CHECK(as_json("a\"\\\n\r\t/") == R"("a\"\\\n\r\t/")");
  CHECK(as_json({"\0\x1F\x7F", 3}) == "\"\\u0000\\u001f\x7F\"");
  CHECK(as_json("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80")
        == "\"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"");
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(as_json("\xC3") == "\"" + bad + "\"");
  CHECK(as_json("\xC0\xAF") == "\"" + bad + bad + "\"");
  CHECK(as_json("\xED\xA0\x80") == "\"" + bad + bad + bad + "\"");
  CHECK(as_json("\xF4\x90\x80\x80") == "\"" + bad + bad + bad + bad + "\"");
  std::string all;
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b) {
      all += static_cast<char>(a);
      all += static_cast<char>(b);
    }
  CHECK(nlohmann::json::accept(as_json(all)));
}

TEST_CASE("the date is in the form of RFC 9110") {
  date_text clock;
  const std::string text{clock.now()};
  std::tm parsed{};
  REQUIRE(strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parsed) != nullptr);
  CHECK(std::abs(std::difftime(timegm(&parsed), std::time(nullptr))) <= 2);
}
