#include "http/server/body_budget.hpp"

#include <catch2/catch.hpp>

#include <optional>

using namespace souk::http;

TEST_CASE("what a body had of the budget is there for others when it ends") {
  constexpr auto small = body_share::free_bytes;
  body_budget budget{100'000};
  body_share first{budget};
  std::optional<body_share> second{budget};
  CHECK(first.grow_to(60'000));
  CHECK(second->grow_to(40'000)); // all of it
  CHECK_FALSE(second->grow_to(40'001));
  CHECK(second->grow_to(30'000)); // it has more
  CHECK_FALSE(first.grow_to(60'001));

  body_share other{budget};
  CHECK(other.grow_to(small));
  CHECK_FALSE(other.grow_to(small + 1));

  SECTION("given back") {
    first.release();
    first.release(); // has nothing any more
    CHECK(other.grow_to(60'000));
    CHECK_FALSE(first.grow_to(small + 1));
  }
  SECTION("gone") {
    second.reset();
    CHECK(other.grow_to(40'000));
    CHECK_FALSE(other.grow_to(40'001));
  }
}
