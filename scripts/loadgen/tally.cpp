#include "scripts/loadgen/tally.hpp"

#include <algorithm>
#include <numeric>

namespace souk::loadgen {

std::string_view to_string(trouble what) {
  switch (what) {
  case trouble::connect: return "connect";
  case trouble::closed: return "closed";
  case trouble::timeout: return "timeout";
  case trouble::unusable: return "unusable";
  }
  return "?";
}

void tally::problem(std::string_view code) {
  auto known = std::find_if(codes.begin(), codes.end(), [&](auto& x) { return x.first == code; });
  if (known == codes.end())
    known = codes.insert(codes.end(), {std::string{code}, 0});
  ++known->second;
}

void tally::add(const tally& other) {
  latency.add(other.latency);
  for (size_t i = 0; i < statuses.size(); ++i)
    statuses[i] += other.statuses[i];
  for (auto& [code, count] : other.codes) {
    problem(code);
    std::find_if(codes.begin(), codes.end(), [&code = code](auto& x) {
      return x.first == code;
    })->second += count - 1;
  }
  for (size_t i = 0; i < troubles.size(); ++i)
    troubles[i] += other.troubles[i];
}

void tally::clear() {
  latency.clear();
  statuses.fill(0);
  codes.clear();
  troubles.fill(0);
}

uint64_t tally::answers() const {
  return std::accumulate(statuses.begin(), statuses.end(), uint64_t{0});
}

uint64_t tally::ok() const {
  return std::accumulate(statuses.begin() + 200, statuses.begin() + 300, uint64_t{0});
}

uint64_t tally::failures() const {
  return std::accumulate(troubles.begin(), troubles.end(), uint64_t{0});
}

} // namespace souk::loadgen
