// Drives the circuit breaker by plain calls,
// against a clock that the test sets.
#include "actors/external/breaker.hpp"

#include <catch2/catch.hpp>

using souk::external::circuit_breaker;
using namespace std::chrono_literals;

namespace {

struct breaker_fixture {
  circuit_breaker breaker{5, 10s};
  circuit_breaker::time_point now{1000h};

  void fail(int times) {
    for (; times > 0; --times) {
      REQUIRE(breaker.allow(now));
      breaker.failed(now);
    }
  }
};

} // namespace

TEST_CASE_METHOD(breaker_fixture, "a breaker opens after five failures in a row") {
  fail(4);
  CHECK_FALSE(breaker.is_open());
  fail(1);
  CHECK(breaker.is_open());
  CHECK_FALSE(breaker.allow(now));
  CHECK_FALSE(breaker.allow(now + 10s - 1ns));
}

TEST_CASE_METHOD(breaker_fixture, "a success between failures starts the count anew") {
  fail(4);
  breaker.succeeded();
  fail(4);
  CHECK(breaker.allow(now));
}

TEST_CASE_METHOD(breaker_fixture, "after the pause one may try, and a success lets all through") {
  fail(5);
  now += 10s;
  CHECK(breaker.allow(now));
  CHECK_FALSE(breaker.allow(now));
  breaker.succeeded();
  CHECK_FALSE(breaker.is_open());
  CHECK(breaker.allow(now));
  fail(4);
  CHECK(breaker.allow(now));
}

TEST_CASE_METHOD(breaker_fixture, "a trial that fails opens the breaker for another pause") {
  fail(5);
  now += 10s;
  REQUIRE(breaker.allow(now));
  now += 3s;
  breaker.failed(now);
  CHECK_FALSE(breaker.allow(now + 10s - 1ns));
  CHECK(breaker.allow(now + 10s));
}

TEST_CASE_METHOD(breaker_fixture, "a trial that never reports does not keep the breaker open") {
  fail(5);
  now += 10s;
  REQUIRE(breaker.allow(now));
  CHECK_FALSE(breaker.allow(now + 10s - 1ns));
  CHECK(breaker.allow(now + 10s));
}
