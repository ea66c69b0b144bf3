// Who gets what is left: the rule that is applied when the database's counts do not allow a whole
// batch. No database in it.
#pragma once

#include "actors/messages/store.hpp"

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace souk::persistence {

/// A count as read under its row's lock.
struct locked_count {
  int64_t quantity = 0;
  int64_t version = 0;
};

/// What the counts allow one write.
struct pick {
  actors::refusal refused = actors::refusal::none;
  int64_t subject = 0;         ///< the product that refused it
  std::vector<int64_t> deltas; ///< of the write's stock changes, if it is not refused
};

/// Goes through the writes in order of arrival and lets each have all its changes or none. `counts`
/// are the locked rows; a product without one is `not_found`. Afterwards they hold what is left.
std::vector<pick> pick_writes(std::span<const actors::write* const> writes,
                              std::unordered_map<int64_t, locked_count>& counts);

} // namespace souk::persistence
