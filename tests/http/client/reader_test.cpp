// Drives the readers of CSV and JSON lines and the CSV writer, against texts in memory.
#include "http/client/records/csv.hpp"
#include "http/client/records/raw_json.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace souk::client;
using Catch::Matchers::Contains;

namespace {

using strings = std::vector<std::string>;

/// Each record as `line: name=value ...`, each bad line as `line! why`.
strings read(file_format format, const std::string& text) {
  std::istringstream in{text};
  const auto reader = make_reader(format, in, {"a", "b"});
  strings out;
  while (auto next = reader->next()) {
    if (const auto* bad = std::get_if<bad_line>(&*next)) {
      out.push_back(std::to_string(bad->line) + "! " + bad->why);
      continue;
    }
    const auto& x = std::get<record>(*next);
    out.push_back(std::to_string(x.line) + ":");
    for (const auto& [name, value] : x.members)
      out.back() += " " + name + "=" + value;
  }
  CHECK(reader->bytes() == text.size());
  return out;
}

strings csv(const std::string& text) {
  return read(file_format::csv, text);
}

strings jsonl(const std::string& text) {
  return read(file_format::jsonl, text);
}

std::string header_error(const std::string& text) {
  try {
    csv(text);
  } catch (const file_error& e) {
    return e.what();
  }
  return "no error";
}

} // namespace

TEST_CASE("CSV cells may be quoted, hold quotes, commas and line breaks") {
  CHECK(csv("a,b\n1,2\n\"x \"\"y\"\", z\",\"one\ntwo\"\n3,4\n")
        == strings{R"(2: a="1" b="2")", R"(3: a="x \"y\", z" b="one\ntwo")", R"(5: a="3" b="4")"});
}

TEST_CASE("CSV takes CRLF, a byte order mark, empty lines and an end without a line break") {
  CHECK(csv("\xef\xbb\xbf"
            "a,b\r\n\r\n1,\"2\"\r\n\n3,4")
        == strings{R"(3: a="1" b="2")", R"(5: a="3" b="4")"});
  CHECK(csv("a,b\r\n1,2\r") == strings{R"(2: a="1" b="2")"});
}

TEST_CASE("CSV column names are read in any case and order, and empty cells are left out") {
  CHECK(csv(" B ,\"A\"\n,x\ny,\"\"\n") == strings{R"(2: a="x")", R"(3: b="y")"});
}

TEST_CASE("a bad CSV line costs itself and no other") {
  CHECK(csv("a,b\n1\n1,2,3\nx\"y,2\n\"x\"y,2\n1,2\n")
        == strings{"2! has 1 cells, the header has 2", "3! has 3 cells, the header has 2",
                   "4! has a quote inside a cell that does not begin with one",
                   "5! has something between a closing quote and the comma", R"(6: a="1" b="2")"});
  CHECK(csv("a,b\n\"x,1\n3,4\n5,6\n")
        == strings{"2! has a quote that is not closed", R"(3: a="3" b="4")", R"(4: a="5" b="6")"});
  CHECK(csv("a,b\nx,\xff\n3,4\n")
        == strings{"2! is no UTF-8 in the column b", R"(3: a="3" b="4")"});
}

TEST_CASE("a CSV record has a greatest length, however it is reached") {
  const std::string many(record_reader::max_record + 10, 'x');
  const auto why = "2! is longer than 262144 bytes (or a quote is not closed)";
  CHECK(csv("a,b\n" + many + ",2\n3,4\n") == strings{why, R"(3: a="3" b="4")"});
  std::string lines = "a,b\n\"x,1\n";
  for (size_t i = 0; i < record_reader::max_record / 4; ++i)
    lines += "3,4\n";
  const auto got = csv(lines);
  REQUIRE(got.size() == record_reader::max_record / 4 + 1);
  CHECK(got[0] == why);
  CHECK(got[1] == R"(3: a="3" b="4")");
}

TEST_CASE("a CSV file needs a header of known columns") {
  CHECK(header_error("") == "it is empty: its first line must name the columns");
  CHECK(header_error("\n\r\n") == "it is empty: its first line must name the columns");
  CHECK(header_error("a,pirce\n1,2\n")
        == R"(its first line names a column "pirce"; known are a, b)");
  CHECK(header_error("a,A\n") == R"(its first line names the column "a" twice)");
  CHECK_THAT(header_error("a,\"b\n"), Contains("line 1 has a quote that is not closed"));
}

TEST_CASE("what is written as CSV is read back") {
  for (const std::string cell :
       {"plain", "a,b", "say \"x\"", "one\r\ntwo", " spaced ", "\"", "\n"}) {
    CAPTURE(cell);
    std::string text = "a,b\n";
    append_csv(text, cell);
    text += ",2\n";
    CHECK(csv(text) == strings{"2: a=" + json_string(cell) + R"( b="2")"});
  }
}

TEST_CASE("JSON lines are objects, whose values stay as they are written") {
  CHECK(
    jsonl(
      "{\"a\": 90071992547409.91 , \"b\":null}\n\n  {\"c\":\"x,\\\"}\",\"d\":[1,{\"e\":2}]}\r\n{}")
    == strings{"1: a=90071992547409.91 b=null", R"(3: c="x,\"}" d=[1,{"e":2}])", "4:"});
}

TEST_CASE("a bad JSON line costs itself and no other") {
  CHECK(jsonl("{\"a\":1\n[1]\n{\"a\":\"\xff\"}\n{\"a\":1,\"a\":2}\n" + std::string(300'000, ' ')
              + "\n{\"a\":1}\n")
        == strings{"1! is no JSON in UTF-8", "2! is no JSON object", "3! is no JSON in UTF-8",
                   "4! has \"a\" twice", "5! is longer than 262144 bytes", "6: a=1"});
}

TEST_CASE("JSON is taken apart without a change") {
  const std::string text = R"( {"a":{"x":[1,"]"]},"b" : -1.50e3 , "c\n":"d"} )";
  REQUIRE(is_json(text));
  CHECK(member(text, "a") == R"({"x":[1,"]"]})");
  CHECK(member(text, "b") == "-1.50e3");
  CHECK(member(text, "c\n") == "\"d\"");
  CHECK(member(text, "x").empty());
  CHECK(elements("[ ]").empty());
  CHECK(elements("[1, [2,3],{} ,\"4,5\"]")
        == std::vector<std::string_view>{"1", "[2,3]", "{}", "\"4,5\""});
  CHECK(members("{}").empty());
  CHECK(text_of("null").empty());
  CHECK(text_of(R"("\u00e9\"")") == "\xc3\xa9\"");
}
