// What belongs to a user besides the profile: addresses, sessions, a password reset. No framework.
#pragma once

#include "actors/domain/order.hpp"
#include "actors/domain/user.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace souk::domain {

/// An address that a user keeps.
struct kept_address {
  int64_t id = 0; ///< never reused, nobody else's
  address where;
  bool is_default = false; ///< exactly one of a user's is

  friend bool operator==(const kept_address&, const kept_address&) = default;
};

/// One login of a user. Its refresh token changes with every use; only its hash is known here.
struct session {
  std::string id;         ///< 16 hexadecimal digits; access tokens name it
  std::string token_hash; ///< of the one refresh token that is good
  int64_t created_at = 0; ///< milliseconds since 1970, as the next
  int64_t used_at = 0;
  int64_t expires_at = 0;

  friend bool operator==(const session&, const session&) = default;
};

struct account_details {
  std::vector<kept_address> addresses; ///< in the order in which they were added
  std::vector<session> sessions;       ///< the oldest first
  std::string reset_hash;              ///< of the token that was mailed; empty: none
  int64_t reset_expires = 0;           ///< milliseconds since 1970
  int64_t password_version = 0;        ///< grows with each new password

  friend bool operator==(const account_details&, const account_details&) = default;
};

struct account {
  domain::user user;
  account_details details;

  friend bool operator==(const account&, const account&) = default;
};

/// Adds an address (its id is given), or replaces the one with its id; keeps exactly one default:
/// the first address becomes it, a later one takes it over if it wants to. False: no such address.
void add_address(account_details& to, kept_address x);
bool replace_address(account_details& in, kept_address x);

/// Takes an address away; when it was the default, the oldest one left becomes it. False: none.
bool remove_address(account_details& from, int64_t id);

/// The address with this id; null if there is none.
const kept_address* find_address(const account_details& in, int64_t id);

/// The session with this id; null if there is none.
session* find_session(account_details& in, std::string_view id);

} // namespace souk::domain
