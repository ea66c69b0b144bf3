// The program under test: `souk serve` as a child process, and its other commands run to their end.
#pragma once

#include "tests/system/support/database.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace souk::tests {

/// Settings by name (`limits.in_flight`), given on the command line.
using settings = std::map<std::string, std::string>;

/// Of the administrator whom a test's server makes at its first start.
inline const std::string admin_password = "an administrator 7 waits";

/// The settings of every test's server on this database, with `more` on top of them. Placed orders
/// stay pending: a test that wants them confirmed in the background sets `orders.confirm`. An empty
/// value in `more` leaves a setting out.
settings server_settings(const database& on, const settings& more = {});

/// The command line of `souk NAME` with these settings.
command souk_command(const std::string& name, const settings& with);

/// Runs `souk NAME` with these settings to its end.
finished run_souk(const std::string& name, const settings& with, milliseconds limit = 60s);

/// One server. It is started and stopped as often as a test wants; its port changes each time.
class server {
public:
  /// Does not start it. The database must outlive this object.
  explicit server(const database& on, const settings& more = {});
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Waits until it is ready; throws std::runtime_error with its output if that does not happen.
  void start();

  /// SIGTERM, then wait_for_end().
  int stop();

  /// Its exit code. Throws std::runtime_error if it does not end within 30 s.
  int wait_for_end();

  /// SIGKILL.
  void kill();

  void signal(int number) { child_->signal(number); }
  bool running() { return child_ && child_->running(); }

  uint16_t port() const { return ports_.front(); }
  const std::vector<uint16_t>& ports() const { return ports_; }
  /// What this life of the server has written to standard output and error.
  std::string output() const { return child_->out() + child_->err(); }

private:
  settings settings_;
  std::filesystem::path dir_;
  std::vector<uint16_t> ports_;
  std::unique_ptr<process> child_;
};

} // namespace souk::tests
