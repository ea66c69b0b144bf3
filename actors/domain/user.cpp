#include "actors/domain/user.hpp"

namespace souk::domain {

std::string_view to_string(user_role r) {
  switch (r) {
  case user_role::user: return "USER";
  case user_role::admin: return "ADMIN";
  }
  return "?";
}

std::optional<user_role> parse_user_role(std::string_view text) {
  for (auto r : {user_role::user, user_role::admin})
    if (to_string(r) == text)
      return r;
  return std::nullopt;
}

std::string fold_login(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

} // namespace souk::domain
