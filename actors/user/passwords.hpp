// The password workers: Argon2id on threads of their own.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <string_view>

namespace souk::actors {

struct password_config {
  size_t max_queue = 64; ///< waiting; more fail with `overloaded`
  /// Argon2id's cost: OWASP's minimum is 19 MiB, two passes, one lane (Password Storage Cheat
  /// Sheet).
  size_t memory = 19 * 1024 * 1024; ///< bytes
  unsigned long long passes = 2;
};

/// The largest cost of a bcrypt hash that is taken over: beyond it, one login costs seconds.
inline constexpr int max_bcrypt_cost = 14;

/// Whether this is a bcrypt hash (`$2a$`, `$2b$` or `$2y$`), of a cost that we are willing to pay.
bool is_bcrypt_hash(std::string_view hash);

/// One password worker; spawn it `detached`, it blocks. Holds nothing, so a restart loses nothing
/// but the answers under way.
password_actor::behavior_type password_behavior(password_actor::pointer self,
                                                password_config config);

} // namespace souk::actors
