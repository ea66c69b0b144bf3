#include "actors/domain/network.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <string>

namespace souk::domain {
namespace {

/// The address as sixteen bytes; `offset` is how many bits come before those that were written.
std::optional<std::array<uint8_t, 16>> read_address(std::string_view text, int& offset) {
  const std::string host{text};
  std::array<uint8_t, 16> out{};
  offset = 0;
  if (inet_pton(AF_INET6, host.c_str(), out.data()) == 1)
    return out;
  out = {};
  out[10] = out[11] = 0xff;
  offset = 96;
  if (inet_pton(AF_INET, host.c_str(), out.data() + 12) == 1)
    return out;
  return std::nullopt;
}

bool bit(const std::array<uint8_t, 16>& bytes, int i) {
  return (bytes[static_cast<size_t>(i / 8)] >> (7 - i % 8) & 1) != 0;
}

} // namespace

std::optional<network> parse_network(std::string_view text) {
  if (text.find('\0') != text.npos)
    return std::nullopt;
  const auto slash = text.find('/');
  int offset = 0;
  const auto address = read_address(text.substr(0, slash), offset);
  if (!address)
    return std::nullopt;
  network out{*address, 128};
  if (slash == text.npos)
    return out;
  const auto length = text.substr(slash + 1);
  const auto* end = length.data() + length.size();
  const auto read = std::from_chars(length.data(), end, out.bits);
  out.bits += offset;
  if (read.ec != std::errc{} || read.ptr != end || out.bits < offset || out.bits > 128)
    return std::nullopt;
  for (int i = out.bits; i < 128; ++i)
    if (bit(out.bytes, i))
      return std::nullopt;
  return out;
}

std::optional<std::vector<network>> parse_networks(std::string_view text) {
  std::vector<network> out;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto one = parse_network(text.substr(0, comma));
    if (!one || comma + 1 == text.size())
      return std::nullopt;
    out.push_back(*one);
    text.remove_prefix(comma == text.npos ? text.size() : comma + 1);
  }
  return out;
}

bool is_in(const std::vector<network>& networks, std::string_view address) {
  int offset = 0;
  const auto read = read_address(address, offset);
  return read && std::any_of(networks.begin(), networks.end(), [&read](const network& x) {
           for (int i = 0; i < x.bits; ++i)
             if (bit(x.bytes, i) != bit(*read, i))
               return false;
           return true;
         });
}

} // namespace souk::domain
