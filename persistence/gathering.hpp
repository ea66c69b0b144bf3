// When a batch waits for more writes.
#pragma once

#include <chrono>
#include <cstddef>

namespace souk::persistence {

/// A small batch costs the database nearly what a larger one does. Where all cores are at work and
/// batches happen to be small, their cost leaves less for those whose requests would make them
/// larger, and so they stay: half as many orders a second. So for a moment after a small batch the
/// next one waits until it is as large. One buyer alone never waits, nor do large batches, nor who
/// comes after a silence; and as many buyers as before wait until the last of them is there, no
/// more.
class gathering {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr size_t few = 4;    ///< writes; after fewer than that nobody waits
  static constexpr size_t large = 64; ///< after as many, neither
  static constexpr std::chrono::milliseconds longest{1};

  /// Whether the next batch, of `size` writes by now, waits for more; it does not beyond `until`.
  bool waits(size_t size, time_point now) const {
    return before_ >= few && before_ < large && size < before_ && now < until();
  }
  time_point until() const { return end_ + longest; }

  void begin(size_t size) { before_ = size; }
  void end(time_point now) { end_ = now; }

private:
  size_t before_ = 0; ///< writes in the batch that was begun last
  time_point end_{};  ///< of that batch
};

} // namespace souk::persistence
