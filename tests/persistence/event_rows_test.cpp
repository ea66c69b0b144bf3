// Drives the rows that the events of a batch share.
#include "persistence/event_rows.hpp"

#include <boost/endian/conversion.hpp>
#include <catch2/catch.hpp>

#include <cstring>
#include <numeric>
#include <string>
#include <string_view>

namespace souk::tests {

using actors::event;
using persistence::event_rows;
using persistence::events_a_row;
using persistence::events_of;

namespace {

/// Reads the rows of a binary COPY as the server would.
std::vector<event> rows_of(std::string_view text) {
  size_t at = 19; // the header
  const auto take = [&](auto value) {
    std::memcpy(&value, text.data() + at, sizeof value);
    at += sizeof value;
    return boost::endian::big_to_native(value);
  };
  const auto take_text = [&] {
    const auto size = static_cast<size_t>(take(int32_t{}));
    at += size;
    return std::string{text.substr(at - size, size)};
  };
  std::vector<event> rows;
  while (at < text.size()) {
    REQUIRE(take(int16_t{}) == 5);
    event e;
    REQUIRE(take(int32_t{}) == 8);
    e.id = take(int64_t{});
    e.kind = take_text();
    e.subject = take_text();
    e.payload = take_text();
    REQUIRE(take(int32_t{}) == 8);
    e.created_at = take(int64_t{});
    rows.push_back(e);
  }
  return rows;
}

std::vector<event> some(size_t n) {
  std::vector<event> all;
  for (size_t i = 0; i < n; ++i)
    all.push_back({0, "placed", "order:" + std::to_string(i), "{}", static_cast<int64_t>(i), {}});
  return all;
}

std::vector<event> rows_of(const std::vector<event>& events, const std::vector<int64_t>& ids) {
  event_rows rows;
  for (auto& e : events)
    rows.add(e);
  CHECK(rows.count() == events.size());
  std::string text;
  rows.copy(text, ids);
  return rows_of(text);
}

} // namespace

TEST_CASE("an event alone has a row of its own") {
  const std::vector<event> one{{0, "placed", "order:1", "", 7, {}}};
  const auto rows = rows_of(one, {42});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].id == 42);
  CHECK(rows[0].kind == "placed");
  CHECK(rows[0].subject == "order:1");
  CHECK(rows[0].payload == "{}");
  CHECK(rows[0].created_at == 7);
  const auto back = events_of(rows[0]);
  REQUIRE(back.size() == 1);
  CHECK(back[0].subject == "order:1");
}

TEST_CASE("events whose ids follow one another share a row, under the last one's id") {
  const auto rows = rows_of(some(6), {5, 6, 7, 100, 102, 103});
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].id == 7);
  CHECK(rows[0].kind.empty());
  CHECK(rows[0].subject.empty());
  CHECK(rows[0].created_at == 2);
  CHECK(rows[0].payload
        == R"([["placed","order:0",0,{}],["placed","order:1",1,{}],["placed","order:2",2,{}]])");
  CHECK(rows[1].id == 100);
  CHECK(rows[1].subject == "order:3");
  CHECK(rows[2].id == 103);
  const auto back = events_of(rows[2]);
  REQUIRE(back.size() == 2);
  CHECK(back[0].id == 102);
  CHECK(back[0].subject == "order:4");
  CHECK(back[1].id == 103);
  CHECK(back[1].subject == "order:5");
  CHECK(back[1].created_at == 5);
}

TEST_CASE("a row holds a limited number of events") {
  const auto n = 2 * events_a_row + 1;
  std::vector<int64_t> ids(n);
  std::iota(ids.begin(), ids.end(), 1'000);
  const auto rows = rows_of(some(n), ids);
  REQUIRE(rows.size() == 3);
  int64_t next = 1'000;
  for (auto& row : rows)
    for (auto& e : events_of(row)) {
      CHECK(e.id == next);
      CHECK(e.created_at == next - 1'000);
      ++next;
    }
  CHECK(next == 1'000 + static_cast<int64_t>(n));
}

TEST_CASE("what is in an event's texts does not end its entry") {
  std::vector<event> odd = some(3);
  odd[0].payload = R"({"a":"]},[\"\\","b":[[1,{"c":"}"}],"]"]})";
  odd[1].kind = "said \"[\\\"";
  odd[1].subject = "tab\t ],[ Aš";
  const auto rows = rows_of(odd, {1, 2, 3});
  REQUIRE(rows.size() == 1);
  const auto back = events_of(rows[0]);
  REQUIRE(back.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(back[i].kind == odd[i].kind);
    CHECK(back[i].subject == odd[i].subject);
    CHECK(back[i].payload == odd[i].payload);
  }
}

TEST_CASE("a row that cannot be read is one event of no kind") {
  const std::string payload =
    GENERATE(as<std::string>{}, "", "{", "{}", "[]", "[1]", R"([["a","b",1]])",
             R"([["a","b",1,{}],["a",2,1,{}]])", R"([["a","b","1",{}]])", R"([["a","b",1,{}])",
             R"([["a","b",1,{}]]x)", R"([["a","b",1,{}],])", R"([["a","b",,{}]])",
             R"([["a","b",1,]])", R"([["a","b",1,{]])", R"([["a","b",1,"\)", R"([["a\)");
  CAPTURE(payload);
  const auto got = events_of({9, "", "", payload, 3, {}});
  REQUIRE(got.size() == 1);
  CHECK(got[0].id == 9);
  CHECK(got[0].kind.empty());
  CHECK(got[0].payload == payload);
}

} // namespace souk::tests
