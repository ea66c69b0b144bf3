#include "tests/system/support/database.hpp"

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string_view>

namespace souk::tests {

namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

/// libpq's other form of a URL, because SOCI 4.0.3 takes every connection string apart at its `=`.
std::string key_value_form(const std::string& url) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed{
    PQconninfoParse(url.c_str(), nullptr), PQconninfoFree};
  if (!parsed)
    throw std::runtime_error{"no URL of PostgreSQL: " + url};
  std::string result;
  for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr)
      continue;
    result.append(option->keyword).append("='");
    for (const char* c = option->val; *c != '\0'; ++c)
      result.append(*c == '\'' || *c == '\\' ? "\\" : "").append(1, *c);
    result += "' ";
  }
  return result + "connect_timeout='10'";
}

void open(soci::session& sql, const std::string& url) {
  if (url.starts_with(sqlite_scheme))
    sql.open(soci::sqlite3, "dbname=" + url.substr(sqlite_scheme.size()) + " timeout=5");
  else
    sql.open(soci::postgresql, key_value_form(url));
}

/// The URL of another database on the same server.
std::string with_database(const std::string& server_url, const std::string& name) {
  const auto authority = server_url.find("://") + 3;
  const auto query = server_url.find('?', authority);
  const auto base = server_url.substr(0, query);
  const auto options = query == std::string::npos ? std::string{} : server_url.substr(query);
  return base.substr(0, base.find('/', authority)) + "/" + name + options;
}

std::string unique_name() {
  static std::atomic<int> count = 0;
  return "souk_test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
}

} // namespace

std::string to_string(engine kind) {
  return kind == engine::sqlite ? "sqlite" : "postgresql";
}

database::database(engine kind) : kind_{kind} {
  if (kind == engine::postgresql)
    create_on(required_variable("SOUK_TEST_POSTGRESQL"));
  else
    url_ = std::string{sqlite_scheme} + (dir() / "shop.db").string();
}

database::database(const std::string& server_url) : kind_{engine::postgresql} {
  create_on(server_url);
}

void database::create_on(const std::string& server_url) {
  server_url_ = server_url;
  name_ = unique_name();
  soci::session sql;
  open(sql, server_url_);
  sql << "create database " + name_;
  url_ = with_database(server_url_, name_);
}

database::~database() {
  if (kind_ == engine::sqlite)
    return;
  try {
    soci::session sql;
    open(sql, server_url_);
    sql << "drop database if exists " + name_ + " with (force)";
  } catch (const std::exception& e) {
    std::cerr << "cannot drop " << name_ << ": " << e.what() << '\n';
  }
}

int64_t database::number(const std::string& query) const {
  soci::session sql;
  open(sql, url_);
  long long result = 0;
  sql << query, soci::into(result);
  return result;
}

std::vector<int64_t> database::numbers(const std::string& query) const {
  soci::session sql;
  open(sql, url_);
  long long value = 0;
  soci::statement rows = (sql.prepare << query, soci::into(value));
  rows.execute();
  std::vector<int64_t> result;
  while (rows.fetch())
    result.push_back(value);
  return result;
}

void database::execute(const std::string& statement) const {
  soci::session sql;
  open(sql, url_);
  sql << statement;
}

struct open_transaction::session {
  soci::session sql;
};

open_transaction::open_transaction(const database& where, const std::string& statement)
  : session_{std::make_unique<session>()} {
  open(session_->sql, where.url());
  session_->sql.begin();
  session_->sql << statement;
}

open_transaction::~open_transaction() {
  try {
    session_->sql.rollback();
  } catch (const std::exception& e) {
    std::cerr << "cannot roll back: " << e.what() << '\n';
  }
}

} // namespace souk::tests
