// Breaks a committer's connection in every way that matters. Call these from `committer::on_step`.
#pragma once

#include "persistence/connection.hpp"
#include "tests/system/support/database.hpp"

#include <sys/types.h>

namespace souk::tests {

/// Throws what a database says when it is lost in the middle of a statement. PostgreSQL: the
/// session is ended and says so by itself.
void lose(persistence::connection& c, const database& where);

/// Throws what means neither a loss nor bad data.
[[noreturn]] void break_down();

/// The transaction is not committed, and the COMMIT that follows does not tell.
void drop_commit(persistence::connection& c, const database& where);

/// The transaction is committed, but the COMMIT that follows gets no answer.
void swallow_answer(persistence::connection& c, const database& where);

/// PostgreSQL: the process that serves a connection.
pid_t backend_of(persistence::connection& c);

/// PostgreSQL: ends a session from another one, and waits until it is gone.
void terminate(pid_t backend, const database& where);

/// PostgreSQL: a server process that stands still while this lives.
class frozen_backend {
public:
  explicit frozen_backend(pid_t backend);
  frozen_backend(const frozen_backend&) = delete;
  frozen_backend& operator=(const frozen_backend&) = delete;
  ~frozen_backend() { thaw(); }

  void thaw();
  pid_t pid() const { return backend_; } ///< 0 when it was thawed

private:
  pid_t backend_;
};

} // namespace souk::tests
