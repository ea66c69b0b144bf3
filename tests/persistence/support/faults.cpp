#include "tests/persistence/support/faults.hpp"

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/socket.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <system_error>

namespace souk::tests {

namespace {

constexpr int io_error = 10; // SQLITE_IOERR

bool on_sqlite(const persistence::connection& c) {
  return c.kind() == persistence::backend::sqlite;
}

PGconn* raw(persistence::connection& c) {
  return static_cast<soci::postgresql_session_backend*>(c.sql().get_backend())->conn_;
}

void wait_for(const database& where, const std::string& condition) {
  auto ok = eventually(10s, [&] { return where.number("select count(*) " + condition) == 1; });
  if (!ok)
    throw std::runtime_error("this never came true: " + condition);
}

} // namespace

void lose(persistence::connection& c, const database& where) {
  if (on_sqlite(c))
    throw soci::sqlite3_soci_error("disk I/O error", io_error);
  terminate(backend_of(c), where);
  c.sql() << "select 1";
}

void break_down() {
  throw std::runtime_error("a mistake in a statement");
}

void drop_commit(persistence::connection& c, const database& where) {
  if (on_sqlite(c))
    c.sql() << "rollback";
  else
    terminate(backend_of(c), where);
}

void swallow_answer(persistence::connection& c, const database& where) {
  if (on_sqlite(c)) {
    c.sql() << "commit";
    return;
  }
  auto backend = backend_of(c);
  if (PQsendQuery(raw(c), "commit") != 1)
    throw std::runtime_error("cannot send COMMIT");
  wait_for(where, "from pg_stat_activity where state = 'idle' and query = 'commit' and pid = "
                    + std::to_string(backend));
  ::shutdown(PQsocket(raw(c)), SHUT_RDWR);
}

pid_t backend_of(persistence::connection& c) {
  return PQbackendPID(raw(c));
}

void terminate(pid_t backend, const database& where) {
  auto pid = std::to_string(backend);
  where.execute("select pg_terminate_backend(" + pid + ")");
  wait_for(where, "where not exists (select 1 from pg_stat_activity where pid = " + pid + ")");
}

frozen_backend::frozen_backend(pid_t backend) : backend_{backend} {
  if (::kill(backend_, SIGSTOP) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot stop a server process");
}

void frozen_backend::thaw() {
  if (backend_ > 0)
    ::kill(backend_, SIGCONT);
  backend_ = 0;
}

} // namespace souk::tests
