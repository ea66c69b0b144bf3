#include "actors/external/address.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace souk::external {

namespace {

using ipv6 = std::array<uint8_t, 16>;

template <class Address, class Range>
bool within(const Address& address, const Range& ranges) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const auto& x) { return x.contains(address); });
}

struct ipv4_range {
  uint32_t first; ///< in the machine's byte order
  int bits;
  bool contains(uint32_t x) const { return (x ^ first) >> (32 - bits) == 0; }
};

// IANA's registry of special-purpose addresses: what is not globally reachable, and multicast.
constexpr ipv4_range special_ipv4[] = {
  {0x00000000, 8},  // this network
  {0x0a000000, 8},  // private, 10/8
  {0x64400000, 10}, // shared, 100.64/10
  {0x7f000000, 8},  // loopback
  {0xa9fe0000, 16}, // link-local, 169.254/16
  {0xac100000, 12}, // private, 172.16/12
  {0xc0000000, 24}, // protocol assignments, 192.0.0/24
  {0xc0000200, 24}, // documentation, 192.0.2/24
  {0xc0586300, 24}, // the former 6to4 relays, 192.88.99/24
  {0xc0a80000, 16}, // private, 192.168/16
  {0xc6120000, 15}, // benchmarks, 198.18/15
  {0xc6336400, 24}, // documentation, 198.51.100/24
  {0xcb007100, 24}, // documentation, 203.0.113/24
  {0xe0000000, 3},  // multicast, reserved, broadcast
};

struct ipv6_range {
  ipv6 first;
  int bits;
  bool contains(const ipv6& x) const {
    const auto whole = bits / 8;
    if (!std::equal(x.begin(), x.begin() + whole, first.begin()))
      return false;
    return bits % 8 == 0 || ((x[whole] ^ first[whole]) >> (8 - bits % 8)) == 0;
  }
};

constexpr ipv6_range mapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr ipv6_range nat64{{0, 0x64, 0xff, 0x9b}, 96};
constexpr ipv6_range six_to_four{{0x20, 0x02}, 16};
constexpr ipv6_range global_unicast{{0x20}, 3};
constexpr ipv6_range special_ipv6[] = {
  {{0x20, 0x01, 0x00}, 23},       // protocol assignments, Teredo among them
  {{0x20, 0x01, 0x0d, 0xb8}, 32}, // documentation
  {{0x3f, 0xff}, 20},             // documentation
};

bool is_public_ipv4(uint32_t x) {
  return !within(x, special_ipv4);
}

uint32_t ipv4_at(const ipv6& x, size_t i) {
  return uint32_t{x[i]} << 24 | uint32_t{x[i + 1]} << 16 | uint32_t{x[i + 2]} << 8 | x[i + 3];
}

bool is_public_ipv6(const ipv6& x) {
  if (mapped.contains(x) || nat64.contains(x))
    return is_public_ipv4(ipv4_at(x, 12));
  if (six_to_four.contains(x))
    return is_public_ipv4(ipv4_at(x, 2));
  return global_unicast.contains(x) && !within(x, special_ipv6);
}

} // namespace

bool is_public(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    return is_public_ipv4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    ipv6 bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return is_public_ipv6(bytes);
  }
  return false;
}

} // namespace souk::external
