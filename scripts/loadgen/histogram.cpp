#include "scripts/loadgen/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace souk::loadgen {

namespace {

constexpr int half_bits = 10;
constexpr int64_t half = int64_t{1} << half_bits; ///< buckets of one doubling
constexpr int64_t full = half * 2;                ///< below this, each value has its own bucket
constexpr int range_bits = 36;
constexpr int64_t largest = (int64_t{1} << range_bits) - 1;
constexpr size_t buckets = (range_bits - half_bits) * half + half;

} // namespace

histogram::histogram() : counts_(buckets) {}

size_t histogram::index_of(int64_t value) {
  auto x = static_cast<uint64_t>(std::clamp<int64_t>(value, 0, largest));
  if (x < static_cast<uint64_t>(full))
    return x;
  auto shift = std::bit_width(x) - (half_bits + 1);
  return static_cast<size_t>(shift) * half + (x >> shift);
}

int64_t histogram::highest_in(size_t index) {
  auto i = static_cast<int64_t>(index);
  if (i < full)
    return i;
  auto shift = i / half - 1;
  auto within = i - shift * half;
  return ((within + 1) << shift) - 1;
}

void histogram::record(int64_t value) {
  ++counts_[index_of(value)];
  ++count_;
  value = std::max<int64_t>(value, 0);
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
}

void histogram::add(const histogram& other) {
  if (other.count_ == 0)
    return;
  for (size_t i = 0; i < buckets; ++i)
    counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

void histogram::clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = 0;
  max_ = 0;
  sum_ = 0;
}

int64_t histogram::percentile(double percent) const {
  if (count_ == 0)
    return 0;
  auto share = std::clamp(percent, 0.0, 100.0) / 100.0 * static_cast<double>(count_);
  // Rounding noise in the product must not push an exact rank to the next one.
  auto wanted = std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(share - 1e-6)));
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets; ++i) {
    seen += counts_[i];
    if (seen >= wanted)
      return i + 1 == buckets ? max_ : std::min(highest_in(i), max_);
  }
  return max_;
}

double histogram::mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

} // namespace souk::loadgen
