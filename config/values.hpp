// The text forms of durations and rates, as they stand in every source of settings.
#pragma once

#include "config/settings.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace souk::config {

/// Reads a whole number (below 2^32) of one unit: `500ms`, `10s`, `30m`, `24h`; at most 10 years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Writes a duration in the largest unit that holds it exactly: 90000 ms -> `90s`.
std::string format_duration(std::chrono::milliseconds x);

/// Reads `3/5m` (at most 3 in any 5 minutes; both above zero) or `off`.
std::optional<rate_limit> parse_rate_limit(std::string_view text);

} // namespace souk::config
