// A message of an actor to itself.
#pragma once

#include <caf/atom.hpp>
#include <caf/fwd.hpp>

#include <chrono>

namespace souk::actors {

/// Sends `what` to `self` after a while, as `delayed_send` of CAF's does. Its interface must have
/// `reacts_to` for that atom. On the actor's thread.
void send_later(caf::scheduled_actor* self, std::chrono::nanoseconds wait, caf::atom_value what);

} // namespace souk::actors
