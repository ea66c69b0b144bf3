// How finely times are told apart where they are counted.
#pragma once

#include <vector>

namespace souk::actors {

/// Upper bounds in seconds: from an answer out of memory to a time-out.
inline std::vector<double> time_buckets() {
  return {.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
}

} // namespace souk::actors
