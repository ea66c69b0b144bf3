// Drives the places for streams that one user has, from one thread and from several.
#include "http/stream_places.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

namespace souk::http::test {
namespace {

domain::uuid user(unsigned char n) {
  domain::uuid id;
  id.bytes.back() = n;
  return id;
}

} // namespace

TEST_CASE("a user has so many places, and each is given back once") {
  stream_places all{2};
  auto first = all.try_take(user(1));
  REQUIRE(first);
  {
    const auto moved = std::move(*first);
    first.reset(); // an empty one gives nothing back
    const auto second = all.try_take(user(1));
    CHECK(second);
    CHECK_FALSE(all.try_take(user(1)));
    CHECK(all.try_take(user(2)));
  }
  const auto again = all.try_take(user(1));
  const auto other = all.try_take(user(1));
  CHECK(again);
  CHECK(other);
  CHECK_FALSE(all.try_take(user(1)));
}

TEST_CASE("threads never have more places together") {
  constexpr int each = 3;
  stream_places all{each};
  std::atomic<int> open{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 5'000; ++i)
        if (const auto place = all.try_take(user(1))) {
          const int now = ++open;
          int before = most;
          while (before < now && !most.compare_exchange_weak(before, now)) {}
          --open; // before its place is given back
        }
    });
  for (auto& t : threads)
    t.join();
  CHECK(most <= each);
  CHECK(open == 0);
  std::vector<stream_places::place> left;
  for (int i = 0; i < each; ++i) {
    auto place = all.try_take(user(1));
    REQUIRE(place);
    left.push_back(std::move(*place));
  }
  CHECK_FALSE(all.try_take(user(1)));
}

} // namespace souk::http::test
