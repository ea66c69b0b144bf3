// Latencies in a log-linear histogram with three significant digits: the technique of
// HdrHistogram (https://hdrhistogram.org), written afresh for the few operations needed here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace souk::loadgen {

/// Counts of values from 0 to about 2^36, each kept to within 0.1 %: values below 2,048 have a
/// bucket each; above, every doubling is cut into 1,024 buckets. Recording costs a few
/// instructions and never allocates. Not thread-safe: one per thread, then `add`.
class histogram {
public:
  histogram();

  /// Counts a value once. One beyond the range counts as the largest; one below 0 as 0.
  void record(int64_t value);

  /// Adds the counts of another histogram.
  void add(const histogram& other);

  /// Forgets everything.
  void clear();

  /// The smallest recorded value that at least `percent` (0 to 100) of all values do not exceed,
  /// rounded up within its bucket but never past the maximum. 0 if there is none.
  int64_t percentile(double percent) const;

  uint64_t count() const { return count_; }
  int64_t max() const { return max_; } ///< exact
  double mean() const;                 ///< exact; 0 if empty

  /// The bucket of a value, and the largest value that shares a bucket: for the tests.
  static size_t index_of(int64_t value);
  static int64_t highest_in(size_t index);

private:
  std::vector<uint64_t> counts_;
  uint64_t count_ = 0;
  int64_t max_ = 0;
  double sum_ = 0;
};

} // namespace souk::loadgen
