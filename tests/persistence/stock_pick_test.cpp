// Drives the rule for who gets what is left by plain calls,
// against counts in memory.
#include "persistence/stock_pick.hpp"
#include "tests/persistence/support/writes.hpp"

#include <catch2/catch.hpp>

#include <random>

namespace souk::tests {

using namespace actors;
using persistence::locked_count;
using persistence::pick;
using persistence::pick_writes;

namespace {

using counts = std::unordered_map<int64_t, locked_count>;

std::vector<refusal> picked(const std::vector<write>& writes, counts& c) {
  auto p = pointers(writes);
  std::vector<refusal> result;
  for (auto& x : pick_writes(p, c))
    result.push_back(x.refused);
  return result;
}

} // namespace

TEST_CASE("those who came first get what is left") {
  counts c{{1, {5, 1}}};
  CHECK(picked({place(1, {{1, 3}}), place(2, {{1, 3}}), place(3, {{1, 2}}), place(4, {{1, 1}})}, c)
        == std::vector{refusal::none, refusal::out_of_stock, refusal::none, refusal::out_of_stock});
  CHECK(c[1].quantity == 0);
}

TEST_CASE("a write gets all its changes or none") {
  counts c{{1, {5, 1}}, {2, {1, 1}}};
  auto writes = std::vector{place(1, {{1, 3}, {2, 2}}), place(2, {{1, 5}, {2, 1}})};
  auto p = pointers(writes);
  auto picks = pick_writes(p, c);
  CHECK(picks[0].refused == refusal::out_of_stock);
  CHECK(picks[0].subject == 2);
  CHECK(picks[1].refused == refusal::none);
  CHECK(picks[1].deltas == std::vector<int64_t>{-5, -1});
  CHECK(c[1].quantity == 0);
  CHECK(c[2].quantity == 0);
}

TEST_CASE("what one puts back is there for those behind it, not for those before") {
  counts c{{1, {0, 1}}};
  CHECK(picked({place(1, {{1, 1}}), adjust(1, 2), place(2, {{1, 2}})}, c)
        == std::vector{refusal::out_of_stock, refusal::none, refusal::none});
  CHECK(c[1].quantity == 0);
}

TEST_CASE("a set count becomes the delta to the locked one") {
  counts c{{1, {7, 4}}};
  auto writes = std::vector{set_count(1, 3, 4)};
  auto p = pointers(writes);
  auto picks = pick_writes(p, c);
  CHECK(picks[0].deltas == std::vector<int64_t>{-4});
  CHECK(c[1].quantity == 3);
}

TEST_CASE("another version or no row at all is refused by name") {
  counts c{{1, {7, 4}}};
  auto writes = std::vector{set_count(1, 3, 5), adjust(1, 1, 3), adjust(9, 1), adjust(1, 1, 4)};
  auto p = pointers(writes);
  auto picks = pick_writes(p, c);
  CHECK(picks[0].refused == refusal::stale_version);
  CHECK(picks[0].subject == 1);
  CHECK(picks[1].refused == refusal::stale_version);
  CHECK(picks[2].refused == refusal::not_found);
  CHECK(picks[2].subject == 9);
  CHECK(picks[3].refused == refusal::none);
  CHECK_FALSE(c.contains(9));
}

TEST_CASE("a new count needs no row") {
  counts c;
  auto writes = std::vector{create(1, 12)};
  auto p = pointers(writes);
  auto picks = pick_writes(p, c);
  CHECK(picks[0].refused == refusal::none);
  CHECK(picks[0].deltas == std::vector<int64_t>{12});
}

TEST_CASE("a write without any count always fits") {
  counts c;
  CHECK(picked({sign_up(1, "ada"), add_category(4)}, c)
        == std::vector{refusal::none, refusal::none});
}

TEST_CASE("whatever is picked, no count falls below zero and all deltas are accounted for") {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    auto upto = [&](uint32_t n) { return static_cast<int64_t>(random() % n); };
    counts c;
    for (int64_t p = 1; p <= 5; ++p)
      c[p] = {upto(20), 1};
    auto left = c;
    std::vector<write> writes;
    for (int64_t i = 1; i <= 40; ++i)
      writes.push_back(upto(5) == 0 ? adjust(upto(6) + 1, upto(21) - 10)
                                    : place(i, {{upto(3) + 1, upto(5) + 1}, {upto(2) + 4, 1}}));
    auto p = pointers(writes);
    auto picks = pick_writes(p, left);
    REQUIRE(picks.size() == writes.size());
    for (size_t i = 0; i < writes.size(); ++i) {
      bool fits = true;
      for (auto& x : writes[i].stock)
        fits = fits && c.contains(x.product_id) && c[x.product_id].quantity + x.amount >= 0;
      REQUIRE(fits == (picks[i].refused == refusal::none));
      for (size_t k = 0; fits && k < writes[i].stock.size(); ++k)
        c[writes[i].stock[k].product_id].quantity += picks[i].deltas[k];
    }
    for (auto& [product, count] : left)
      REQUIRE(count.quantity == c[product].quantity);
  }
}

} // namespace souk::tests
