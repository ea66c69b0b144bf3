// Where the threads' counts meet, second by second.
#pragma once

#include "scripts/loadgen/options.hpp"
#include "scripts/loadgen/tally.hpp"

#include <cstdio>
#include <map>
#include <mutex>

namespace souk::loadgen {

/// One second of the run, all threads together. Latencies in microseconds.
struct second_row {
  int64_t second = 0; ///< since the start of the warm-up
  uint64_t answers = 0;
  uint64_t ok = 0;
  uint64_t failures = 0;
  int64_t p50 = 0;
  int64_t p90 = 0;
  int64_t p99 = 0;
  int64_t max = 0;
};

/// What one thread hands over when its second is full.
struct interval {
  int64_t second = 0;
  tally counts;
  std::vector<int64_t> placed; ///< order ids
};

/// Takes the intervals of all threads, keeps a row a second, shows progress on stderr (each second
/// on a terminal, else every five) and writes the placed orders' ids. Any thread may call it.
class collector {
public:
  explicit collector(const options& opts);
  ~collector();
  collector(const collector&) = delete;
  collector& operator=(const collector&) = delete;

  void take(const interval& part);

  /// Rows what is left; call it when all threads have ended.
  void finish();

  /// Ordered by time; complete after `finish`.
  const std::vector<second_row>& rows() const { return rows_; }

  /// All requests of the run, warm-up and drain included.
  const tally& all() const { return all_; }

private:
  struct pending {
    tally counts;
    uint32_t parts = 0;
  };

  void close_second(std::map<int64_t, pending>::iterator at);
  void show(const second_row& row);

  const options& opts_;
  std::mutex lock_; ///< guards all below
  std::map<int64_t, pending> open_;
  std::vector<second_row> rows_;
  tally all_;
  std::FILE* placed_ = nullptr;
  bool terminal_ = false;
  bool shown_ = false;
};

} // namespace souk::loadgen
