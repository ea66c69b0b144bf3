// Statements that PostgreSQL gets in one go: libpq's pipeline mode ("Pipeline Mode" in its manual).
// Where all cores are at work, each answer that is waited for costs two turns on a processor, which
// took longer than what a small statement does.
#pragma once

#include <soci/soci.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct pg_result;

namespace souk::persistence {

/// The rows that one statement came to.
class pipeline_rows {
public:
  explicit pipeline_rows(std::shared_ptr<pg_result> rows) : rows_{std::move(rows)} {}

  size_t size() const;
  void get(size_t row, int column, long long& value) const;
  void get(size_t row, int column, std::string& value) const;

private:
  std::string_view text(size_t row, int column) const;

  std::shared_ptr<pg_result> rows_;
};

/// A value as PostgreSQL's binary format has it.
struct binary_value {
  const char* data = nullptr; ///< null: SQL's null
  int length = 0;             ///< bytes
};

/// Collects statements, then runs them. Used by the session's thread, while the session does
/// nothing else.
class pipeline {
public:
  explicit pipeline(soci::session& s) : session_{s} {}

  /// A statement without parameters, not prepared.
  void add(std::string text);

  /// One that SOCI has prepared, `text`, with the parameters `names` at `values`. The values must
  /// stay as they are until `run`.
  void add(soci::statement& prepared, std::string text, std::span<const std::string> names,
           std::span<const std::string> values);

  /// One prepared by `prepare`, with its parameters in their order; they must stay, too.
  void add(const char* prepared, std::span<const binary_value> values);

  bool empty() const { return asked_.empty(); }

  /// Sends all and waits for all. What they came to, in their order. One that fails ends those
  /// behind it: throws its soci::postgresql_soci_error. After one that `connection::classify` calls
  /// lost the session must be closed.
  std::vector<pipeline_rows> run();

private:
  struct asked {
    std::string name; ///< of a prepared one; empty: `text` is sent
    std::string text; ///< for whoever reads of an error
    std::vector<const char*> values;
    std::vector<int> lengths; ///< empty: the values are text
  };

  soci::session& session_;
  std::vector<asked> asked_;
};

/// Prepares a statement with parameters $1, $2, ... under a name, for the session's life. Throws
/// soci::postgresql_soci_error.
void prepare(soci::session& s, const char* name, const std::string& text);

} // namespace souk::persistence
