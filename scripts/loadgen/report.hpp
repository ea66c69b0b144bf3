// What the run came to: for people and for programs.
#pragma once

#include "scripts/loadgen/collector.hpp"
#include "scripts/loadgen/options.hpp"

#include <string>

namespace souk::loadgen {

struct summary {
  double seconds = 0;            ///< measured
  double answers_per_second = 0; ///< that came in the measured time
  double ok_per_second = 0;      ///< of these, 2xx
  uint64_t unsent = 0;           ///< meant to be sent, but no connection became free for them
  uint64_t unanswered = 0;       ///< sent, but no answer by the end
  double cpu_seconds = 0;        ///< of this program, set-up included
  bool interrupted = false;
  tally measured; ///< of requests meant to be sent in the measured time
  tally all;      ///< of the whole run
};

void print_report(const options& opts, const summary& s);

/// One JSON object: what was asked for, the summary and a row a second.
std::string to_json(const options& opts, const summary& s, const std::vector<second_row>& rows);

/// Writes a file whole; `-` is standard output. Throws `failure`.
void write_file(const std::string& path, const std::string& text);

} // namespace souk::loadgen
