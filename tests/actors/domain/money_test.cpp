// Drives reading, writing and multiplying money by plain calls,
// against fixed examples and random amounts.
#include "actors/domain/money.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <random>

using namespace souk::domain;

namespace {

constexpr int64_t largest = 9'007'199'254'740'991; // 2^53 - 1

/// What parse_money makes of a text that it must accept.
int64_t minor(std::string_view text, int digits) {
  auto x = parse_money(text, digits);
  CAPTURE(text, digits);
  REQUIRE(x.error == money_error::none);
  return x.minor;
}

money_error error(std::string_view text, int digits) {
  return parse_money(text, digits).error;
}

} // namespace

TEST_CASE("money is read exactly") {
  CHECK(minor("19.99", 2) == 1999);
  CHECK(minor("30000", 2) == 3'000'000);
  CHECK(minor("15000", 0) == 15000);
  CHECK(minor("0.1", 2) == 10);
  CHECK(minor("0.07", 2) == 7);
  CHECK(minor("1.005", 3) == 1005);
  CHECK(minor("-1.5", 2) == -150);
  CHECK(minor("4.35", 2) == 435); // 4.35 * 100 is 434.99... in a double
  CHECK(minor("90071992547409.91", 2) == largest);
}

TEST_CASE("zero is read in every form") {
  auto text = GENERATE("0", "-0", "0.0", "0.000000", "0e5", "-0.0e-7", "0e999999999999999999999");
  CHECK(minor(text, 2) == 0);
}

TEST_CASE("exponents are read exactly") {
  CHECK(minor("2e3", 2) == 200'000);
  CHECK(minor("2E+3", 0) == 2000);
  CHECK(minor("1999e-2", 2) == 1999);
  CHECK(minor("0.0001e4", 0) == 1);
  CHECK(minor("1.50e1", 0) == 15);
  CHECK(minor("12000e-3", 0) == 12);
  CHECK(minor("1e05", 0) == 100'000);
}

TEST_CASE("trailing zeros are no digits too many") {
  CHECK(minor("19.990000", 2) == 1999);
  CHECK(minor("5.000", 0) == 5);
  CHECK(minor("5." + std::string(1000, '0'), 0) == 5);
}

TEST_CASE("more digits than the currency has are refused") {
  CHECK(error("19.999", 2) == money_error::too_many_digits);
  CHECK(error("0.5", 0) == money_error::too_many_digits);
  CHECK(error("1e-3", 2) == money_error::too_many_digits);
  CHECK(error("1e-99999999999999999999", 2) == money_error::too_many_digits);
  CHECK(error("0." + std::string(1000, '0') + "1", 4) == money_error::too_many_digits);
}

TEST_CASE("what a JSON client cannot hold exactly is out of range") {
  CHECK(minor("9007199254740991", 0) == largest);
  CHECK(minor("-9007199254740991", 0) == -largest);
  CHECK(error("9007199254740992", 0) == money_error::out_of_range);
  CHECK(error("-9007199254740992", 0) == money_error::out_of_range);
  CHECK(error("90071992547409.92", 2) == money_error::out_of_range);
  CHECK(error("9007199254740991", 1) == money_error::out_of_range);
  CHECK(error("1e16", 0) == money_error::out_of_range);
  CHECK(error("1e99999999999999999999", 2) == money_error::out_of_range);
  CHECK(error(std::string(100'000, '9'), 2) == money_error::out_of_range);
}

TEST_CASE("text that is no JSON number is refused") {
  auto text = GENERATE("", "-", "+5", ".5", "5.", "5.e1", "1e", "1e+", "1e-", "e5", "019", "00",
                       "-01", "1,5", "1 000", " 1", "1 ", "1.2.3", "--1", "0x10", "NaN", "inf",
                       "1e1.5", "1e1e1", "five", "\xd9\xa1");
  CAPTURE(text);
  CHECK(error(text, 2) == money_error::not_a_number);
  CHECK(error(std::string_view("1\0", 2), 2) == money_error::not_a_number);
}

TEST_CASE("money is written without trailing zeros") {
  CHECK(format_money(1999, 2) == "19.99");
  CHECK(format_money(3'000'000, 2) == "30000");
  CHECK(format_money(1950, 2) == "19.5");
  CHECK(format_money(7, 2) == "0.07");
  CHECK(format_money(70, 2) == "0.7");
  CHECK(format_money(-7, 3) == "-0.007");
  CHECK(format_money(-150, 2) == "-1.5");
  CHECK(format_money(0, 2) == "0");
  CHECK(format_money(0, 0) == "0");
  CHECK(format_money(100, 0) == "100");
  CHECK(format_money(12345, 4) == "1.2345");
  CHECK(format_money(std::numeric_limits<int64_t>::min(), 0) == "-9223372036854775808");
}

TEST_CASE("any amount comes back from its text") {
  auto digits = GENERATE(0, 1, 2, 3, 4);
  std::mt19937_64 random{static_cast<uint64_t>(digits)};
  for (int i = 0; i < 20'000; ++i) {
    // Of every length: a uniform amount would nearly always have sixteen digits.
    auto bound = largest >> random() % 53;
    auto amount = std::uniform_int_distribution<int64_t>{-bound, bound}(random);
    auto text = format_money(amount, digits);
    CAPTURE(text, digits);
    auto read = parse_money(text, digits);
    REQUIRE(read.error == money_error::none);
    REQUIRE(read.minor == amount);
    auto dot = text.find('.');
    REQUIRE((dot == text.npos || (text.back() != '0' && text.size() - dot - 1 <= size_t(digits))));
  }
}

TEST_CASE("price times quantity stays exact or is refused") {
  CHECK(multiply_money(1999, 3) == 5997);
  CHECK(multiply_money(0, largest) == 0);
  CHECK(multiply_money(largest, 1) == largest);
  CHECK(multiply_money(-150, 2) == -300);
  CHECK_FALSE(multiply_money(largest, 2));
  CHECK_FALSE(multiply_money(largest / 2 + 1, 2));
  CHECK_FALSE(multiply_money(std::numeric_limits<int64_t>::max(), 1));
  CHECK_FALSE(multiply_money(std::numeric_limits<int64_t>::max(), 4));
  CHECK_FALSE(multiply_money(std::numeric_limits<int64_t>::min(), 1));
}

TEST_CASE("a currency has as many digits as ISO 4217 says") {
  CHECK(currency_digits("USD") == 2);
  CHECK(currency_digits("EUR") == 2);
  CHECK(currency_digits("ZWG") == 2);
  CHECK(currency_digits("AED") == 2);
  CHECK(currency_digits("JPY") == 0);
  CHECK(currency_digits("XPF") == 0);
  CHECK(currency_digits("KWD") == 3);
  CHECK(currency_digits("CLF") == 4);
  CHECK(currency_digits("UYW") == 4);
}

TEST_CASE("what is no active currency is unknown") {
  auto code = GENERATE("", "US", "USDE", "usd", "Usd", "DEM", "XAU", "XXX", "XTS", "D E", "   ",
                       "ED ");
  CAPTURE(code);
  CHECK_FALSE(currency_digits(code));
}
