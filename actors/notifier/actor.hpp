// The notifier.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace souk::actors {

/// Consumes committed events and logs them. Lives on a scheduler thread; a few exist, each for the
/// subjects that domain::shard_of_subject gives it, so that one subject's events stay in order. A
/// restart loses what was in its mailbox; the events themselves are in the database.
notifier_actor::behavior_type notifier_behavior(notifier_actor::pointer self);

} // namespace souk::actors
