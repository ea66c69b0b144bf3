// How many log lines of one kind a second are written.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

namespace souk::http {

/// At most so many lines a second; the others are counted. Used on one thread.
class line_limit {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit line_limit(int lines_a_second) : lines_{lines_a_second} {}

  struct decision {
    bool write = false;
    int64_t left_out = 0; ///< before this second, and not told yet
  };

  /// One more line at `now`, which never goes back.
  decision next(time_point now) {
    decision d;
    if (written_ == 0 || now - since_ >= std::chrono::seconds{1}) {
      d.left_out = std::exchange(left_out_, 0);
      since_ = now;
      written_ = 0;
    }
    d.write = written_ < lines_;
    ++(d.write ? written_ : left_out_);
    return d;
  }

private:
  int64_t lines_;
  int64_t written_ = 0; ///< in the second since `since_`
  int64_t left_out_ = 0;
  time_point since_{};
};

} // namespace souk::http
