// Leaves a failing neighbour alone for a while. No framework.
#pragma once

#include <chrono>

namespace souk::external {

/// Closed: all may ask. After `max_failures` in a row it opens: nobody may ask for `pause`. Then it
/// is half open: one may try, and its result closes it or opens it again. The caller brings the
/// time.
class circuit_breaker {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  circuit_breaker(int max_failures, duration pause) : max_failures_{max_failures}, pause_{pause} {}

  /// Whether the neighbour may be asked now. Whoever is let through reports the result; a trial
  /// that never does counts as failed after another pause.
  bool allow(time_point now) {
    if (!is_open())
      return true;
    if (now < next_trial_)
      return false;
    next_trial_ = now + pause_;
    return true;
  }

  void succeeded() { failures_ = 0; }

  void failed(time_point now) {
    if (failures_ < max_failures_)
      ++failures_;
    if (is_open())
      next_trial_ = now + pause_;
  }

  /// Open or half open.
  bool is_open() const { return failures_ >= max_failures_; }

private:
  int max_failures_;
  duration pause_;
  int failures_ = 0; ///< in a row
  time_point next_trial_{};
};

} // namespace souk::external
