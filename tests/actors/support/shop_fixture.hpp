// The shards of a small shop on the deterministic scheduler, in front of a scripted store.
#pragma once

#include "actors/order/actor.hpp"
#include "actors/product/actor.hpp"
#include "actors/stock/actor.hpp"
#include "actors/user/actor.hpp"
#include "tests/actors/support/scripted_store.hpp"

#include <initializer_list>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace souk::actors::test {

/// What the order and product shards say to the stock, one actor for all shards. Everything is held
/// at once, at a price of 100, unless it is held back.
struct scripted_stock {
  std::vector<reserve_stock> reserved;
  std::vector<int64_t> released; ///< reservation ids
  std::vector<complete_product> completed;
  int64_t price = 100;    ///< of every product
  std::set<int64_t> gone; ///< products that do not exist
  bool hold = false;      ///< reservations are not answered
  caf::error refuse_with; ///< reservations fail with this, if it is set
  std::optional<ec> complete_fails;
};

/// 4 shards a domain. Users, products and orders are owned by id modulo 4.
class shop_fixture : public actor_fixture {
public:
  static constexpr uint32_t shards = 4;

  shop_fixture();
  ~shop_fixture();

  /// The settings that all shards need; of shard `shard`.
  template <class Config>
  Config config_of(uint32_t shard) {
    Config c;
    c.shard = shard;
    c.shards = shards;
    c.now = [this] { return now(); };
    return c;
  }

  /// Starts a shard, or its next life; a stock shard is known under its number.
  stock_actor start_stock(stock_config c);
  stock_actor start_stock(uint32_t shard) { return start_stock(config_of<stock_config>(shard)); }
  product_actor start_product(shard_config c);
  product_actor start_product(uint32_t shard) {
    return start_product(config_of<shard_config>(shard));
  }
  order_actor start_order(order_config c);
  order_actor start_order(uint32_t shard) { return start_order(config_of<order_config>(shard)); }
  user_actor start_user(user_config c);
  user_actor start_user(uint32_t shard) { return start_user(config_of<user_config>(shard)); }

  std::shared_ptr<shard_table<mailer_actor>> mailer_table =
    std::make_shared<shard_table<mailer_actor>>(1);
  std::shared_ptr<revocations> revoked = std::make_shared<revocations>(30min);
  std::vector<send_mail> mails;

  /// Puts a scripted stock in the place of all stock shards.
  void script_stock();

  static domain::uuid user(uint8_t n) {
    domain::uuid id;
    id.bytes[15] = n;
    return id;
  }

  /// A command's head: of user `n`, with an Idempotency-Key if one is given.
  static call by(uint8_t n, std::string key = "", std::string fingerprint = "body") {
    call c;
    c.request_id = "request";
    c.caller = user(n);
    if (!key.empty())
      c.key = {std::move(key), std::move(fingerprint)};
    return c;
  }
  static call by_admin(std::string key = "", std::string fingerprint = "body") {
    auto c = by(0, std::move(key), std::move(fingerprint));
    c.role = domain::user_role::admin;
    return c;
  }

  /// An order of user `n`.
  static place_order order_of(call c, std::initializer_list<wanted_line> lines) {
    place_order cmd;
    cmd.call = std::move(c);
    cmd.lines = lines;
    return cmd;
  }

  reserve_stock want(int64_t reservation, std::initializer_list<wanted_line> lines,
                     milliseconds patience = 10s) {
    return {reservation, lines, now() + patience.count()};
  }

  scripted_store store{*this};
  scripted_stock stock;
  std::shared_ptr<shard_table<stock_actor>> stock_table =
    std::make_shared<shard_table<stock_actor>>(shards);

private:
  stock_actor::behavior_type scripted_stock_behavior(stock_actor::pointer self);
};

/// The context of an error, e.g. the shortages of `out_of_stock`; empty if there is none.
template <class T>
T context_of(const caf::error& why) {
  if (!why || why.context().size() != 1 || !why.context().match_element<T>(0))
    return {};
  return why.context().get_as<T>(0);
}

} // namespace souk::actors::test
