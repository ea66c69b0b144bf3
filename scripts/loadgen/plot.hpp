// A picture of latency over time.
#pragma once

#include "scripts/loadgen/report.hpp"

#include <string>
#include <vector>

namespace souk::loadgen {

/// An SVG with two panels over one time axis: p50, p90, p99 and maximum of each second
/// (logarithmic, milliseconds) and answers a second. The warm-up is shaded.
std::string draw_plot(const options& opts, const summary& s, const std::vector<second_row>& rows);

} // namespace souk::loadgen
