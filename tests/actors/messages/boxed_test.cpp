// Drives a boxed value: as an optional one, each copy with its own.
#include "actors/messages/boxed.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>

using souk::actors::boxed;

TEST_CASE("a boxed value is there or not") {
  boxed<std::string> x;
  CHECK_FALSE(x);
  CHECK_FALSE(x.has_value());
  CHECK(x.emplace(3, 'a') == "aaa");
  CHECK(x);
  CHECK(x->size() == 3);
  x = std::string{"b"};
  CHECK(*std::as_const(x) == "b");
  x.reset();
  CHECK_FALSE(x);
  CHECK(sizeof x == sizeof(void*));
}

TEST_CASE("each copy has its own, and what was moved from has none") {
  boxed<std::string> x{std::string{"a"}};
  auto copy = x;
  *copy += "b";
  CHECK(*x == "a");
  x = copy;
  CHECK(*x == "ab");
  const auto taken = std::move(x);
  CHECK(*taken == "ab");
  CHECK_FALSE(x);
  copy = boxed<std::string>{};
  CHECK_FALSE(copy);
}
