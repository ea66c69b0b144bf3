// Drives the list of all orders as rows of a binary COPY.
#include "persistence/order_list.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace souk::tests {

using persistence::order_list;
using persistence::orders_a_row;

namespace {

int64_t number(const std::string& bytes, size_t at, size_t size) {
  int64_t value = 0;
  for (size_t i = 0; i < size; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

using rows = std::vector<std::pair<int64_t, std::vector<int64_t>>>;

/// Reads what was written as PostgreSQL's manual describes it.
rows read(const std::string& bytes) {
  rows all;
  for (size_t at = 19; at < bytes.size();) { // after the signature
    CHECK(number(bytes, at, 2) == 2);
    CHECK(number(bytes, at + 2, 4) == 8);
    const auto time = number(bytes, at + 6, 8);
    const auto size = number(bytes, at + 14, 4);
    CHECK(number(bytes, at + 18, 4) == 1);  // dimensions
    CHECK(number(bytes, at + 22, 4) == 0);  // no nulls
    CHECK(number(bytes, at + 26, 4) == 20); // of bigint
    const auto count = static_cast<size_t>(number(bytes, at + 30, 4));
    CHECK(number(bytes, at + 34, 4) == 1); // the first index
    CHECK(size == static_cast<int64_t>(20 + 12 * count));
    at += 38;
    std::vector<int64_t> ids;
    for (size_t i = 0; i < count; ++i, at += 12) {
      CHECK(number(bytes, at, 4) == 8);
      ids.push_back(number(bytes, at + 4, 8));
    }
    all.emplace_back(time, ids);
  }
  return all;
}

rows written(order_list& list) {
  std::string out;
  list.copy(out);
  return read(out);
}

} // namespace

TEST_CASE("orders of one millisecond share a row, in the order of their ids") {
  order_list list;
  list.add(17, 9);
  list.add(16, 12);
  list.add(17, 5);
  list.add(18, (int64_t{1} << 52) + 1);
  CHECK(written(list) == rows{{16, {12}}, {17, {5, 9}}, {18, {(int64_t{1} << 52) + 1}}});
  CHECK(written(list).empty());
}

TEST_CASE("a row holds no more orders than it may") {
  order_list list;
  std::vector<int64_t> ids(2 * orders_a_row + 1);
  for (size_t i = 0; i < ids.size(); ++i) {
    ids[i] = static_cast<int64_t>(i) + 1;
    list.add(7, ids[i]);
  }
  const auto found = written(list);
  REQUIRE(found.size() == 3);
  std::vector<int64_t> together;
  for (const auto& [time, part] : found) {
    CHECK(time == 7);
    CHECK(part.size() <= orders_a_row);
    together.insert(together.end(), part.begin(), part.end());
  }
  CHECK(together == ids);
}

} // namespace souk::tests
