#include "persistence/migrations.hpp"

#include "persistence/persistence.hpp"
#include "persistence/search.hpp"

#include <chrono>
#include <string>

namespace souk::persistence {

namespace {

const std::vector<migration> sqlite_migrations{
#include "generated/migrations_sqlite.inc"
};

const std::vector<migration> postgresql_migrations{
#include "generated/migrations_postgresql.inc"
};

/// Any number, the same in every version of this program: who migrates holds it.
constexpr long long migration_lock = 0x736f756b01;

/// SQLite runs one statement at a time, so a file is cut after each `;` that ends a line.
void run_script(soci::session& s, std::string_view sql) {
  std::string statement;
  while (!sql.empty()) {
    auto end = sql.find('\n');
    auto line = sql.substr(0, end);
    sql.remove_prefix(end == std::string_view::npos ? sql.size() : end + 1);
    if (auto comment = line.find("--"); comment != std::string_view::npos)
      line = line.substr(0, comment);
    while (!line.empty() && line.back() == ' ')
      line.remove_suffix(1);
    statement.append(line).append("\n");
    if (!line.empty() && line.back() == ';') {
      s << statement.substr(0, statement.size() - 2);
      statement.clear();
    }
  }
}

/// Whoever opens the shop holds the lock in this very session, which does not stand in its own way.
void expect_no_server(soci::session& s) {
  int free = 0;
  s << "select case when pg_try_advisory_xact_lock(" << server_lock << ") then 1 else 0 end",
    soci::into(free);
  if (free == 0)
    throw database_error("a server uses this database as it is: stop it first");
}

} // namespace

const std::vector<migration>& migrations(backend kind) {
  return kind == backend::sqlite ? sqlite_migrations : postgresql_migrations;
}

int schema_version(connection& c) {
  auto& s = c.sql();
  int found = 0;
  if (c.kind() == backend::postgresql)
    s << "select case when to_regclass('schema_migration') is null then 0 else 1 end",
      soci::into(found);
  else
    s << "select count(*) from sqlite_master where name = 'schema_migration'", soci::into(found);
  int version = 0;
  if (found != 0)
    s << "select coalesce(max(version), 0) from schema_migration", soci::into(version);
  return version;
}

void refuse_newer(backend kind, int version) {
  auto newest = migrations(kind).back().version;
  if (version > newest)
    throw database_error("the database's schema has version " + std::to_string(version)
                         + ", this program knows " + std::to_string(newest)
                         + ": use a newer program");
}

std::vector<std::string> apply_migrations(connection& c) {
  auto& s = c.sql();
  auto& all = migrations(c.kind());
  std::vector<std::string> applied;
  c.begin();
  try {
    if (c.kind() == backend::postgresql) {
      s << "set local statement_timeout = 0"; // large tables, and others' migrations before ours
      s << "set local lock_timeout = '60s'";
      s << "select pg_advisory_xact_lock(" << migration_lock << ")";
    }
    s << "create table if not exists schema_migration ("
         "version integer primary key, name text not null, applied_at bigint not null)";
    int current = 0;
    s << "select coalesce(max(version), 0) from schema_migration", soci::into(current);
    refuse_newer(c.kind(), current);
    if (c.kind() == backend::postgresql && current < all.back().version)
      expect_no_server(s);
    for (auto& m : all) {
      if (m.version <= current)
        continue;
      run_script(s, m.sql);
      long long now = std::chrono::duration_cast<std::chrono::milliseconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count();
      std::string name{m.name};
      s << "insert into schema_migration (version, name, applied_at) values (:v, :n, :t)",
        soci::use(m.version, "v"), soci::use(name, "n"), soci::use(now, "t");
      applied.push_back(name);
    }
    c.commit();
  } catch (...) {
    c.rollback();
    throw;
  }
  return applied;
}

std::vector<std::string> migrate(const std::string& url) {
  connection c{location::parse(url), access::reader, std::chrono::seconds{60}};
  try {
    c.open();
    c.sql() << (c.kind() == backend::sqlite ? "pragma query_only = off"
                                            : "set default_transaction_read_only = off");
    auto applied = apply_migrations(c);
    fill_search(c);
    return applied;
  } catch (const database_error&) {
    throw;
  } catch (...) {
    std::string why;
    c.classify(why);
    throw database_error("cannot migrate the database: " + why);
  }
}

} // namespace souk::persistence
