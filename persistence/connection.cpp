#include "persistence/connection.hpp"

#include "persistence/persistence.hpp"
#include "persistence/postgres_result.hpp"

#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <string_view>

namespace souk::persistence {

namespace {

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ')
    text.pop_back();
  return text;
}

/// Whether the session is of no use any more. In a pipeline that was not brought to its end nobody
/// knows what it would answer next.
bool is_broken(const PGconn* c) {
  return PQstatus(c) == CONNECTION_BAD || PQpipelineStatus(c) != PQ_PIPELINE_OFF;
}

/// What SOCI says of an error, with the statement but without the values that it was given: they
/// are the customers'.
std::string without_values(std::string text) {
  constexpr size_t enough = 500;
  if (auto values = text.find("\" with :"); values != text.npos)
    text.resize(values + 1);
  if (text.size() > enough)
    text.replace(enough, text.npos, "...");
  return one_line(std::move(text));
}

/// Whether host, port and database may be what they are called. `@` begins an abstract socket.
bool is_place(const PQconninfoOption& options) {
  auto is_port = [](char c) { return (c >= '0' && c <= '9') || c == ','; };
  for (auto* x = &options; x->keyword != nullptr; ++x) {
    const std::string_view key = x->keyword;
    const std::string_view value = x->val != nullptr ? x->val : "";
    const bool socket = !value.empty() && (value.front() == '/' || value.front() == '@');
    if (key == "port" && !std::all_of(value.begin(), value.end(), is_port))
      return false;
    if (((key == "host" && !socket) || key == "dbname") && value.find('@') != value.npos)
      return false;
  }
  return true;
}

/// A libpq connection string from a URI, with our defaults for what it leaves open.
std::string conninfo(const std::string& uri) {
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed{
    PQconninfoParse(uri.c_str(), nullptr), PQconninfoFree};
  // Not in libpq's words: they quote the URI, and so its password. One that is not encoded ends up
  // in the host or the port.
  if (!parsed || !is_place(*parsed))
    throw database_error("database.url is no URI as PostgreSQL reads it: in a user name or "
                         "password, characters such as % : / ? # [ ] @ must be percent-encoded "
                         "(% as %25, @ as %40); and is each parameter one of libpq's?");
  std::string out;
  auto add = [&out](std::string_view key, std::string_view value) {
    out.append(key).append("='");
    for (char c : value) {
      if (c == '\'' || c == '\\')
        out += '\\';
      out += c;
    }
    out += "' ";
  };
  auto given = [&](std::string_view key) {
    for (auto* x = parsed.get(); x->keyword != nullptr; ++x)
      if (key == x->keyword)
        return x->val != nullptr;
    return false;
  };
  for (auto* x = parsed.get(); x->keyword != nullptr; ++x)
    if (x->val != nullptr)
      add(x->keyword, x->val);
  // A dead host must not hold a write for the kernel's fifteen minutes.
  if (!given("connect_timeout"))
    add("connect_timeout", "2");
  if (!given("tcp_user_timeout"))
    add("tcp_user_timeout", "5000");
  if (!given("application_name"))
    add("application_name", "souk");
  add("client_encoding", "UTF8");
  return out;
}

constexpr std::chrono::milliseconds busy_pause{20};

fault of_sqlstate(const std::string& state) {
  auto is_class = [&](std::string_view c) { return state.compare(0, 2, c) == 0; };
  if (is_class("08") || state == "57P01" || state == "57P02" || state == "57P03" || state == "25P03"
      || state == "25006")
    return fault::lost;
  if (is_class("40") || state == "55P03" || state == "57014")
    return fault::retry;
  if (is_class("22") || is_class("23"))
    return fault::data;
  return fault::other;
}

fault of_sqlite(int code) {
  switch (code & 0xff) {
  case 5:
  case 6: return fault::retry; // BUSY, LOCKED
  case 18:
  case 19:
  case 20: return fault::data; // TOOBIG, CONSTRAINT, MISMATCH
  case 10:
  case 11:
  case 13:
  case 14:
  case 26: return fault::lost; // IOERR, CORRUPT, FULL, CANTOPEN
  default: return fault::other;
  }
}

} // namespace

location location::parse(const std::string& url) {
  if (url.rfind("sqlite:", 0) == 0 && url.size() > 7)
    return {backend::sqlite, url.substr(7)};
  if (url.rfind("postgresql://", 0) == 0 || url.rfind("postgres://", 0) == 0)
    return {backend::postgresql, url};
  throw database_error("database.url is neither sqlite:PATH nor postgresql://...");
}

connection::connection(location where, access how, std::chrono::milliseconds stall_timeout)
  : where_{std::move(where)}, how_{how}, stall_timeout_{stall_timeout} {
  if (where_.kind == backend::postgresql)
    watchdog_ = std::thread{[this] { watch(); }};
}

connection::~connection() {
  close();
  {
    std::lock_guard g{mutex_};
    stop_ = true;
  }
  wake_.notify_all();
  if (watchdog_.joinable())
    watchdog_.join();
}

