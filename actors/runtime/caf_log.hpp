// CAF's own logger, out of the way.
#pragma once

#include <caf/logger.hpp>

namespace souk::actors {

/// Takes CAF's logger, which writes nowhere here, from the calling thread: where there is one, each
/// resume of an actor notes its id four times, under a lock that all threads share. CAF gives it
/// back to a thread on which an actor is spawned, so actors with requests call this now and then
/// (patience::sweep).
inline void without_caf_log() {
  caf::logger::set_current_actor_system(nullptr);
}

} // namespace souk::actors
