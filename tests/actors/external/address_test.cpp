// Drives the check of network addresses by plain calls,
// against a table in text.
#include "actors/external/address.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>

#include <sstream>
#include <stdexcept>
#include <string>

using souk::external::is_public;

namespace {

bool is_public_text(const std::string& text) {
  sockaddr_storage to{};
  auto* any = reinterpret_cast<sockaddr*>(&to);
  auto* v4 = reinterpret_cast<sockaddr_in*>(&to);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&to);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1)
    any->sa_family = AF_INET;
  else if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1)
    any->sa_family = AF_INET6;
  else
    throw std::runtime_error("no address: " + text);
  return is_public(*any);
}

/// Checks each address of a text.
void all_are(bool expected, const std::string& addresses) {
  std::istringstream in{addresses};
  int checked = 0;
  for (std::string text; in >> text; ++checked) {
    CAPTURE(text);
    CHECK(is_public_text(text) == expected);
  }
  CHECK(checked > 5);
}

} // namespace

TEST_CASE("IPv4 addresses of the Internet are public") {
  all_are(true, "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 "
                "128.0.0.0 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 "
                "192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255");
}

TEST_CASE("private, loopback, link-local, multicast and reserved IPv4 addresses are not public") {
  all_are(false, "0.0.0.0 0.1.2.3 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 "
                 "127.255.255.255 169.254.0.0 169.254.169.254 172.16.0.0 172.31.255.255 192.0.0.1 "
                 "192.0.2.1 192.88.99.1 192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255 "
                 "198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255");
}

TEST_CASE("IPv6 addresses of the Internet are public") {
  all_are(true, "2001:4860:4860::8888 2606:4700:4700::1111 2a00::1 2001:200:: 2001:db7::1 "
                "2001:db9::1 3fff:1000::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:0808:0808::1");
}

TEST_CASE("other IPv6 addresses are not public, whatever they carry") {
  all_are(false, ":: ::1 ::8.8.8.8 ::ffff:0:0 ::ffff:127.0.0.1 ::ffff:10.1.2.3 "
                 "::ffff:169.254.169.254 64:ff9b::10.0.0.1 64:ff9b:1::1 100::1 fc00::1 fdff::1 "
                 "fe80::1 febf::1 fec0::1 ff02::1 2001::1 2001:1ff::1 2001:db8::1 2002:7f00:1::1 "
                 "2002:c0a8:101::1 3fff::1 4000::1 5f00::1");
}

TEST_CASE("an address of another family is not public") {
  sockaddr local{};
  local.sa_family = AF_UNIX;
  CHECK_FALSE(is_public(local));
}
