// A user as the shop knows them. No framework.
#pragma once

#include "actors/domain/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk::domain {

/// The numbers are stored; add at the end only.
enum class user_role : uint8_t { user = 0, admin = 1 };

/// `USER` or `ADMIN`, as in tokens and answers.
std::string_view to_string(user_role r);
std::optional<user_role> parse_user_role(std::string_view text);

struct user {
  uuid id;
  std::string username;
  std::string email;      ///< empty: none
  std::string first_name; ///< empty: none, as the next three
  std::string last_name;
  std::string full_name;
  std::string phone;
  user_role role = user_role::user;
  bool disabled = false;
  int64_t created_at = 0; ///< milliseconds since 1970, UTC
  int64_t updated_at = 0;
  int64_t version = 1;

  friend bool operator==(const user&, const user&) = default;
};

/// The form in which names and e-mail addresses are compared: ASCII letters lower-cased. Other
/// letters are kept, so that two different spellings are never taken for one account.
std::string fold_login(std::string_view text);

} // namespace souk::domain
