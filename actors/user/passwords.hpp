// The password workers: Argon2id on threads of their own.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstddef>

namespace souk::actors {

struct password_config {
  size_t max_queue = 64; ///< waiting; more fail with `overloaded`
  /// Argon2id's cost: OWASP's minimum is 19 MiB, two passes, one lane (Password Storage Cheat
  /// Sheet).
  size_t memory = 19 * 1024 * 1024; ///< bytes
  unsigned long long passes = 2;
};

/// One password worker; spawn it `detached`, it blocks. Holds nothing, so a restart loses nothing
/// but the answers under way.
password_actor::behavior_type password_behavior(password_actor::pointer self,
                                                password_config config);

} // namespace souk::actors
