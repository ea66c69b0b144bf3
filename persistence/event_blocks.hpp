// Ids of events before they are used: PostgreSQL hands them out in blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace souk::persistence {

/// What a session has left of the blocks that it took. Those of a transaction that was rolled back
/// are not used again: whether it was is not always known.
class event_blocks {
public:
  /// As in the column's default (migration 0009): block `n` are the ids from `n * size` on.
  static constexpr int64_t size = 1024;

  /// How many blocks more it takes for so many ids.
  int64_t missing(size_t ids) const {
    const auto lacking = static_cast<int64_t>(ids) - left_;
    return lacking > 0 ? (lacking + size - 1) / size : 0;
  }

  void add(int64_t block) {
    spans_.emplace_back(block * size, (block + 1) * size);
    left_ += size;
  }

  /// As many as were asked for, or all that are left; ascending if the blocks were.
  std::vector<int64_t> take(size_t ids) {
    std::vector<int64_t> taken;
    taken.reserve(ids);
    while (taken.size() < ids && !spans_.empty()) {
      auto& [next, end] = spans_.front();
      taken.push_back(next++);
      --left_;
      if (next == end)
        spans_.pop_front();
    }
    return taken;
  }

private:
  std::deque<std::pair<int64_t, int64_t>> spans_; ///< from, below
  int64_t left_ = 0;
};

} // namespace souk::persistence
