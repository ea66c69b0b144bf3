// The order shard.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/order/limit.hpp"
#include "actors/runtime/kept_answers.hpp"
#include "actors/runtime/lru_cache.hpp"
#include "actors/runtime/one_at_a_time.hpp"
#include "actors/runtime/shard.hpp"

#include <caf/stateful_actor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace souk::actors {

struct order_config : shard_config {
  std::string currency = "USD";
  orders::limit limit;
};

using order_impl =
  order_actor::extend<caf::reacts_to<caf::tick_atom>, caf::reacts_to<caf::timeout_atom>>;

/// One shard of the orders: all orders of its users. Lives on a scheduler thread; exactly one
/// exists per shard in the whole cluster. Its memory is a cache of committed orders; a restart
/// loses nothing, and whoever waits for an answer then is told that the outcome is unknown.
class order_state : public shard_base<order_impl::pointer> {
public:
  explicit order_state(order_impl::pointer ptr)
    : shard_base{ptr, domain::domain_id::order}, limiter_{orders::limit{}} {}

  void start(order_config c, router<writer_actor> writer, router<reader_actor> readers,
             router<stock_actor> stock);

  caf::result<order_answer> place(place_order& cmd);
  caf::result<domain::order> get(const get_order& cmd);
  caf::result<order_page> list(const list_orders& cmd);
  caf::result<order_answer> change_status(change_order_status& cmd);

  static inline constexpr const char* name = "order";

private:
  using promise = promised<order_answer>;

  /// One order on its way. The stock shards are asked one after the other, in ascending order: two
  /// orders that want the same products never wait for each other.
  struct placing {
    place_order cmd;
    promise answer;
    domain::order order;
    std::vector<std::pair<uint32_t, std::vector<wanted_line>>> parts; ///< by stock shard, ascending
    size_t next = 0;
    int64_t deadline = 0;
  };
  using placing_ptr = std::shared_ptr<placing>;

  void check_limit(const placing_ptr& x);
  void admit(const placing_ptr& x);
  void prepare(const placing_ptr& x);
  void reserve_next(const placing_ptr& x);
  void save(const placing_ptr& x);
  void on_saved(const placing_ptr& x, written& answer);
  void release(const placing_ptr& x);
  void give_up(const placing_ptr& x, caf::error why);
  bool compute_totals(domain::order& o) const;

  void with_order(int64_t id, std::function<void(const domain::order&)> done,
                  std::function<void(caf::error)> failed);
  void apply(const change_order_status& cmd, const promise& p, const domain::order& old);
  void on_changed(const change_order_status& cmd, const promise& p, const domain::order& changed,
                  written& answer);
  void refuse(const call& c, const promise& p, caf::error why);
  void forget() override;

  order_config config_;
  router<reader_actor> readers_;
  router<stock_actor> stock_;
  lru_cache<int64_t, domain::order> orders_;
  one_at_a_time<int64_t> changing_; ///< by order id
  kept_answers<domain::order> answers_;
  orders::limiter limiter_;
};

order_impl::behavior_type order_behavior(order_impl::stateful_pointer<order_state> self,
                                         order_config config, router<writer_actor> writer,
                                         router<reader_actor> readers, router<stock_actor> stock);

} // namespace souk::actors
