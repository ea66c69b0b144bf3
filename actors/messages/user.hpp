// What is said to the user shards and to the password workers.
#pragma once

#include "actors/messages/call.hpp"

#include <optional>
#include <string>
#include <vector>

namespace souk::actors {

/// Makes an account. Username and e-mail must be free, however they are spelled in case.
struct register_user {
  actors::call call;
  domain::user profile; ///< id, times and version are set by the shard; id's shard must be this one
  std::string password; ///< as typed; never logged, never stored
  std::string password_hash = {}; ///< taken over from elsewhere in place of a password: bcrypt
};

/// Checks a password. `login` is a username or an e-mail address.
struct log_in {
  actors::call call;
  std::string login;
  std::string password;
};

/// Whose password it was. A session is opened with this by the user's own shard.
struct password_matched {
  domain::user user;
  int64_t password_version = 0; ///< which password was checked
  std::string new_hash;         ///< replaces a hash of an older kind; empty: none
};

/// Begins a session after a password was checked.
struct open_session {
  actors::call call;
  domain::uuid user_id;
  int64_t password_version = 0;
  std::string new_hash;
};

/// A session's next tokens.
struct session_opened {
  domain::user user;
  std::string session;
  std::string refresh_token; ///< good once
  int64_t issued_at = 0;     ///< of the access token; milliseconds since 1970
};

/// Exchanges a refresh token for the next one.
struct refresh_session {
  actors::call call;
  domain::uuid user_id; ///< as the token says
  std::string session;
  std::string secret;
};

/// Logs out.
struct end_sessions {
  actors::call call;
  domain::uuid user_id;
  std::string session; ///< empty: all
};

struct change_password {
  actors::call call;
  domain::uuid user_id;
  std::string session; ///< the caller's, which stays
  std::string old_password;
  std::string new_password;
};

/// Mails a token with which the password can be set anew.
struct begin_reset {
  actors::call call;
  domain::uuid user_id;
};
struct reset_password {
  actors::call call;
  domain::uuid user_id; ///< as the token says
  std::string secret;
  std::string new_password;
};

struct get_user {
  actors::call call;
  domain::uuid id;
};

/// Changes what is there; the rest stays.
struct change_user {
  actors::call call;
  domain::uuid id;
  std::optional<std::string> username;
  std::optional<std::string> email; ///< empty: none, as the next four
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::optional<std::string> full_name;
  std::optional<std::string> phone;
  std::optional<domain::user_role> role;
  std::optional<bool> disabled;
  std::optional<std::string> password;
};

/// Deletes the account; the user's orders stay.
struct remove_user {
  actors::call call;
  domain::uuid id;
};

/// A page of users in the order of their ids.
struct list_users {
  actors::call call;
  domain::uuid after; ///< nil: from the first
  int64_t limit = 0;
  std::string username = {}; ///< folded; only this one, if it is not empty
  std::string email = {};    ///< the same
};
struct user_page {
  std::vector<domain::user> items;
  bool more = false;
};

struct list_addresses {
  actors::call call;
  domain::uuid user_id;
};
struct address_list {
  std::vector<domain::kept_address> items; ///< the oldest first
};
struct get_address {
  actors::call call;
  domain::uuid user_id;
  int64_t id = 0;
};
/// Adds an address (id 0) or replaces one.
struct put_address {
  actors::call call;
  domain::uuid user_id;
  domain::kept_address address;
};
struct remove_address {
  actors::call call;
  domain::uuid user_id;
  int64_t id = 0;
};

/// Makes a password's Argon2id hash. Only between a user shard and the password workers.
struct hash_password {
  std::string password;
};

/// Compares a password with a hash (Argon2id or bcrypt); an empty hash costs the same time and
/// never matches.
struct verify_password {
  std::string password;
  std::string hash;
};
struct password_verified {
  bool matches = false;
  std::string new_hash = {}; ///< Argon2id, if it matched a hash of another kind
};

/// A mail of plain text, in UTF-8.
struct send_mail {
  std::string to;
  std::string subject; ///< ASCII
  std::string text;    ///< lines end with \n
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, register_user& x) {
  return f(caf::meta::type_name("register_user"), x.call, x.profile, x.password, x.password_hash);
}
SOUK_INSPECTED(register_user);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_in& x) {
  return f(caf::meta::type_name("log_in"), x.call, x.login, x.password);
}
SOUK_INSPECTED(log_in);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_user& x) {
  return f(caf::meta::type_name("get_user"), x.call, x.id);
}
SOUK_INSPECTED(get_user);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, hash_password& x) {
  return f(caf::meta::type_name("hash_password"), x.password);
}
SOUK_INSPECTED(hash_password);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, verify_password& x) {
  return f(caf::meta::type_name("verify_password"), x.password, x.hash);
}
SOUK_INSPECTED(verify_password);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, password_matched& x) {
  return f(caf::meta::type_name("password_matched"), x.user, x.password_version, x.new_hash);
}
SOUK_INSPECTED(password_matched);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, open_session& x) {
  return f(caf::meta::type_name("open_session"), x.call, x.user_id, x.password_version, x.new_hash);
}
SOUK_INSPECTED(open_session);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, session_opened& x) {
  return f(caf::meta::type_name("session_opened"), x.user, x.session, x.refresh_token, x.issued_at);
}
SOUK_INSPECTED(session_opened);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, refresh_session& x) {
  return f(caf::meta::type_name("refresh_session"), x.call, x.user_id, x.session, x.secret);
}
SOUK_INSPECTED(refresh_session);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, end_sessions& x) {
  return f(caf::meta::type_name("end_sessions"), x.call, x.user_id, x.session);
}
SOUK_INSPECTED(end_sessions);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, change_password& x) {
  return f(caf::meta::type_name("change_password"), x.call, x.user_id, x.session, x.old_password,
           x.new_password);
}
SOUK_INSPECTED(change_password);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, begin_reset& x) {
  return f(caf::meta::type_name("begin_reset"), x.call, x.user_id);
}
SOUK_INSPECTED(begin_reset);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, reset_password& x) {
  return f(caf::meta::type_name("reset_password"), x.call, x.user_id, x.secret, x.new_password);
}
SOUK_INSPECTED(reset_password);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, change_user& x) {
  return f(caf::meta::type_name("change_user"), x.call, x.id, x.username, x.email, x.first_name,
           x.last_name, x.full_name, x.phone, x.role, x.disabled, x.password);
}
SOUK_INSPECTED(change_user);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, remove_user& x) {
  return f(caf::meta::type_name("remove_user"), x.call, x.id);
}
SOUK_INSPECTED(remove_user);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_users& x) {
  return f(caf::meta::type_name("list_users"), x.call, x.after, x.limit, x.username, x.email);
}
SOUK_INSPECTED(list_users);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, user_page& x) {
  return f(caf::meta::type_name("user_page"), x.items, x.more);
}
SOUK_INSPECTED(user_page);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_addresses& x) {
  return f(caf::meta::type_name("list_addresses"), x.call, x.user_id);
}
SOUK_INSPECTED(list_addresses);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, address_list& x) {
  return f(caf::meta::type_name("address_list"), x.items);
}
SOUK_INSPECTED(address_list);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_address& x) {
  return f(caf::meta::type_name("get_address"), x.call, x.user_id, x.id);
}
SOUK_INSPECTED(get_address);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, put_address& x) {
  return f(caf::meta::type_name("put_address"), x.call, x.user_id, x.address);
}
SOUK_INSPECTED(put_address);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, remove_address& x) {
  return f(caf::meta::type_name("remove_address"), x.call, x.user_id, x.id);
}
SOUK_INSPECTED(remove_address);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, password_verified& x) {
  return f(caf::meta::type_name("password_verified"), x.matches, x.new_hash);
}
SOUK_INSPECTED(password_verified);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, send_mail& x) {
  return f(caf::meta::type_name("send_mail"), x.to, x.subject, x.text);
}
SOUK_INSPECTED(send_mail);

} // namespace souk::actors
