#include "actors/domain/money.hpp"

namespace souk::domain {

namespace {

constexpr int64_t max_minor_digits = 16;

// ISO 4217, active codes and those in transition. Codes without minor units (metals, test codes,
// units of account) are left out: nothing can be priced in them.
constexpr std::string_view no_digits =
  "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
constexpr std::string_view two_digits =
  "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
  "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
  "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP "
  "LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
  "NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
  "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER "
  "ZAR ZMW ZWG";
constexpr std::string_view three_digits = "BHD IQD JOD KWD LYD OMR TND";
constexpr std::string_view four_digits = "CLF UYW";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A decimal taken apart: digits[0] ... digits[n], times ten to the power of `scale`.
struct decimal {
  bool negative = false;
  std::string digits; ///< of the whole and the decimal part, without leading zeros
  int64_t scale = 0;
};

/// Reads a run of digits; empty if there is none.
std::string_view take_digits(std::string_view& text) {
  size_t n = 0;
  while (n < text.size() && is_digit(text[n]))
    ++n;
  auto run = text.substr(0, n);
  text.remove_prefix(n);
  return run;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c)
    return false;
  text.remove_prefix(1);
  return true;
}

/// An exponent's value, held at a bound far beyond any length of text, so that it cannot overflow.
int64_t exponent_value(std::string_view digits) {
  constexpr int64_t bound = 1'000'000'000'000'000;
  int64_t value = 0;
  for (char c : digits)
    value = value >= bound ? bound : value * 10 + (c - '0');
  return value;
}

std::optional<decimal> read_decimal(std::string_view text) {
  decimal d;
  d.negative = take(text, '-');
  auto whole = take_digits(text);
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0'))
    return std::nullopt;
  std::string_view fraction;
  if (take(text, '.') && (fraction = take_digits(text)).empty())
    return std::nullopt;
  if (take(text, 'e') || take(text, 'E')) {
    bool down = take(text, '-');
    if (!down)
      take(text, '+');
    auto exponent = take_digits(text);
    if (exponent.empty())
      return std::nullopt;
    d.scale = down ? -exponent_value(exponent) : exponent_value(exponent);
  }
  if (!text.empty())
    return std::nullopt;
  d.digits.append(whole).append(fraction);
  d.digits.erase(0, d.digits.find_first_not_of('0'));
  d.scale -= static_cast<int64_t>(fraction.size());
  return d;
}

} // namespace

std::optional<int> currency_digits(std::string_view code) {
  // The lists are separated by spaces, so three capital letters can only match a whole code.
  if (code.size() != 3 || code.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != code.npos)
    return std::nullopt;
  if (two_digits.find(code) != code.npos)
    return 2;
  if (no_digits.find(code) != code.npos)
    return 0;
  if (three_digits.find(code) != code.npos)
    return 3;
  if (four_digits.find(code) != code.npos)
    return 4;
  return std::nullopt;
}

parsed_money parse_money(std::string_view text, int digits) {
  auto d = read_decimal(text);
  if (!d)
    return {money_error::not_a_number, 0};
  if (d->digits.empty())
    return {};
  auto significant = d->digits.find_last_not_of('0') + 1;
  auto scale = d->scale + digits + static_cast<int64_t>(d->digits.size() - significant);
  if (scale < 0)
    return {money_error::too_many_digits, 0};
  if (static_cast<int64_t>(significant) + scale > max_minor_digits)
    return {money_error::out_of_range, 0};
  int64_t value = 0;
  for (size_t i = 0; i < significant; ++i)
    value = value * 10 + (d->digits[i] - '0');
  for (; scale > 0; --scale)
    value *= 10;
  if (value > max_money)
    return {money_error::out_of_range, 0};
  return {money_error::none, d->negative ? -value : value};
}

std::string format_money(int64_t minor, int digits) {
  auto magnitude = minor < 0 ? -static_cast<uint64_t>(minor) : static_cast<uint64_t>(minor);
  auto text = std::to_string(magnitude);
  if (digits > 0) {
    auto decimals = static_cast<size_t>(digits);
    if (text.size() <= decimals)
      text.insert(0, decimals + 1 - text.size(), '0');
    text.insert(text.size() - decimals, 1, '.');
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.')
      text.pop_back();
  }
  return minor < 0 ? "-" + text : text;
}

std::optional<int64_t> multiply_money(int64_t price, int64_t quantity) {
  int64_t product = 0;
  if (__builtin_mul_overflow(price, quantity, &product) || product > max_money
      || product < -max_money)
    return std::nullopt;
  return product;
}

} // namespace souk::domain
