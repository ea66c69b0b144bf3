// Points in time as the API writes and reads them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace souk::http {

/// `2026-11-21T09:30:00.000Z`: RFC 3339 in UTC with milliseconds, on the stack.
class time_text {
public:
  /// `unix_ms`: milliseconds since 1970, UTC; years 0 to 9999.
  explicit time_text(int64_t unix_ms);

  std::string_view view() const { return {text_.data(), text_.size()}; }

private:
  std::array<char, 24> text_;
};

/// Reads RFC 3339 with any offset and any number of fractional digits (those beyond milliseconds
/// are dropped) as milliseconds since 1970. Years 1970 to 9999; nothing for all else, leap seconds
/// too.
std::optional<int64_t> parse_time(std::string_view text);

} // namespace souk::http
