#include "config/checks.hpp"

#include "actors/domain/login.hpp"
#include "actors/domain/money.hpp"
#include "actors/domain/network.hpp"
#include "actors/domain/shards.hpp"
#include "config/values.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <string>

namespace souk::config {

bool not_empty(std::string_view x) {
  return !x.empty();
}

bool username(std::string_view x) {
  return domain::is_username(x) || domain::is_email_address(x);
}

bool ip_address(std::string_view x) {
  std::string host{x};
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1
         || inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

bool database(std::string_view x) {
  constexpr std::string_view sqlite = "sqlite:", postgresql = "postgresql://";
  // The server has several connections, and each would have a memory of its own.
  return x.empty()
         || (x.starts_with(sqlite) && x.size() > sqlite.size()
             && x.substr(sqlite.size()) != ":memory:")
         || x.starts_with(postgresql);
}

bool token_secret(std::string_view x) {
  return x.empty() || x.size() >= 32;
}

bool password(std::string_view x) {
  auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  auto characters = x.size() - static_cast<size_t>(std::count_if(x.begin(), x.end(), continues));
  return x.empty() || (characters >= 8 && characters <= 128);
}

bool mail_address(std::string_view x) {
  const auto at = x.find('@');
  return at != x.npos && at > 0 && at + 1 < x.size() && std::all_of(x.begin(), x.end(), [](char c) {
           return c > ' ' && c < 0x7f
                  && std::string_view{",;<>\"()"}.find(c) == std::string_view::npos;
         });
}

bool rate(std::string_view x) {
  return parse_rate_limit(x).has_value();
}

bool currency(std::string_view x) {
  return domain::currency_digits(x).has_value();
}

bool networks(std::string_view x) {
  return domain::parse_networks(x).has_value();
}

bool log_level(std::string_view x) {
  return x == "trace" || x == "debug" || x == "info" || x == "warning" || x == "error";
}

bool log_format(std::string_view x) {
  return x == "auto" || x == "text" || x == "json";
}

bool endpoint(std::string_view x) {
  if (x.empty())
    return true;
  auto colon = x.rfind(':');
  if (colon == x.npos || colon == 0)
    return false;
  auto host = x.substr(0, colon);
  bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  uint16_t port = 0;
  return (bracketed || host.find(':') == host.npos) && parse_number(x.substr(colon + 1), port);
}

bool pools(std::string_view x) {
  auto known = [](std::string_view part) {
    return std::any_of(domain::all_domains.begin(), domain::all_domains.end(),
                       [part](auto id) { return part == domain::to_string(id); });
  };
  return x.empty() || all_parts(x, known);
}

bool web_url(std::string_view x) {
  return x.empty() || x.starts_with("http://") || x.starts_with("https://");
}

bool origins(std::string_view x) {
  return x.empty() || x == "*" || all_parts(x, [](std::string_view one) {
           const auto start = one.find("://");
           const auto scheme = one.substr(0, std::min(start, one.size()));
           return start != one.npos && (scheme == "http" || scheme == "https")
                  && one.size() > start + 3
                  && std::all_of(
                    one.begin() + static_cast<ptrdiff_t>(start) + 3, one.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.'
                             || c == '-' || c == ':' || c == '[' || c == ']';
                    });
         });
}

} // namespace souk::config
