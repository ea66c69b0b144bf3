// What is said to the user shards and to the password workers.
#pragma once

#include "actors/messages/call.hpp"

#include <string>

namespace souk::actors {

/// Makes an account. Username and e-mail must be free, however they are spelled in case.
struct register_user {
  actors::call call;
  domain::user profile; ///< id, times and version are set by the shard; id's shard must be this one
  std::string password; ///< as typed; never logged, never stored
};

/// Checks a password. `login` is a username or an e-mail address.
struct log_in {
  actors::call call;
  std::string login;
  std::string password;
};

struct get_user {
  actors::call call;
  domain::uuid id;
};

/// Makes a password's Argon2id hash. Only between a user shard and the password workers.
struct hash_password {
  std::string password;
};

/// Compares a password with a hash; an empty hash costs the same time and never matches.
struct verify_password {
  std::string password;
  std::string hash;
};

template <class Inspector>
auto inspect(Inspector& f, register_user& x) {
  return f(caf::meta::type_name("register_user"), x.call, x.profile, x.password);
}
template <class Inspector>
auto inspect(Inspector& f, log_in& x) {
  return f(caf::meta::type_name("log_in"), x.call, x.login, x.password);
}
template <class Inspector>
auto inspect(Inspector& f, get_user& x) {
  return f(caf::meta::type_name("get_user"), x.call, x.id);
}
template <class Inspector>
auto inspect(Inspector& f, hash_password& x) {
  return f(caf::meta::type_name("hash_password"), x.password);
}
template <class Inspector>
auto inspect(Inspector& f, verify_password& x) {
  return f(caf::meta::type_name("verify_password"), x.password, x.hash);
}

} // namespace souk::actors
