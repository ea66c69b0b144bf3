// Drives the queue of works on one key by plain calls,
// against works that end at once, later, and while another begins.
#include "actors/runtime/one_at_a_time.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using souk::actors::one_at_a_time;

TEST_CASE("work on one key begins when the work before it has ended") {
  one_at_a_time<int> keys;
  std::vector<std::string> begun;
  keys.begin(1, [&] { begun.push_back("first"); });
  keys.begin(1, [&] { begun.push_back("second"); });
  keys.begin(1, [&] { begun.push_back("third"); });
  CHECK(begun == std::vector<std::string>{"first"});
  keys.end(1);
  CHECK(begun == std::vector<std::string>{"first", "second"});
  keys.end(1);
  keys.end(1);
  CHECK(begun == std::vector<std::string>{"first", "second", "third"});
}

TEST_CASE("other keys do not wait") {
  one_at_a_time<std::string> keys;
  int begun = 0;
  keys.begin("a", [&] { ++begun; });
  keys.begin("b", [&] { ++begun; });
  CHECK(begun == 2);
}

TEST_CASE("work that ends at once lets the next one begin at once") {
  one_at_a_time<int> keys;
  int begun = 0;
  keys.begin(1, [] {});
  for (int i = 0; i < 3; ++i)
    keys.begin(1, [&] {
      ++begun;
      keys.end(1);
    });
  CHECK(begun == 0);
  keys.end(1);
  CHECK(begun == 3);
  keys.begin(1, [&] { ++begun; });
  CHECK(begun == 4);
}

TEST_CASE("work may be begun from within work on the same key") {
  one_at_a_time<int> keys;
  std::vector<int> order;
  keys.begin(1, [&] {
    order.push_back(1);
    keys.begin(1, [&] { order.push_back(2); });
    order.push_back(3);
  });
  keys.end(1);
  CHECK(order == std::vector<int>{1, 3, 2});
}

TEST_CASE("ending what nobody began does nothing") {
  one_at_a_time<int> keys;
  keys.end(1);
  int begun = 0;
  keys.begin(1, [&] { ++begun; });
  CHECK(begun == 1);
}

TEST_CASE("very many works that end at once do not exhaust the stack") {
  one_at_a_time<int> keys;
  int begun = 0;
  keys.begin(1, [] {});
  for (int i = 0; i < 300'000; ++i)
    keys.begin(1, [&] {
      ++begun;
      keys.end(1);
    });
  keys.end(1);
  CHECK(begun == 300'000);
}
