// Networks of IP addresses, to say whom to trust. No framework.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace souk::domain {

/// The addresses that share their first bits. IPv4 addresses are kept as IPv6 ones
/// (::ffff:a.b.c.d), which is also how a socket for both may name them.
struct network {
  std::array<uint8_t, 16> bytes{};
  int bits = 128; ///< of `bytes`; those behind are zero

  friend bool operator==(const network&, const network&) = default;
};

/// Reads `10.0.0.0/8`, `::1/128` or an address alone; nothing if it is none of these or has bits
/// set behind the prefix.
std::optional<network> parse_network(std::string_view text);

/// Reads a list with commas between; empty text: an empty list. Nothing if one of them is none.
std::optional<std::vector<network>> parse_networks(std::string_view text);

/// Whether an address (of either kind, as text) is in one of the networks.
bool is_in(const std::vector<network>& networks, std::string_view address);

} // namespace souk::domain
