// Drives the counting of attempts with a clock of its own, with plain calls.
#include "http/attempts.hpp"

#include <catch2/catch.hpp>

using namespace souk::http;
using namespace std::chrono_literals;

TEST_CASE("after too many attempts in the window one waits", "[attempts]") {
  attempt_counter c{{3, 60s}};
  for (int64_t t : {0, 1'000, 2'000}) {
    CHECK(c.wait("a", t) == 0);
    c.count("a", t);
  }
  CHECK(c.wait("a", 2'000) == 58);
  CHECK(c.wait("b", 2'000) == 0);
  CHECK(c.wait("a", 59'999) == 1);
  CHECK(c.wait("a", 60'000) == 0);
  c.count("a", 60'000);
  CHECK(c.wait("a", 60'000) == 1); // the window slides
}

TEST_CASE("a limit that is off counts nothing", "[attempts]") {
  attempt_counter c{{0, 0s}};
  for (int i = 0; i < 100; ++i)
    c.count("a", i);
  CHECK(c.wait("a", 100) == 0);
  CHECK(c.size() == 0);
}

TEST_CASE("memory is bounded: whoever tried longest ago is forgotten", "[attempts]") {
  attempt_counter c{{1, 60s}, 10};
  for (int i = 0; i < 100; ++i)
    c.count(std::to_string(i), i);
  CHECK(c.size() == 10);
  CHECK(c.wait("99", 100) > 0);
  CHECK(c.wait("0", 100) == 0);
  c.count("x", 1'000'000);
  CHECK(c.size() == 1);
}

TEST_CASE("an IPv6 client is its network", "[attempts]") {
  CHECK(client_of("192.0.2.7") == "192.0.2.7");
  CHECK(client_of("::ffff:192.0.2.7") == "192.0.2.7");
  CHECK(client_of("2001:db8::1") == client_of("2001:db8::ffff:2"));
  CHECK(client_of("2001:db8::1") != client_of("2001:db8:0:1::1"));
}
