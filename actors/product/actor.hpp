// The product shard.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/product/category_tree.hpp"
#include "actors/runtime/kept_answers.hpp"
#include "actors/runtime/lru_cache.hpp"
#include "actors/runtime/one_at_a_time.hpp"
#include "actors/runtime/shard.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <string>
#include <vector>

namespace souk::actors {

using product_impl =
  product_actor::extend<caf::reacts_to<caf::tick_atom>, caf::reacts_to<caf::timeout_atom>>;

/// One shard of the catalog. Lives on a scheduler thread; exactly one exists per shard in the whole
/// cluster. Its memory is a cache of committed products, bounded by its bytes; a restart loses
/// nothing. Changes of one product happen one after the other.
class product_state : public shard_base {
public:
  explicit product_state(product_impl::pointer ptr) : shard_base{ptr, domain::domain_id::product} {}

  void start(shard_config c, router<writer_actor> writer, router<reader_actor> readers,
             router<stock_actor> stock);

  caf::result<product_answer> create(create_product& cmd);
  caf::result<product_answer> update(update_product& cmd);
  caf::result<product_view> get(const get_product& cmd);
  caf::result<product_page> list(const list_products& cmd);

  // The tree of categories: shard 0 only.
  caf::result<category_answer> create(create_category& cmd);
  caf::result<category_answer> update(update_category& cmd);
  caf::result<category_answer> remove(delete_category& cmd);
  caf::result<category_view> get(const get_category& cmd);
  caf::result<category_list> list(const list_categories& cmd);

  static inline constexpr const char* name = "product";

private:
  using promise = promised<product_answer>;

  const stock_actor& stock_of(int64_t product_id);
  void with_product(int64_t id, std::function<void(const domain::product&)> done,
                    std::function<void(caf::error)> failed);
  void remember(const domain::product& x);
  void create_with_id(const call& c, const promise& p, domain::product product, int64_t quantity,
                      const std::string& reason);
  void apply(const update_product& cmd, const promise& p, const domain::product& old);
  void save(const update_product& cmd, const promise& p, product_view view);
  void refuse(const call& c, const promise& p, caf::error why);
  void forget() override {
    products_.clear();
    forget_tree();
  }

  using category_promise = promised<category_answer>;

  struct for_tree {
    std::function<void()> done;
    std::function<void(caf::error)> failed;
  };

  void with_tree(std::function<void()> done, std::function<void(caf::error)> failed);
  void load_tree(int64_t after, uint64_t life);
  void forget_tree();
  caf::result<category_answer>
  change_tree(call c, std::function<void(const call&, const category_promise&)> work);
  void create_with_id(const call& c, const category_promise& p, domain::category category);
  void save_category(const call& c, const category_promise& p, write w, category_view view,
                     std::function<void()> adopt);
  void refuse_category(const call& c, const category_promise& p, ec code);
  void fail_category(const call& c, const category_promise& p, ec code);

  router<reader_actor> readers_;
  router<stock_actor> stock_;
  lru_cache<int64_t, domain::product> products_;
  one_at_a_time<int64_t> changing_; ///< by product id
  kept_answers<product_view> answers_;

  catalog::category_tree tree_;
  bool tree_loaded_ = false;
  uint64_t tree_life_ = 0; ///< grows when the tree is forgotten: reads begun before are void
  std::vector<for_tree> for_tree_;
  one_at_a_time<int64_t> changing_tree_; ///< one key, 0
  kept_answers<category_view> category_answers_;
};

product_impl::behavior_type product_behavior(product_impl::stateful_pointer<product_state> self,
                                             shard_config config, router<writer_actor> writer,
                                             router<reader_actor> readers,
                                             router<stock_actor> stock);

} // namespace souk::actors
