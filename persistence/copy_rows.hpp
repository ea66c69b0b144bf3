// COPY ... FROM STDIN (FORMAT BINARY): PostgreSQL's cheapest way in for rows that are only added.
// The format is described in its manual, "COPY", "Binary Format".
#pragma once

#include "actors/domain/uuid.hpp"
#include "persistence/pipeline.hpp"

#include <soci/soci.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace souk::persistence {

/// Appends one row. The columns come in the statement's order, each of exactly its column's type:
/// the server does not convert.
class copy_row {
public:
  /// `out` is empty before the first row.
  copy_row(std::string& out, int16_t columns);

  copy_row& smallint(int64_t value); ///< must fit
  copy_row& bigint(int64_t value);
  copy_row& text(std::string_view value);
  copy_row& bigints(std::span<const int64_t> values); ///< an array, not empty
  copy_row& uuid(const domain::uuid& value);
  copy_row& null();

private:
  std::string& out_;
};

/// The values of rows made by `copy_row`, which must stay as they are; none if there are more than
/// `most` rows.
std::vector<std::vector<binary_value>> few_rows(std::string_view rows, size_t most);

/// Runs statements in one message, separated by `;`, each a COPY FROM STDIN of binary rows, and
/// feeds each the text at its place in `rows` (not empty). The session must be in a transaction.
/// Throws soci::postgresql_soci_error.
void copy_in(soci::session& s, const std::string& sql, std::span<std::string* const> rows);

} // namespace souk::persistence
