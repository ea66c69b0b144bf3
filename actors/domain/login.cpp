#include "actors/domain/login.hpp"

#include <algorithm>
#include <cstddef>

namespace souk::domain {

namespace {

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Letters, digits and `others`.
bool only_has(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return is_alnum(c) || others.find(c) != std::string_view::npos;
  });
}

bool is_host_label(std::string_view x) {
  return !x.empty() && x.size() <= 63 && x.front() != '-' && x.back() != '-' && only_has(x, "-");
}

bool is_host(std::string_view host) {
  size_t labels = 0;
  while (true) {
    const auto dot = host.find('.');
    if (!is_host_label(host.substr(0, dot)))
      return false;
    ++labels;
    if (dot == std::string_view::npos)
      return labels >= 2;
    host.remove_prefix(dot + 1);
  }
}

} // namespace

bool is_username(std::string_view text) {
  return text.size() >= 3 && text.size() <= 64 && only_has(text, "._-+");
}

bool is_email_address(std::string_view text) {
  const auto at = text.find('@');
  const auto local = text.substr(0, at);
  return text.size() <= 254 && at != std::string_view::npos && !local.empty() && local.size() <= 64
         && local.front() != '.' && local.back() != '.'
         && local.find("..") == std::string_view::npos && only_has(local, ".!#$%&'*+/=?^_`{|}~-")
         && is_host(text.substr(at + 1));
}

} // namespace souk::domain
