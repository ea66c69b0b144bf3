#include "http/routes/time_text.hpp"

#include <chrono>

namespace souk::http {
namespace {

void put(char* to, int digits, unsigned value) {
  for (int i = digits - 1; i >= 0; --i, value /= 10)
    to[i] = static_cast<char>('0' + value % 10);
}

/// Takes `digits` digits off the front; -1 if they are not there.
int take_number(std::string_view& text, size_t digits) {
  if (text.size() < digits)
    return -1;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9')
      return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char upper) {
  if (text.empty() || (text[0] != upper && text[0] != (upper | 0x20)))
    return false;
  text.remove_prefix(1);
  return true;
}

/// Milliseconds of `.123456`; 0 without a fraction, -1 if there is no digit after the point.
int take_fraction(std::string_view& text) {
  if (text.empty() || text[0] != '.')
    return 0;
  text.remove_prefix(1);
  int value = 0;
  size_t digits = 0;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; ++digits, text.remove_prefix(1))
    if (digits < 3)
      value = value * 10 + (text[0] - '0');
  if (digits == 0)
    return -1;
  for (; digits < 3; ++digits)
    value *= 10;
  return value;
}

/// Minutes east of UTC. A space stands for the plus sign that an unencoded query turns into one.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, 'Z'))
    return 0;
  if (text.empty() || (text[0] != '+' && text[0] != '-' && text[0] != ' '))
    return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const int hours = take_number(text, 2);
  if (text.empty() || text[0] != ':')
    return std::nullopt;
  text.remove_prefix(1);
  const int minutes = take_number(text, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
    return std::nullopt;
  return sign * (hours * 60 + minutes);
}

} // namespace

time_text::time_text(int64_t unix_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds{unix_ms}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const auto ms = static_cast<unsigned>((at - day).count());
  text_ = {'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0',
           '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'};
  put(&text_[0], 4, static_cast<unsigned>(int{date.year()}));
  put(&text_[5], 2, unsigned{date.month()});
  put(&text_[8], 2, unsigned{date.day()});
  put(&text_[11], 2, ms / 3'600'000);
  put(&text_[14], 2, ms / 60'000 % 60);
  put(&text_[17], 2, ms / 1'000 % 60);
  put(&text_[20], 3, ms % 1'000);
}

std::optional<int64_t> parse_time(std::string_view text) {
  using namespace std::chrono;
  const auto dash = [&] { return take(text, '-'); };
  const auto colon = [&] { return take(text, ':'); };
  const int y = take_number(text, 4);
  const int mo = dash() ? take_number(text, 2) : -1;
  const int d = dash() ? take_number(text, 2) : -1;
  const bool has_time = take(text, 'T');
  const int h = has_time ? take_number(text, 2) : -1;
  const int mi = colon() ? take_number(text, 2) : -1;
  const int s = colon() ? take_number(text, 2) : -1;
  const int ms = take_fraction(text);
  const auto offset = take_offset(text);
  if (y < 1970 || mo < 1 || d < 1 || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 59
      || ms < 0 || !offset || !text.empty())
    return std::nullopt;
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)},
                            day{static_cast<unsigned>(d)}};
  if (!date.ok())
    return std::nullopt;
  const auto at = sys_days{date} + hours{h} + minutes{mi - *offset} + seconds{s};
  const auto out = duration_cast<milliseconds>(at.time_since_epoch()).count() + ms;
  return out < 0 ? std::nullopt : std::optional<int64_t>{out};
}

} // namespace souk::http
