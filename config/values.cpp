#include "config/values.hpp"

#include <charconv>
#include <utility>

namespace souk::config {

namespace {

using std::chrono::milliseconds;

/// From the largest to the smallest, in milliseconds.
constexpr std::pair<std::string_view, int64_t> units[] = {
  {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

constexpr int64_t longest = int64_t{10} * 365 * 24 * 3'600'000;

/// Reads the digits at the start of `text` and removes them from it.
std::optional<uint32_t> take_number(std::string_view& text) {
  uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{})
    return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

} // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  auto number = take_number(text);
  if (!number)
    return std::nullopt;
  for (auto [unit, size] : units)
    if (text == unit && *number <= longest / size)
      return milliseconds{*number * size};
  return std::nullopt;
}

std::string format_duration(milliseconds x) {
  if (x.count() == 0)
    return "0s";
  auto unit = std::begin(units);
  while (x.count() % unit->second != 0)
    ++unit;
  return std::to_string(x.count() / unit->second) + std::string{unit->first};
}

std::optional<rate_limit> parse_rate_limit(std::string_view text) {
  if (text == "off")
    return rate_limit{};
  auto count = take_number(text);
  if (!count || *count == 0 || text.empty() || text.front() != '/')
    return std::nullopt;
  auto window = parse_duration(text.substr(1));
  if (!window || window->count() == 0)
    return std::nullopt;
  return rate_limit{*count, *window};
}

} // namespace souk::config
