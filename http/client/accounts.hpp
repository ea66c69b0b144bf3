// `souk user`: makes and changes single accounts of a running shop.
#pragma once

#include "http/client/api.hpp"

#include <optional>
#include <string>

namespace souk::client {

struct new_account {
  std::string username;
  std::string password;
  std::string email; ///< empty: none
  std::string role = "USER";
};

/// What is not set stays as it is.
struct account_change {
  std::optional<bool> disabled;
  std::optional<std::string> role;
  std::optional<std::string> password;
};

/// Throws client_error, also if the name is taken, or if the account was made without its role.
void create_account(const shop_login& who, const new_account& x, const patience& how = {});

/// By the exact name, in any case. Throws client_error, also if there is no such user.
void change_account(const shop_login& who, const std::string& username, const account_change& x,
                    const patience& how = {});

} // namespace souk::client
