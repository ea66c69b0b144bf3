// Opens a database for this process alone, creates what is missing and takes the shards over.
#include "actors/domain/shards.hpp"
#include "actors/log.hpp"
#include "persistence/committer.hpp"
#include "persistence/connection.hpp"
#include "persistence/event_log.hpp"
#include "persistence/migrations.hpp"
#include "persistence/persistence.hpp"
#include "persistence/search.hpp"
#include "persistence/sql.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace souk::persistence {

using clock = std::chrono::steady_clock;

namespace {

constexpr auto lock_check_interval = std::chrono::seconds{1};

/// An exclusive lock on a file beside the database, given back by the kernel whatever happens.
class file_lock {
public:
  explicit file_lock(const std::string& path) {
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd_ < 0)
      throw database_error("cannot write " + path + ": " + std::generic_category().message(errno));
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      ::close(fd_);
      throw database_error("another server uses this database (" + path + " is locked)");
    }
  }
  ~file_lock() { ::close(fd_); }
  file_lock(const file_lock&) = delete;
  file_lock& operator=(const file_lock&) = delete;

private:
  int fd_ = -1;
};

class opened_database : public database {
public:
  opened_database(const options& o, std::function<void()> displaced);
  const opened& facts() const override { return facts_; }

private:
  void prepare_lock_session();
  bool try_server_lock();
  void wait_for_server_lock();
  void keep_server_lock(const std::stop_token& stop, const std::function<void()>& displaced);
  long long read_epochs();
  void provision(const options& o);
  void load_revocations(const options& o);
  std::string keep_setting(const std::string& key, const std::string& value);

  std::chrono::milliseconds lock_patience_;
  long long epochs_ = 0; ///< their sum when all shards had been taken over: another takeover adds
  connection session_;   ///< after the constructor only the keeper's, if there is one
  std::unique_ptr<file_lock> lock_;
  opened facts_;
  std::jthread keeper_; ///< PostgreSQL only; last, because it uses the others
};

std::string make_secret() {
  std::array<unsigned char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, 65> hex{};
  sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
  return hex.data();
}

opened_database::opened_database(const options& o, std::function<void()> displaced)
  : lock_patience_{o.lock_patience},
    session_{location::parse(o.url), access::writer, o.stall_timeout} {
  if (sodium_init() < 0)
    throw database_error("no source of random numbers");
  auto where = location::parse(o.url);
  try {
    if (where.kind == backend::sqlite) {
      auto dir = std::filesystem::path{where.target}.parent_path();
      std::error_code err;
      if (!dir.empty())
        std::filesystem::create_directories(dir, err);
      if (err)
        throw database_error("cannot make the directory " + dir.string() + ": " + err.message());
      // Of the file itself, whatever links lead to it.
      const auto file = std::filesystem::weakly_canonical(where.target, err);
      lock_ = std::make_unique<file_lock>((err ? where.target : file.string()) + ".lock");
    }
    session_.open();
    if (where.kind == backend::postgresql) {
      prepare_lock_session();
      wait_for_server_lock();
    }
    apply_migrations(session_);
    fill_search(session_);
    session_.begin();
    if (where.kind == backend::postgresql)
      session_.sql() << "set local statement_timeout = 0"; // large tables may be read through
    provision(o);
    rebase_event_log(session_); // now that earlier owners are locked out
    session_.commit();
  } catch (const database_error&) {
    throw;
  } catch (...) {
    std::string why;
    session_.classify(why);
    throw database_error("cannot open the database: " + why);
  }
  // SQLite: the writer's own session is the only other one that writes. PostgreSQL: this connection
  // holds the server's lock.
  if (where.kind == backend::sqlite)
    session_.close();
  else
    keeper_ = std::jthread{[this, displaced = std::move(displaced)](const std::stop_token& stop) {
      keep_server_lock(stop, displaced);
    }};
}

/// PostgreSQL gives the lock back with its session, which it would keep for two hours after the
/// network was cut: it must lose patience with us sooner than we with the lock (`lock_patience`).
/// On a Unix socket, where it hears of our end at once, the first four mean nothing.
void opened_database::prepare_lock_session() {
  auto& s = session_.sql();
  s << "set tcp_keepalives_idle = 2";
  s << "set tcp_keepalives_interval = 1";
  s << "set tcp_keepalives_count = 3";
  s << "set tcp_user_timeout = 5000";
  // The keeper asks something each second. PostgreSQL 13 has no such setting.
  s << "select set_config('idle_session_timeout', '10s', false) from pg_settings "
       "where name = 'idle_session_timeout'";
}

bool opened_database::try_server_lock() {
  int got = 0;
  session_.sql() << "select case when pg_try_advisory_lock(" << server_lock
                 << ") then 1 else 0 end",
    soci::into(got);
  return got == 1;
}

long long opened_database::read_epochs() {
  long long sum = 0;
  session_.sql() << "select cast(sum(epoch) as bigint) from ownership", soci::into(sum);
  return sum;
}

