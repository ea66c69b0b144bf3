// libpq's answers and errors, for the sources that use it beside SOCI.
#pragma once

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>

#include <memory>
#include <string>

namespace souk::persistence {

using postgres_result = std::unique_ptr<PGresult, decltype(&PQclear)>;

inline PGconn* raw(soci::session& s) {
  return static_cast<soci::postgresql_session_backend*>(s.get_backend())->conn_;
}

/// `result`: null if it never came. An error without the server's word is a lost connection
/// (08000).
inline soci::postgresql_soci_error error_of(const char* what, PGconn* c, const PGresult* result) {
  auto* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  auto text = std::string{what}.append(" ");
  text.append(result ? PQresultErrorMessage(result) : PQerrorMessage(c));
  return {text, state ? state : "08000"};
}

} // namespace souk::persistence
