// Asks when a batch waits for more writes, without a clock.
#include "persistence/gathering.hpp"

#include <catch2/catch.hpp>

using souk::persistence::gathering;
using namespace std::chrono_literals;

namespace {

const gathering::time_point ended = gathering::time_point{} + 1h;

/// After a batch of so many.
gathering after(size_t size) {
  gathering x;
  x.begin(size);
  x.end(ended);
  return x;
}

} // namespace

TEST_CASE("a batch waits until it is as large as a small one before it") {
  CHECK(after(20).waits(1, ended));
  CHECK(after(20).waits(19, ended + 900us));
  CHECK_FALSE(after(20).waits(20, ended));
  CHECK_FALSE(after(20).waits(200, ended));
}

TEST_CASE("a batch waits for a moment after the one before it, no longer") {
  CHECK(after(20).until() == ended + gathering::longest);
  CHECK(after(20).waits(1, after(20).until() - 1ns));
  CHECK_FALSE(after(20).waits(1, after(20).until()));
  CHECK_FALSE(after(20).waits(1, ended + 1h));
}

TEST_CASE("nobody waits after a few writes, after many, or before any") {
  CHECK_FALSE(gathering{}.waits(1, gathering::time_point{}));
  CHECK_FALSE(after(1).waits(0, ended));
  CHECK_FALSE(after(gathering::few - 1).waits(1, ended));
  CHECK(after(gathering::few).waits(1, ended));
  CHECK(after(gathering::large - 1).waits(1, ended));
  CHECK_FALSE(after(gathering::large).waits(1, ended));
}
