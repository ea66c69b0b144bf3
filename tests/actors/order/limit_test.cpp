// Drives the limit of orders per user by plain calls,
// against times that a test makes up, and against a count of every window.
#include "actors/order/limit.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <vector>

using souk::domain::uuid;
using namespace souk::orders;

namespace {

constexpr uuid alice{{1}};
constexpr uuid bob{{2}};

/// Admits and places at once.
bool place(limiter& l, const uuid& user, int64_t now) {
  if (l.admit(user, now) != 0)
    return false;
  l.decided(user, now);
  return true;
}

limiter knowing(limit l, std::vector<int64_t> placed = {}) {
  limiter x{l};
  x.remember(alice, placed);
  return x;
}

} // namespace

TEST_CASE("a count of zero turns the limit off") {
  CHECK_FALSE(limiter{limit{}}.on());
  CHECK(limiter{limit{1, 1000}}.on());
}

TEST_CASE("the window slides: an order leaves it when it is as old as the window") {
  auto l = knowing({3, 1000});
  CHECK(place(l, alice, 1'000));
  CHECK(place(l, alice, 1'400));
  CHECK(place(l, alice, 1'800));
  CHECK(l.admit(alice, 1'900) == 100);
  CHECK(l.admit(alice, 1'999) == 1);
  CHECK(place(l, alice, 2'000));
  CHECK(l.admit(alice, 2'001) == 399);
  CHECK(place(l, alice, 2'400));
}

TEST_CASE("an admitted order counts until it is decided") {
  auto l = knowing({2, 1000});
  CHECK(l.admit(alice, 0) == 0);
  CHECK(l.admit(alice, 0) == 0);
  CHECK(l.admit(alice, 1) == 1000);
  l.decided(alice, 1);
  CHECK(l.admit(alice, 1) > 0);
}

TEST_CASE("an order that failed gives its place back") {
  auto l = knowing({1, 1000});
  CHECK(l.admit(alice, 0) == 0);
  CHECK(l.admit(alice, 0) != 0);
  l.decided(alice, 0);
  CHECK(l.admit(alice, 0) == 0);
}

TEST_CASE("users do not count for each other") {
  auto l = knowing({1, 1000});
  CHECK_FALSE(l.knows(bob));
  l.remember(bob, {});
  CHECK(place(l, alice, 100));
  CHECK(place(l, bob, 100));
  CHECK_FALSE(place(l, alice, 500));
}

TEST_CASE("what the database remembers counts, in any order") {
  auto l = knowing({2, 1000}, {900, 100});
  CHECK(l.admit(alice, 950) == 150);
  CHECK(place(l, alice, 1100));
  CHECK_FALSE(place(l, alice, 1101));
}

TEST_CASE("after forgetting, a user's past is read again") {
  auto l = knowing({1, 1000}, {100});
  l.forget();
  CHECK_FALSE(l.knows(alice));
  l.remember(alice, {200});
  CHECK(l.admit(alice, 1'150) == 50);
}

TEST_CASE("an order still on its way counts after forgetting, until it is decided") {
  auto l = knowing({2, 1000});
  CHECK(l.admit(alice, 1) == 0);
  l.forget();
  CHECK_FALSE(l.knows(alice));
  l.remember(alice, {1});
  CHECK(l.admit(alice, 2) != 0);
  l.decided(alice, 0);
  CHECK(l.admit(alice, 2) == 0);
}

TEST_CASE("an order admitted before forgetting gives back no place but its own") {
  auto l = knowing({1, 1000});
  CHECK(l.admit(alice, 0) == 0); // this one is still on its way
  l.forget();
  l.remember(alice, {});
  bool second = l.admit(alice, 1) == 0;
  l.decided(alice, 0); // the first one failed
  bool third = l.admit(alice, 2) == 0;
  CHECK_FALSE((second && third));
}

TEST_CASE("no window ever holds more orders than the limit") {
  std::mt19937 random{7};
  constexpr limit l{4, 1000};
  auto x = knowing(l);
  std::vector<int64_t> placed;
  int open = 0;
  int64_t now = 0;
  for (int step = 0; step < 20'000; ++step) {
    now += random() % 120;
    if (open > 0 && random() % 2 == 0) {
      bool failed = random() % 4 == 0;
      x.decided(alice, failed ? 0 : now);
      if (!failed)
        placed.push_back(now);
      --open;
    }
    auto in_window =
      std::count_if(placed.begin(), placed.end(), [&](int64_t at) { return at > now - l.window; });
    REQUIRE(in_window <= l.count);
    auto wait = x.admit(alice, now);
    REQUIRE((wait == 0) == (in_window + open < l.count));
    REQUIRE(wait <= l.window);
    open += wait == 0 ? 1 : 0;
  }
}
