// Drives the load generator's histogram
// against a sorted list of the same values.
#include "scripts/loadgen/histogram.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using souk::loadgen::histogram;

namespace {

/// The value of rank ceil(percent * n), as a sorted list says it.
int64_t exact(const std::vector<int64_t>& sorted, double percent) {
  auto rank = std::ceil(percent / 100.0 * static_cast<double>(sorted.size()) - 1e-6);
  return sorted[std::max<size_t>(1, static_cast<size_t>(rank)) - 1];
}

} // namespace

TEST_CASE("an empty histogram answers zero") {
  histogram h;
  CHECK(h.count() == 0);
  CHECK(h.percentile(50) == 0);
  CHECK(h.max() == 0);
  CHECK(h.mean() == 0);
}

TEST_CASE("small values are kept exactly") {
  histogram h;
  for (int64_t i = 1; i <= 2000; ++i)
    h.record(i);
  CHECK(h.percentile(0) == 1);
  CHECK(h.percentile(50) == 1000);
  CHECK(h.percentile(90) == 1800);
  CHECK(h.percentile(99.9) == 1998);
  CHECK(h.percentile(100) == 2000);
  CHECK(h.mean() == Approx(1000.5));
}

TEST_CASE("buckets follow each other without a gap and are at most a thousandth wide") {
  int64_t previous = -1;
  for (size_t i = 0; i < 26 * 1024; ++i) {
    auto high = histogram::highest_in(i);
    REQUIRE(high > previous);
    REQUIRE(histogram::index_of(previous + 1) == i);
    REQUIRE(histogram::index_of(high) == i);
    REQUIRE(static_cast<double>(high - previous - 1) <= static_cast<double>(previous + 1) / 1000.0);
    previous = high;
  }
}

TEST_CASE("percentiles of random values agree with a sorted list within a thousandth") {
  std::mt19937_64 random{42};
  std::lognormal_distribution<double> spread{8.0, 2.5};
  histogram h;
  std::vector<int64_t> values;
  for (int i = 0; i < 50'000; ++i) {
    values.push_back(static_cast<int64_t>(spread(random)));
    h.record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (double p : {1.0, 10.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    auto want = exact(values, p);
    auto have = h.percentile(p);
    CHECK(have >= want);
    CHECK(static_cast<double>(have - want) <= static_cast<double>(want) / 1000.0);
  }
  CHECK(h.max() == values.back());
}

TEST_CASE("two histograms added are as one that saw all values") {
  histogram a, b, both;
  for (int64_t i = 0; i < 10'000; ++i) {
    (i % 3 == 0 ? a : b).record(i * 17);
    both.record(i * 17);
  }
  a.add(b);
  CHECK(a.count() == both.count());
  CHECK(a.max() == both.max());
  CHECK(a.mean() == Approx(both.mean()));
  for (double p : {5.0, 50.0, 99.0})
    CHECK(a.percentile(p) == both.percentile(p));
}

TEST_CASE("values out of range are counted at its ends") {
  histogram h;
  h.record(-5);
  h.record(int64_t{1} << 50);
  CHECK(h.count() == 2);
  CHECK(h.percentile(50) == 0);
  CHECK(h.percentile(100) == int64_t{1} << 50);
}

TEST_CASE("a cleared histogram is empty") {
  histogram h;
  h.record(7);
  h.clear();
  CHECK(h.count() == 0);
  CHECK(h.percentile(100) == 0);
}
