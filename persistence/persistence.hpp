// The only header of persistence/ that others include: open a database, spawn its actors, check the
// books.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/router.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace prometheus {
class Registry;
}

namespace souk::persistence {

/// What is wrong with a database, in one line for the operator.
class database_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A name that no other process has, such as `souk-1f3a9c0d5e7b`.
std::string make_node_name();

struct options {
  std::string url;                     ///< `sqlite:PATH` or `postgresql://...`
  std::string node = make_node_name(); ///< in the tables `ownership` and `writer`; one a process
  uint32_t shards = 64;                ///< used when the database is created, else read from it
  std::string currency = "USD";        ///< the same
  size_t max_batch = 512;              ///< writes in one transaction
  size_t max_queue = 16'384;           ///< writes waiting; more fail with `overloaded`
  size_t max_reads = 4'096; ///< reads waiting for one reader; more fail with `overloaded`
  std::chrono::milliseconds stall_timeout{10'000}; ///< a silent database is taken for lost then
  /// A server's lock that another session holds is waited for so long, because it may be one that
  /// was cut off: PostgreSQL ends those within some 10 s.
  std::chrono::milliseconds lock_patience{20'000};
  std::chrono::milliseconds reconnect_timeout{3'000}; ///< a batch waits this long for a lost one
  std::chrono::hours keep_answers{24};                ///< age at which kept answers are deleted
  std::chrono::milliseconds keep_revocations{std::chrono::hours{24}}; ///< the same of revocations
  std::shared_ptr<prometheus::Registry> registry = {}; ///< where the writer counts; null: nowhere
};

/// The facts of an opened database.
struct opened {
  uint32_t shards = 0;
  std::string currency;
  std::string secret;                          ///< signs tokens; made when the database was created
  bool has_admin = false;                      ///< whether any administrator exists
  bool has_products = false;                   ///< whether the catalog holds anything
  std::vector<actors::revocation> revocations; ///< those that are kept, the oldest first
};

/// A database that this process has for itself (SQLite: a lock on the file; PostgreSQL: a session
/// that holds an advisory lock, which is taken again within seconds when PostgreSQL was restarted
/// or had been cut off) until the object dies. Keep it longer than the actors.
class database {
public:
  virtual ~database() = default;
  virtual const opened& facts() const = 0;
};

/// Opens a database: migrates it, creates what is missing, takes all shards over for `o.node`
/// (their epochs are raised, so that writes of an earlier owner are refused). Throws
/// database_error. `displaced` is called once, on a thread of its own, if the lock was lost and
/// another server has taken over meanwhile, or holds the lock for longer than `lock_patience`:
/// nothing that this process knows is true any more.
std::unique_ptr<database> open(const options& o, std::function<void()> displaced = {});

/// Brings the schema to this program's version, under a lock. Returns the names of the migrations
/// that were applied. Throws database_error.
std::vector<std::string> migrate(const std::string& url);

/// Whom the writer tells what was committed.
struct listeners {
  std::shared_ptr<actors::shard_table<actors::stock_actor>> stock;
  std::shared_ptr<actors::shard_table<actors::notifier_actor>> notifiers;
  std::shared_ptr<actors::shard_table<actors::log_reader_actor>> log_readers;
};

/// Spawns the writer on a thread of its own, and its session on another. See actors/interfaces.hpp
/// for its protocol.
actors::writer_actor spawn_writer(caf::actor_system& sys, const options& o, listeners l);

/// Spawns one reader on a thread of its own.
actors::reader_actor spawn_reader(caf::actor_system& sys, const options& o);

/// Reads the books from the database alone: for every product the sum of movements is the count on
/// hand, and what left the stock for orders is what the orders that count as sold hold. Returns one
/// line for each thing that does not balance. Throws database_error.
struct books {
  int64_t products = 0;
  int64_t orders = 0;
  int64_t movements = 0;
  std::vector<std::string> faults;
};
books check_books(const std::string& url);

} // namespace souk::persistence
