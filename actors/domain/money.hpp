// Exact decimals: text to minor units and back, never through a double. No framework.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk::domain {

/// How many decimal digits an ISO 4217 currency has (USD 2, JPY 0, KWD 3); nothing if it is
/// unknown.
std::optional<int> currency_digits(std::string_view code);

/// Minor units; the next one is not exact in a JSON client.
inline constexpr int64_t max_money = (int64_t{1} << 53) - 1;

enum class money_error : uint8_t {
  none,
  not_a_number,    ///< not `[-]digits[.digits][e[+-]digits]`
  too_many_digits, ///< more decimal digits than the currency has (trailing zeros do not count)
  out_of_range,    ///< more than max_money
};

struct parsed_money {
  money_error error = money_error::none;
  int64_t minor = 0; ///< minor units, e.g. cents; set if there is no error
};

/// Reads a decimal such as `19.99`, `30000`, `-1.5` or `2e3` into minor units of a currency with
/// `digits` decimal digits, exactly.
parsed_money parse_money(std::string_view text, int digits);

/// Writes minor units as a JSON number without trailing zeros: 1999 -> `19.99`, 3000000 -> `30000`.
std::string format_money(int64_t minor, int digits);

/// Price times quantity; nothing if it exceeds max_money.
std::optional<int64_t> multiply_money(int64_t price, int64_t quantity);

} // namespace souk::domain
