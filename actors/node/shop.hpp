// All pools of a node: who is spawned, in which order, and who knows whom.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/mailer/actor.hpp"
#include "actors/order/limit.hpp"
#include "actors/runtime/router.hpp"
#include "actors/user/passwords.hpp"
#include "actors/user/revocations.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system_config.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace souk::actors {

/// CAF's settings for a node: messages registered, and the scheduler that neither burns CPU when
/// idle nor lets one actor starve the others. `threads` 0: one per core but one.
class system_config : public caf::actor_system_config {
public:
  explicit system_config(uint32_t threads = 0);
};

struct shop_options {
  uint32_t shards = 64;
  uint32_t readers = 2;
  uint32_t password_workers = 2;
  uint32_t notifiers = 4;
  std::string currency = "USD";
  std::chrono::milliseconds request_timeout{5'000};
  std::chrono::milliseconds write_deadline{10'000};
  size_t cached_users = 1'024; ///< per shard, as the next two
  size_t cached_products = 4'096;
  size_t cached_orders = 512;
  orders::limit order_limit;
  uint32_t external_workers = 0; ///< 0: there is no external catalog
  bool confirm_orders = true;
  std::chrono::milliseconds payment_window{30 * 60 * 1'000};
  password_config passwords;
  mailer_config mail;
  std::chrono::milliseconds token_lifetime{std::chrono::minutes{30}}; ///< of an access token
  std::chrono::milliseconds session_lifetime{std::chrono::hours{24 * 30}};
};

/// Where everyone is; shared with the HTTP threads and the writer.
struct shop_tables {
  std::shared_ptr<shard_table<writer_actor>> writer;
  std::shared_ptr<shard_table<reader_actor>> readers;
  std::shared_ptr<shard_table<password_actor>> passwords;
  std::shared_ptr<shard_table<notifier_actor>> notifiers;
  std::shared_ptr<shard_table<mailer_actor>> mailers;
  std::shared_ptr<shard_table<user_actor>> users;
  std::shared_ptr<shard_table<product_actor>> products;
  std::shared_ptr<shard_table<stock_actor>> stock;
  std::shared_ptr<shard_table<order_actor>> orders;
  std::shared_ptr<shard_table<log_reader_actor>> log_readers;
  std::shared_ptr<shard_table<external_actor>> external; ///< null: there is no external catalog

  std::shared_ptr<actors::revocations> revocations;

  explicit shop_tables(const shop_options& o);
};

/// Persistence as the pools see it.
struct store_factory {
  std::function<writer_actor()> spawn_writer;
  std::function<reader_actor()> spawn_reader;
  std::function<external_actor()> spawn_external = {}; ///< not persistence, but no pool's either
};

/// The running pools. Made and destroyed by one thread, which is not an actor's.
class shop {
public:
  /// Starts everything; `fatal` is called on an actor thread if a domain is given up. Shards may
  /// still wait for their fence when this returns: commands wait with them.
  shop(caf::actor_system& sys, shop_options o, shop_tables tables, store_factory store,
       std::function<void(const std::string& domain)> fatal);
  ~shop(); ///< stops

  /// Stops the pools in reverse order, the writer last of those that have something to write. Waits
  /// until all have ended, for a bounded time.
  void stop();

  const shop_tables& tables() const { return tables_; }

private:
  caf::actor_system& system_;
  shop_tables tables_;
  caf::actor root_;
};

} // namespace souk::actors
