// What one thread counts, and how the counts of several become one.
#pragma once

#include "scripts/loadgen/histogram.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::loadgen {

/// Why a request got no answer.
enum class trouble : uint8_t {
  connect,  ///< a connection could not be made; no request was lost by it
  closed,   ///< the server closed the connection instead of answering
  timeout,  ///< no answer in time
  unusable, ///< what came is not an answer that this program reads
};
inline constexpr size_t trouble_count = 4;
std::string_view to_string(trouble what);

struct tally {
  histogram latency; ///< microseconds, of answers and of time-outs
  std::array<uint64_t, 600> statuses{};
  std::vector<std::pair<std::string, uint64_t>> codes; ///< of problems
  std::array<uint64_t, trouble_count> troubles{};

  void answered(unsigned status) { ++statuses[status]; }
  void failed(trouble what) { ++troubles[static_cast<size_t>(what)]; }
  void problem(std::string_view code);
  void add(const tally& other);
  void clear();

  uint64_t answers() const;  ///< of any status
  uint64_t ok() const;       ///< with a 2xx
  uint64_t failures() const; ///< troubles of all kinds
};

} // namespace souk::loadgen
