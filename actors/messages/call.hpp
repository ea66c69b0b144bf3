// What every command from outside carries: who asks, until when, and under which key.
#pragma once

#include "actors/messages/inspect.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace souk::actors {

/// Makes a command retryable. The id stands for (caller, method, path, Idempotency-Key), the
/// fingerprint for the body; both are hashes made at the door. An empty id: no key was given.
struct idempotency_key {
  std::string id;
  std::string fingerprint;
};

struct call {
  std::string request_id; ///< as in X-Request-Id: on every log line of this request
  domain::uuid caller;    ///< nil: anonymous
  domain::user_role role = domain::user_role::user;
  int64_t deadline = 0; ///< milliseconds since 1970, UTC; work found after it is dropped; 0: none
  idempotency_key key;
};

/// As an expected version: one that nothing ever has.
inline constexpr int64_t no_version = std::numeric_limits<int64_t>::max();

/// What a rate limit leaves to the user after a command.
struct quota {
  int64_t left = -1;   ///< commands; -1: there is no limit
  int64_t seconds = 0; ///< until there is more
};

/// An answer, and whether it is the kept answer of an earlier request with the same key.
template <class T>
struct answer {
  T value{};
  bool replayed = false;
  quota rest{};
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, idempotency_key& x) {
  return f(caf::meta::type_name("idempotency_key"), x.id, x.fingerprint);
}
SOUK_INSPECTED(idempotency_key);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, call& x) {
  return f(caf::meta::type_name("call"), x.request_id, x.caller, x.role, x.deadline, x.key);
}
SOUK_INSPECTED(call);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, quota& x) {
  return f(caf::meta::type_name("quota"), x.left, x.seconds);
}
SOUK_INSPECTED(quota);
template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, answer<T>& x) {
  return f(caf::meta::type_name("answer"), x.value, x.replayed, x.rest);
}

} // namespace souk::actors
