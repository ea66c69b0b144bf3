// A database of its own for each test: a SQLite file, or a database on a running PostgreSQL.
#pragma once

#include "tests/system/support/process.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace souk::tests {

enum class engine { sqlite, postgresql };

std::string to_string(engine kind);

/// Dropped at the end, whoever is still connected. SQL on a SQLite file wants the server stopped,
/// because it may lock the file.
class database {
public:
  /// On PostgreSQL: a new database on the server at SOUK_TEST_POSTGRESQL; throws
  /// std::runtime_error if that is not set.
  explicit database(engine kind);

  /// A new PostgreSQL database on another server, given as a superuser's URL.
  explicit database(const std::string& server_url);

  database(const database&) = delete;
  database& operator=(const database&) = delete;
  ~database();

  engine kind() const { return kind_; }
  const std::string& url() const { return url_; }                        ///< for `database.url`
  const std::filesystem::path& dir() const { return directory_.path(); } ///< for `data.dir`

  /// A query's single number.
  int64_t number(const std::string& query) const;

  /// The first column of a query's rows.
  std::vector<int64_t> numbers(const std::string& query) const;

  void execute(const std::string& statement) const;

private:
  void create_on(const std::string& server_url);

  engine kind_;
  std::string url_;
  std::string server_url_; ///< PostgreSQL: where to create and drop
  std::string name_;       ///< PostgreSQL: the database's name
  temporary_directory directory_;
};

/// An open transaction of a session of its own in which one statement was executed, e.g. one that
/// locks a table. Rolled back at the end.
class open_transaction {
public:
  open_transaction(const database& where, const std::string& statement);
  open_transaction(const open_transaction&) = delete;
  open_transaction& operator=(const open_transaction&) = delete;
  ~open_transaction();

private:
  struct session;
  std::unique_ptr<session> session_;
};

} // namespace souk::tests
