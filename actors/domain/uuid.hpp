// A UUID as sixteen bytes (RFC 9562). No framework.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk::domain {

/// A user's id. The nil value (all zero) means "nobody": an anonymous caller.
struct uuid {
  std::array<uint8_t, 16> bytes{};

  friend bool operator==(const uuid&, const uuid&) = default;
  friend auto operator<=>(const uuid&, const uuid&) = default;

  bool nil() const { return *this == uuid{}; }
};

/// The canonical form, 36 lower-case characters.
std::string to_string(const uuid& id);

/// Reads the canonical form, upper or lower case; nothing else.
std::optional<uuid> parse_uuid(std::string_view text);

/// A version 7 UUID of `unix_ms` (milliseconds since 1970) and ten bytes of the caller's
/// randomness.
uuid make_uuid_v7(int64_t unix_ms, const std::array<uint8_t, 10>& random);

} // namespace souk::domain

template <>
struct std::hash<souk::domain::uuid> {
  size_t operator()(const souk::domain::uuid& id) const noexcept;
};
