// What the sources of a user shard share. Only for them.
#pragma once

#include "actors/user/actor.hpp"

#include <utility>

namespace souk::actors {

/// Argon2id at its slowest here takes well under a second, but several may wait for a worker.
inline constexpr auto hash_timeout = std::chrono::seconds{10};

/// For reads: whoever fell silent did nothing.
inline caf::error of_read(const caf::error& why) {
  auto code = code_of(why);
  return caf::make_error(code == ec::outcome_unknown ? ec::overloaded : code);
}

inline event user_event(const char* kind, const domain::uuid& id, int64_t now) {
  auto text = domain::to_string(id);
  return {0, kind, "user:" + text, "{\"user_id\":\"" + text + "\"}", now, {}};
}

} // namespace souk::actors
