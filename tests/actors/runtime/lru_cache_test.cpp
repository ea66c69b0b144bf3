// Drives the bounded map by plain calls,
// against a list that is searched from end to end.
#include "actors/runtime/lru_cache.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using souk::actors::lru_cache;

TEST_CASE("a cache drops what was not used for longest") {
  lru_cache<int, std::string> cache{2};
  cache.put(1, "one");
  cache.put(2, "two");
  REQUIRE(cache.find(1) != nullptr);
  cache.put(3, "three");
  CHECK(cache.size() == 2);
  CHECK(cache.find(2) == nullptr);
  CHECK(*cache.find(1) == "one");
  CHECK(*cache.find(3) == "three");
}

TEST_CASE("putting a key again replaces its value and drops nothing") {
  lru_cache<int, std::string> cache{2};
  cache.put(1, "one");
  cache.put(2, "two");
  cache.put(1, "another one");
  CHECK(cache.size() == 2);
  CHECK(*cache.find(1) == "another one");
  CHECK(*cache.find(2) == "two");
}

TEST_CASE("what may not be dropped stays, beyond the capacity if need be") {
  lru_cache<int, bool> cache{2};
  auto droppable = [](bool pinned) { return !pinned; };
  for (int i = 0; i < 10; ++i)
    cache.put(i, true, 1, droppable);
  CHECK(cache.size() == 10);
  cache.put(10, false, 1, droppable);
  CHECK(cache.size() == 11);
  cache.put(11, true, 1, droppable);
  CHECK(cache.find(10) == nullptr);
  for (int i = 0; i < 10; ++i)
    CHECK(cache.find(i) != nullptr);
}

TEST_CASE("a cache shrinks again when entries may be dropped") {
  lru_cache<int, bool> cache{2};
  auto droppable = [](bool pinned) { return !pinned; };
  for (int i = 0; i < 8; ++i)
    cache.put(i, true, 1, droppable);
  cache.for_each([](int, bool& pinned) { pinned = false; });
  cache.put(8, false, 1, droppable);
  CHECK(cache.size() == 2);
  CHECK(cache.find(8) != nullptr);
}

TEST_CASE("what was just put stays, whatever the capacity") {
  lru_cache<int, int> cache{0};
  CHECK(cache.put(1, 10) == 10);
  CHECK(cache.put(2, 20) == 20);
  CHECK(cache.find(1) == nullptr);
  CHECK(*cache.find(2) == 20);
}

TEST_CASE("heavy entries take the room of several") {
  lru_cache<int, int> cache{6};
  cache.put(1, 10, 2);
  cache.put(2, 20, 2);
  cache.put(3, 30, 2);
  CHECK(cache.size() == 3);
  cache.put(4, 40, 3);
  CHECK(cache.size() == 2);
  CHECK(cache.find(2) == nullptr);
  CHECK(*cache.find(3) == 30);
  cache.put(3, 31, 1); // lighter than before
  cache.put(5, 50, 2);
  CHECK(cache.size() == 3);
  cache.erase(4);
  cache.put(6, 60, 3);
  CHECK(cache.size() == 3);
}

TEST_CASE("a heavy entry drops as many light ones as it takes, new or in another's place") {
  lru_cache<int, int> cache{100};
  auto fill = [&] {
    for (int i = 0; i < 100; ++i)
      cache.put(i, i);
    CHECK(cache.size() == 100);
  };
  fill();
  cache.put(1'000, 1, 90);
  CHECK(cache.size() == 11);
  cache.clear();
  fill();
  cache.put(50, 1, 90);
  CHECK(cache.size() == 11);
  CHECK(cache.find(50) != nullptr);
  CHECK(cache.find(0) == nullptr);
}

TEST_CASE("erased and cleared entries are gone") {
  lru_cache<int, int> cache{4};
  cache.put(1, 10);
  cache.put(2, 20);
  cache.erase(1);
  cache.erase(7);
  CHECK(cache.find(1) == nullptr);
  CHECK(cache.size() == 1);
  cache.clear();
  CHECK(cache.size() == 0);
  CHECK(cache.find(2) == nullptr);
}

TEST_CASE("a cache does what a searched list does, step by step") {
  std::mt19937 random{20240229};
  constexpr size_t capacity = 5;
  lru_cache<int, int> cache{capacity};
  std::vector<std::pair<int, int>> model; // newest first
  auto touch = [&](int key) {
    auto i = std::find_if(model.begin(), model.end(), [&](auto& x) { return x.first == key; });
    if (i != model.end())
      std::rotate(model.begin(), i, i + 1);
    return i != model.end();
  };
  for (int step = 0; step < 20'000; ++step) {
    int key = static_cast<int>(random() % 12);
    switch (random() % 4) {
    case 0:
    case 1:
      cache.put(key, step);
      if (touch(key))
        model.front().second = step;
      else
        model.insert(model.begin(), {key, step});
      if (model.size() > capacity)
        model.pop_back();
      break;
    case 2: {
      auto* found = cache.find(key);
      REQUIRE((found != nullptr) == touch(key));
      if (found != nullptr)
        REQUIRE(*found == model.front().second);
      break;
    }
    default: cache.erase(key); std::erase_if(model, [&](auto& x) { return x.first == key; });
    }
    std::vector<std::pair<int, int>> all;
    cache.for_each([&](int k, int v) { all.emplace_back(k, v); });
    REQUIRE(all == model);
  }
}
