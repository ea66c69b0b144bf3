// What a string setting accepts.
#pragma once

#include <charconv>
#include <string_view>

namespace souk::config {

/// Calls `f` for each part of a comma-separated list until it returns false; whether none did.
template <class F>
bool all_parts(std::string_view text, F f) {
  for (;;) {
    auto comma = text.find(',');
    if (!f(text.substr(0, comma)))
      return false;
    if (comma == text.npos)
      return true;
    text.remove_prefix(comma + 1);
  }
}

template <class T>
bool parse_number(std::string_view text, T& to) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc{} && end == text.data() + text.size();
}

bool not_empty(std::string_view x);
/// As the API takes one from whoever registers, or an e-mail address.
bool username(std::string_view x);
bool ip_address(std::string_view x);
bool database(std::string_view x);
bool token_secret(std::string_view x);
/// Of the length that the API asks of every password, in characters.
bool password(std::string_view x);
/// Of a sender; looser than an account's: `souk@localhost` is one.
bool mail_address(std::string_view x);
bool rate(std::string_view x);
bool currency(std::string_view x);
bool networks(std::string_view x);
bool log_level(std::string_view x);
bool log_format(std::string_view x);
/// `host:port`, `[::1]:port`, or nothing.
bool endpoint(std::string_view x);
bool pools(std::string_view x);
/// Empty, or a URL that can be asked.
bool web_url(std::string_view x);
/// `*`, or a list of origins: scheme, host, perhaps a port, and nothing more; may be empty.
bool origins(std::string_view x);

} // namespace souk::config
