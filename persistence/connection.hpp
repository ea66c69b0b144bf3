// One SOCI session to either database, its dialect, and what its errors mean.
#pragma once

#include <soci/soci.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace souk::persistence {

enum class backend : uint8_t { sqlite, postgresql };

/// What an exception from SOCI means for the transaction that it ended.
enum class fault : uint8_t {
  lost,  ///< no connection (any more); before COMMIT this means: not committed
  retry, ///< serialisation failure, deadlock, lock time-out: the same again may succeed
  data,  ///< the values themselves were refused
  other, ///< a mistake of ours, or no permission, no space, ...
};

enum class access : uint8_t {
  writer, ///< durable commits, plans pinned to index look-ups
  reader,
};

/// `sqlite:PATH` or `postgresql://...` taken apart. Throws database_error for anything else.
struct location {
  backend kind = backend::sqlite;
  std::string target; ///< the path, or what libpq understands

  static location parse(const std::string& url);
};

/// A session that can be opened again after a loss. Used by one thread.
class connection {
public:
  /// `stall_timeout`: a guarded statement that takes longer has its socket shut, so that it fails
  /// as `lost` (a frozen database would block this thread for ever otherwise).
  connection(location where, access how, std::chrono::milliseconds stall_timeout);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  backend kind() const { return where_.kind; }

  /// Opens the session if it is not open. Throws whatever SOCI throws.
  void open();
  void close();
  bool is_open() const { return session_ != nullptr; }

  /// The open session. Statements prepared on it must be gone before `close`.
  soci::session& sql() { return *session_; }

  /// Classifies the exception in flight (call inside a catch block) and writes its text, one line.
  fault classify(std::string& text) const;

  /// Blocks this thread before it tries again; ends early when the object is being destroyed.
  void pause(std::chrono::milliseconds time);

  void begin();
  void commit();
  /// Never throws; a session that cannot roll back fails at its next statement.
  void rollback() noexcept;

  /// Watches this thread's statements while it lives.
  class guard {
  public:
    explicit guard(connection& c) : c_{c} { c_.arm(); }
    ~guard() { c_.disarm(); }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;

  private:
    connection& c_;
  };

private:
  void open_sqlite();
  void open_postgresql();
  void prepare_postgresql();
  void arm();
  void disarm();
  void watch();

  location where_;
  access how_;
  std::chrono::milliseconds stall_timeout_;
  std::unique_ptr<soci::session> session_;

  // The watchdog: PostgreSQL only.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<std::chrono::steady_clock::time_point> due_;
  int socket_ = -1;
  bool stop_ = false;
  std::thread watchdog_;
};

} // namespace souk::persistence
