// A PostgreSQL server of its own, for tests that stop, kill or freeze the database.
#pragma once

#include "tests/system/support/process.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace souk::tests {

/// Made with initdb from SOUK_TEST_PG_BIN, run as SOUK_TEST_PG_USER, on a free port of 127.0.0.1,
/// with PostgreSQL's default durability. Removed at the end.
class postgres_server {
public:
  /// Starts it and waits until it answers.
  postgres_server();
  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;
  ~postgres_server();

  /// A superuser's URL; stays the same over restarts.
  std::string url() const;

  /// Starts it again and waits until it answers. It refuses while processes of its former life
  /// are still ending, so this tries for a while.
  void start();

  /// Like `pg_ctl stop -m immediate`: all connections are cut, nothing is flushed.
  void stop_immediately();

  /// SIGKILL to the postmaster; its backends notice and end by themselves.
  void kill();

  /// Halts every process of the server: connections stay open, nobody answers.
  void freeze();
  void thaw();

private:
  std::string program(const std::string& name) const;
  bool answers() const;
  void signal_all(int number);

  temporary_directory directory_;
  std::string user_;
  uint16_t port_ = 0;
  bool frozen_ = false;
  std::optional<process> postmaster_;
};

} // namespace souk::tests
