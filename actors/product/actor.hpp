// The product shard.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/kept_answers.hpp"
#include "actors/runtime/lru_cache.hpp"
#include "actors/runtime/one_at_a_time.hpp"
#include "actors/runtime/shard.hpp"

#include <caf/stateful_actor.hpp>

#include <functional>
#include <string>

namespace souk::actors {

using product_impl =
  product_actor::extend<caf::reacts_to<caf::tick_atom>, caf::reacts_to<caf::timeout_atom>>;

/// One shard of the catalog. Lives on a scheduler thread; exactly one exists per shard in the whole
/// cluster. Its memory is a cache of committed products; a restart loses nothing. Changes of one
/// product happen one after the other.
class product_state : public shard_base<product_impl::pointer> {
public:
  explicit product_state(product_impl::pointer ptr) : shard_base{ptr, domain::domain_id::product} {}

  void start(shard_config c, router<writer_actor> writer, router<reader_actor> readers,
             router<stock_actor> stock);

  caf::result<product_answer> create(create_product& cmd);
  caf::result<domain::category> create(create_category& cmd);
  caf::result<product_answer> update(update_product& cmd);
  caf::result<product_view> get(const get_product& cmd);
  caf::result<product_page> list(const list_products& cmd);

  static inline constexpr const char* name = "product";

private:
  using promise = promised<product_answer>;

  const stock_actor& stock_of(int64_t product_id);
  void with_product(int64_t id, std::function<void(const domain::product&)> done,
                    std::function<void(caf::error)> failed);
  void create_with_id(const call& c, const promise& p, domain::product product, int64_t quantity);
  void apply(const update_product& cmd, const promise& p, const domain::product& old);
  void save(const update_product& cmd, const promise& p, product_view view);
  void refuse(const call& c, const promise& p, caf::error why);
  void forget() override { products_.clear(); }

  router<reader_actor> readers_;
  router<stock_actor> stock_;
  lru_cache<int64_t, domain::product> products_;
  one_at_a_time<int64_t> changing_; ///< by product id
  kept_answers<product_view> answers_;
};

product_impl::behavior_type product_behavior(product_impl::stateful_pointer<product_state> self,
                                             shard_config config, router<writer_actor> writer,
                                             router<reader_actor> readers,
                                             router<stock_actor> stock);

} // namespace souk::actors
