#include "actors/domain/uuid.hpp"

#include <cstring>

namespace souk::domain {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

/// Whether a dash stands before this byte in the canonical form.
constexpr bool dash_before(size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

} // namespace

std::string to_string(const uuid& id) {
  std::array<char, 36> out;
  auto* to = out.data();
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    if (dash_before(i))
      *to++ = '-';
    *to++ = hex_digits[id.bytes[i] >> 4];
    *to++ = hex_digits[id.bytes[i] & 15];
  }
  return std::string{out.data(), out.size()};
}

std::optional<uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36)
    return std::nullopt;
  uuid id;
  size_t at = 0;
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    if (dash_before(i) && text[at++] != '-')
      return std::nullopt;
    int high = hex_value(text[at]);
    int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0)
      return std::nullopt;
    id.bytes[i] = static_cast<uint8_t>(high << 4 | low);
    at += 2;
  }
  return id;
}

uuid make_uuid_v7(int64_t unix_ms, const std::array<uint8_t, 10>& random) {
  uuid id;
  auto ms = static_cast<uint64_t>(unix_ms);
  for (size_t i = 0; i < 6; ++i)
    id.bytes[i] = static_cast<uint8_t>(ms >> (40 - 8 * i));
  std::memcpy(&id.bytes[6], random.data(), random.size());
  id.bytes[6] = static_cast<uint8_t>((id.bytes[6] & 0x0f) | 0x70);
  id.bytes[8] = static_cast<uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

} // namespace souk::domain

size_t std::hash<souk::domain::uuid>::operator()(const souk::domain::uuid& id) const noexcept {
  uint64_t halves[2];
  std::memcpy(halves, id.bytes.data(), sizeof halves);
  // Multiplied, then folded, twice: the keys of one shard agree in their last bits.
  uint64_t mixed = halves[0] * 0x9e3779b97f4a7c15u;
  mixed = ((mixed ^ mixed >> 32) + halves[1]) * 0xff51afd7ed558ccdu;
  return static_cast<size_t>(mixed ^ mixed >> 32);
}
