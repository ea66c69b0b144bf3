// The external catalog's worker: asks it on a thread of its own.
#pragma once

#include "actors/external/config.hpp"
#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace souk::actors {

/// One worker; spawn it `detached`, it blocks for up to `timeout` a request. Holds answers and how
/// often the catalog failed; a restart loses both, and nothing else. With several workers, choose
/// the worker by the id, so that each product is kept once.
external_actor::behavior_type external_behavior(external_actor::pointer self,
                                                external_config config);

} // namespace souk::actors
