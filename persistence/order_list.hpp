// The list of all orders by their time, in PostgreSQL: a row holds those of a batch that were
// placed in the same millisecond.
#pragma once

#include "persistence/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace souk::persistence {

/// A row holds this many orders at most, so that none is too long to be stored in its place.
inline constexpr size_t orders_a_row = 128;

/// Collects a batch's new orders and writes them as rows of a binary COPY: created_at, ids (in
/// ascending order). Why: an index entry for each order was a tenth of PostgreSQL's time for it.
class order_list {
public:
  void add(int64_t created_at, int64_t id) { orders_.emplace_back(created_at, id); }

  /// Appends the rows; none is left.
  void copy(std::string& out);

private:
  std::vector<std::pair<int64_t, int64_t>> orders_;
};

/// A table expression `newest (created_at, id)` of all orders before a place, the newest first:
/// the parameters are its time `:at` and id `:before`, a time `:since` that is not reached any
/// more, and a limit `:window`.
std::string newest_orders(backend kind);

} // namespace souk::persistence
