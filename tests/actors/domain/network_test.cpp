// Drives the reading of networks and the question who is in them, by plain calls.
#include "actors/domain/network.hpp"

#include <catch2/catch.hpp>

using namespace souk::domain;

TEST_CASE("an address is in its network and in no other", "[domain]") {
  const auto list = parse_networks("10.0.0.0/8,192.168.7.9,2001:db8::/33,::1");
  REQUIRE(list);
  for (const auto* inside :
       {"10.255.0.1", "::ffff:10.1.2.3", "192.168.7.9", "2001:db8:7fff::1", "::1"})
    CHECK(is_in(*list, inside));
  for (const auto* outside : {"11.0.0.1", "192.168.7.8", "2001:db8:8000::1", "::2", "::a00:1", "",
                              "localhost", "10.0.0.1:80"})
    CHECK(!is_in(*list, outside));
  CHECK(is_in(*parse_networks("0.0.0.0/0"), "1.2.3.4"));
  CHECK(!is_in(*parse_networks("0.0.0.0/0"), "2001:db8::1"));
  CHECK(!is_in({}, "127.0.0.1"));
}

TEST_CASE("what is no list of networks is refused", "[domain]") {
  CHECK(parse_networks("")->empty());
  for (const auto* bad : {"10.0.0.0/33", "10.0.0.1/8", "10.0.0/8", "::/129", "::1/127", "x", ",",
                          "10.0.0.0/8,", ",10.0.0.0/8", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8 "})
    CHECK(!parse_networks(bad));
}