/// The lock lives as long as its session, which survives neither a restart of PostgreSQL nor a cut
/// network. Epochs protect the data from a second server, but it should be refused, not take over.
/// Who holds the lock when we come back may be our own lost session, for a while; another server
/// shows itself by raising the epochs.
void opened_database::keep_server_lock(const std::stop_token& stop,
                                       const std::function<void()>& displaced) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock{mutex};
  bool held = true;
  bool refused = false;
  clock::time_point refused_since{};
  while (!wake.wait_for(lock, stop, lock_check_interval, [&] { return stop.stop_requested(); })) {
    try {
      auto lost = !session_.is_open();
      session_.open();
      connection::guard g{session_};
      if (lost) {
        held = false;
        prepare_lock_session();
      }
      if (held) {
        session_.sql() << "select 1";
        continue;
      }
      held = try_server_lock();
      auto now = clock::now();
      if (!held && !std::exchange(refused, true)) {
        refused_since = now;
        spdlog::warn("another session holds the database's server lock");
      }
      if (read_epochs() != epochs_ || (!held && now - refused_since > lock_patience_)) {
        spdlog::critical("another server has taken this database over");
        session_.close(); // with the lock, if the other one has ended since
        if (displaced)
          displaced();
        return;
      }
      if (held) {
        refused = false;
        spdlog::info("the database's server lock is held again");
      }
    } catch (...) {
      session_.close(); // the writer tells that the database is away
    }
  }
}

/// A server that was killed or cut off may still hold the lock until PostgreSQL notices.
void opened_database::wait_for_server_lock() {
  auto patience = std::min(lock_patience_, std::chrono::milliseconds{8'000});
  auto deadline = clock::now() + patience;
  while (!try_server_lock()) {
    if (clock::now() > deadline)
      throw database_error(
        "another server uses this database (it holds the advisory lock "
        + std::to_string(server_lock) + ", for which this one has waited "
        + std::to_string(std::chrono::round<std::chrono::seconds>(patience).count()) + " s)");
    session_.sql() << "select pg_sleep(0.1)";
  }
}

/// The stored value of a setting that is fixed when the database is created.
std::string opened_database::keep_setting(const std::string& key, const std::string& value) {
  auto& s = session_.sql();
  s << "insert into setting (key, value) values (:k, :v) on conflict (key) do nothing",
    soci::use(key, "k"), soci::use(value, "v");
  std::string stored;
  s << "select value from setting where key = :k", soci::use(key, "k"), soci::into(stored);
  return stored;
}

void opened_database::load_revocations(const options& o) {
  query<std::string, std::string, long long> kept{
    session_.sql(),
    "select cast(user_id as text), session, before from revocation "
    "where created_at > cast(:since as bigint) order by id",
    {"since"}};
  kept.param(0) = std::to_string(now_ms() - o.keep_revocations.count());
  kept.run([this](const std::string& user, const std::string& session, long long before) {
    facts_.revocations.push_back(
      {domain::parse_uuid(user).value_or(domain::uuid{}), session, before});
  });
}

void opened_database::provision(const options& o) {
  auto& s = session_.sql();
  facts_.shards =
    static_cast<uint32_t>(std::stoul(keep_setting("shards", std::to_string(o.shards))));
  facts_.currency = keep_setting("currency", o.currency);
  const auto warn = [](std::string_view name, const auto& wanted, const auto& kept) {
    if (wanted != kept)
      spdlog::warn("{} is {}, but this database was made with {}, which stays", name, wanted, kept);
  };
  warn("actors.shards", o.shards, facts_.shards);
  warn("shop.currency", o.currency, facts_.currency);
  facts_.secret = keep_setting("auth.secret", make_secret());
  std::string rows = "[";
  for (auto domain : domain::all_domains)
    for (uint32_t shard = 0; shard < facts_.shards; ++shard) {
      // Counter 0 of shard 0 would be id 0, which means "none".
      rows += (rows.size() > 1 ? ",{\"d\":" : "{\"d\":") + std::to_string(static_cast<int>(domain))
              + ",\"s\":" + std::to_string(shard) + ",\"n\":" + (shard == 0 ? "1}" : "0}");
    }
  rows += "]";
  auto source =
    rows_of(session_.kind(), "rows", {{"d", "integer"}, {"s", "integer"}, {"n", "bigint"}});
  s << "insert into ownership (domain, shard, node, epoch, incarnation) "
       "select d, s, '', 0, 0 from "
         + source + " where true on conflict do nothing",
    soci::use(rows, "rows");
  s << "insert into id_block (domain, shard, next) select d, s, n from " + source
         + " where true on conflict do nothing",
    soci::use(rows, "rows");
  s << "update ownership set node = :node, epoch = epoch + 1", soci::use(o.node, "node");
  // A step of two: an earlier owner whose COMMIT got no answer looks for the next number, and must
  // not take ours for its own.
  s << "insert into writer (id, batch) values (:id, 0) "
       "on conflict (id) do update set batch = writer.batch + 2",
    soci::use(o.node, "id");
  int admins = 0;
  int products = 0;
  s << "delete from writer where id not in (select node from ownership)";
  s << "select count(*) from (select 1 as one from users where role = 1 limit 1) as u",
    soci::into(admins);
  s << "select count(*) from (select 1 as one from product limit 1) as p", soci::into(products);
  epochs_ = read_epochs();
  load_revocations(o);
  facts_.has_admin = admins > 0;
  facts_.has_products = products > 0;
}

} // namespace

std::string make_node_name() {
  if (sodium_init() < 0)
    throw database_error("no source of random numbers");
  return "souk-" + make_secret().substr(0, 12);
}

std::unique_ptr<database> open(const options& o, std::function<void()> displaced) {
  return std::make_unique<opened_database>(o, std::move(displaced));
}

} // namespace souk::persistence
