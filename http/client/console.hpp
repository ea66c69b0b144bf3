// Where a command reads and writes.
#pragma once

#include <istream>
#include <optional>
#include <ostream>
#include <string>

namespace souk::client {

/// The streams must outlive whoever has this.
struct console {
  std::istream& in;
  std::ostream& out; ///< what was asked for
  std::ostream& err; ///< progress, and what went wrong
  bool bar = false;  ///< `err` is a terminal
};

/// Asks on the process's terminal, without showing what is typed. Nothing if there is no terminal,
/// or if it was interrupted.
std::optional<std::string> ask_password(const std::string& prompt);

/// From now on the first SIGINT or SIGTERM is only noted, so that a command can tell how far it
/// came; the next one ends the process.
void catch_interrupts();

/// Whether one was noted. Any thread.
bool interrupted();

} // namespace souk::client