void connection::open() {
  if (session_)
    return;
  if (where_.kind == backend::postgresql)
    return open_postgresql();
  // SQLite's busy time-out does not cover the switch to WAL, which a new file goes through.
  for (auto left = std::chrono::seconds{5} / busy_pause;; --left) {
    try {
      return open_sqlite();
    } catch (const soci::sqlite3_soci_error& e) {
      if (of_sqlite(e.result()) != fault::retry || left <= 0)
        throw;
      pause(busy_pause);
    }
  }
}

void connection::open_sqlite() {
  // Quoted: SOCI splits its connection string at spaces.
  auto s = std::make_unique<soci::session>(soci::sqlite3, "db=\"" + where_.target + "\" timeout=5");
  *s << "pragma journal_mode = wal";
  *s << "pragma synchronous = full"; // NORMAL may lose acknowledged commits with the power
  *s << "pragma foreign_keys = on";
  *s << "pragma temp_store = memory";
  *s << "pragma cache_size = -8192"; // KiB
  if (how_ == access::reader)
    *s << "pragma query_only = on";
  session_ = std::move(s);
}

void connection::open_postgresql() {
  auto s = std::make_unique<soci::session>(soci::postgresql, conninfo(where_.target));
  PQsetNoticeProcessor(
    raw(*s), [](void*, const char*) {}, nullptr);
  PQsetErrorVerbosity(raw(*s), PQERRORS_TERSE); // the details are a row's values
  {
    std::lock_guard g{mutex_};
    socket_ = PQsocket(raw(*s));
    session_ = std::move(s);
  }
  try {
    guard g{*this};
    prepare_postgresql();
  } catch (...) {
    close();
    throw;
  }
}

void connection::prepare_postgresql() {
  auto* s = session_.get();
  *s << "set synchronous_commit = on";
  *s << "set idle_in_transaction_session_timeout = '2s'";
  *s << "set lock_timeout = '2s'";
  *s << "set statement_timeout = '10s'";
  *s << "set jit = off";
  if (how_ == access::writer) {
    // The batch statements drive index look-ups from a few hundred rows of JSON, whose number the
    // planner cannot know; a plan for the wrong number would scan whole tables.
    *s << "set enable_seqscan = off";
    *s << "set enable_hashjoin = off";
    *s << "set enable_mergejoin = off";
    *s << "set plan_cache_mode = force_generic_plan";
  } else {
    *s << "set default_transaction_read_only = on";
    // Pages are a few hundred rows, found by indexes that are in memory or on a disk without seeks;
    // by its defaults the planner would rather read a whole table or index in order.
    *s << "set enable_mergejoin = off";
    *s << "set random_page_cost = 1.1";
  }
}

void connection::close() {
  {
    std::lock_guard g{mutex_};
    socket_ = -1;
    due_.reset();
  }
  session_.reset();
}

fault connection::classify(std::string& text) const {
  try {
    throw;
  } catch (const soci::postgresql_soci_error& e) {
    text = without_values(e.what());
    // SOCI reports a connection that breaks without a server's word as state 08000 or none at all.
    if (session_ && is_broken(raw(*session_)))
      return fault::lost;
    return of_sqlstate(e.sqlstate());
  } catch (const soci::sqlite3_soci_error& e) {
    text = without_values(e.what());
    // SQLite has no code of its own for this one.
    if (text.find("malformed JSON") != text.npos)
      return fault::data;
    return of_sqlite(e.result());
  } catch (const std::exception& e) {
    text = one_line(e.what());
    if (where_.kind == backend::postgresql && (!session_ || is_broken(raw(*session_))))
      return fault::lost;
    return fault::other;
  }
}

void connection::pause(std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  wake_.wait_for(lock, time, [this] { return stop_; });
}

void connection::begin() {
  if (where_.kind == backend::sqlite)
    *session_ << "begin immediate"; // SOCI's own begin is deferred: two writers could deadlock
  else
    session_->begin();
}

void connection::commit() {
  if (where_.kind == backend::sqlite)
    *session_ << "commit";
  else
    session_->commit();
}

void connection::rollback() noexcept {
  try {
    if (!session_)
      return;
    if (where_.kind == backend::sqlite)
      *session_ << "rollback";
    else
      session_->rollback();
  } catch (...) {
    // Nothing to roll back (SQLite does it by itself after some errors), or the session is gone:
    // the caller opens a new one when the next statement fails.
  }
}

void connection::arm() {
  if (where_.kind != backend::postgresql)
    return;
  {
    std::lock_guard g{mutex_};
    due_ = std::chrono::steady_clock::now() + stall_timeout_;
  }
  // No wake-up here: the watchdog looks often enough, and this is the hot path.
}

void connection::disarm() {
  std::lock_guard g{mutex_};
  due_.reset();
}

void connection::watch() {
  std::unique_lock lock{mutex_};
  while (!stop_) {
    wake_.wait_for(lock, std::max(stall_timeout_ / 10, std::chrono::milliseconds{20}));
    if (due_ && std::chrono::steady_clock::now() > *due_ && socket_ >= 0) {
      ::shutdown(socket_, SHUT_RDWR);
      due_.reset();
    }
  }
}

} // namespace souk::persistence
