// How far a long command is: a bar on a terminal, else a line every few seconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

namespace souk::client {

class progress {
public:
  /// `total`: bytes of the file; 0: not known. `bar`: the stream is a terminal.
  progress(std::ostream& to, bool bar, std::string what, uint64_t total);

  /// Shows it if it is time to.
  void show(uint64_t count, uint64_t bytes);

  /// Writes a whole line of text; the bar makes way.
  void line(const std::string& text);

  /// Takes the bar away.
  void end();

  /// Since the beginning.
  std::chrono::milliseconds elapsed() const;

private:
  using clock = std::chrono::steady_clock;

  std::ostream& to_;
  bool bar_;
  bool shown_ = false; ///< the bar stands on the last line
  std::string what_;
  uint64_t total_;
  clock::time_point begin_ = clock::now();
  clock::time_point last_ = begin_;
};

/// 1234567 -> `1,234,567`.
std::string with_commas(uint64_t x);

/// `12.3 s`.
std::string in_seconds(std::chrono::milliseconds x);

} // namespace souk::client
