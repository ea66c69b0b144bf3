// Child processes: started, read, signalled and waited for, every wait with a deadline.
#pragma once

#include "tests/system/support/waiting.hpp"

#include <sys/types.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace souk::tests {

/// What to run. The child sees no SOUK_... variable of the environment but those named here.
struct command {
  std::vector<std::string> argv;
  std::filesystem::path dir;            ///< working directory; empty: the caller's
  std::string user;                     ///< OS user to run as; empty: the caller's
  std::vector<std::string> environment; ///< further `NAME=value`
};

/// A running child whose standard output and error are collected. Ends with this object, and with
/// the thread that started it: start it on the test's main thread.
class process {
public:
  /// Throws std::system_error if nothing can be started.
  explicit process(const command& what);
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  ~process(); ///< SIGKILL

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number);

  /// The exit code, 128 + signal after a signal; nothing if it still runs after `limit`.
  std::optional<int> wait(milliseconds limit);

  /// Waits until all that was written has been read; call it after the child has ended.
  void drain();

  std::string out() const; ///< what it has written so far
  std::string err() const;

private:
  void collect(int fd, std::string& into);

  pid_t pid_ = -1;
  std::optional<int> exit_code_;
  mutable std::mutex guard_;
  std::string out_;
  std::string err_;
  std::thread out_reader_;
  std::thread err_reader_;
};

/// A child that has ended.
struct finished {
  int exit_code = 0;
  std::string out;
  std::string err;

  /// Standard output and error together: for messages that may be on either.
  std::string all() const { return out + err; }
};

/// Runs a command to its end; throws std::runtime_error if it takes longer than `limit`.
finished run(const command& what, milliseconds limit = 60s);

/// The lines of a text that are not empty.
std::vector<std::string> lines_of(const std::string& text);

/// An environment variable of the test run; throws std::runtime_error with a hint if it is not set.
std::string required_variable(const char* name);

/// A directory of its own under the system's temporary one, removed at the end.
class temporary_directory {
public:
  temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory();

  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace souk::tests
