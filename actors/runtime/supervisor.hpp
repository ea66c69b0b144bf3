// Starts a domain's shards, restarts those that crash, gives up when that does not help.
#pragma once

#include "actors/error.hpp"
#include "actors/runtime/router.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace souk::actors {

struct supervision {
  std::string name; ///< of the domain, for the logs
  uint32_t shards = 1;
  /// Starts one shard and makes it known. Called on the supervisor's thread.
  std::function<caf::actor(uint32_t shard)> start;
  size_t max_restarts = 5; ///< of one shard within `window`; Erlang's guidance for services
  std::chrono::milliseconds window{30'000};
  /// So many shards that each used up more than half of their restarts: the domain is given up.
  size_t max_bad_shards = 3;
  std::chrono::milliseconds backoff_min{10};
  std::chrono::milliseconds backoff_max{2'000};
  std::chrono::milliseconds stop_timeout{8'000}; ///< then they are killed
};

/// A supervisor: one a domain. A shard that crashes is started again alone, after a back-off; one
/// that crashes more than `max_restarts` times within `window`, or `max_bad_shards` that each used
/// up more than half of them, make it stop all shards and quit with `ec::internal`. An exit message
/// stops the shards, then itself. Restarting it starts everything anew.
caf::actor spawn_supervisor(caf::actor_system& sys, supervision what);

/// The root: starts domains in order, restarts one that gave up once, then calls `fatal` (on an
/// actor thread, once). An exit message stops the domains in reverse order, then itself.
caf::actor spawn_root(caf::actor_system& sys, std::vector<supervision> domains,
                      std::function<void(const std::string& domain)> fatal);

/// A domain whose shards are of type Handle, kept in `table`.
template <class Handle>
supervision supervise(std::string name, std::shared_ptr<shard_table<Handle>> table,
                      std::function<Handle(uint32_t shard)> spawn) {
  supervision s;
  s.name = std::move(name);
  s.shards = table->size();
  s.start = [table, spawn = std::move(spawn)](uint32_t shard) {
    auto h = spawn(shard);
    table->set(shard, h);
    return caf::actor_cast<caf::actor>(h);
  };
  return s;
}

} // namespace souk::actors
