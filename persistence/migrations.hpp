// The numbered migrations, compiled in from migrations/.
#pragma once

#include "persistence/connection.hpp"

#include <string_view>
#include <vector>

namespace souk::persistence {

/// Any number, the same in every version: the server of a database holds this lock in PostgreSQL.
inline constexpr long long server_lock = 0x736f756b02;

struct migration {
  int version;
  std::string_view name; ///< the file's name without its ending, e.g. `0001_core`
  std::string_view sql;
};

/// In ascending order of versions, which are 1, 2, 3, ...
const std::vector<migration>& migrations(backend kind);

/// The version of a database's schema; 0: it is not Souk's. Throws what SOCI throws.
int schema_version(connection& c);

/// Throws database_error if the schema is newer than this program.
void refuse_newer(backend kind, int version);

/// Applies what is missing on an open session, in one transaction and under a lock. Returns the
/// names of what was applied. Throws database_error when the database is newer than this program,
/// or if something is missing while another session serves it: its statements would fail.
std::vector<std::string> apply_migrations(connection& c);

} // namespace souk::persistence
