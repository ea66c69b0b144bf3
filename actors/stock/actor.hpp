// The stock shard.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/kept_answers.hpp"
#include "actors/runtime/lru_cache.hpp"
#include "actors/runtime/shard.hpp"
#include "actors/stock/ledger.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace souk::actors {

struct stock_config : shard_config {
  std::chrono::milliseconds hold_lifetime{
    30'000};               ///< then the order is lost and the count read anew
  size_t max_line = 4'096; ///< who may wait for held stock; more: 503
};

/// Ticks: `tick` for the fence, `update` for what waits too long.
using stock_impl =
  stock_actor::extend<caf::reacts_to<caf::tick_atom>, caf::reacts_to<caf::timeout_atom>,
                      caf::reacts_to<caf::update_atom>>;

/// One shard of the stock. Lives on a scheduler thread; exactly one exists per shard in the whole
/// cluster. Its counts are always committed ones: what it promised since is kept apart, as holds. A
/// restart loses the holds, and nothing that was sold: the database refuses what is not there.
class stock_state : public shard_base {
public:
  explicit stock_state(stock_impl::pointer ptr) : shard_base{ptr, domain::domain_id::stock} {}

  void start(stock_config c, router<writer_actor> writer, router<reader_actor> readers);

  caf::result<stock_reserved> reserve(reserve_stock& cmd);
  void release(int64_t reservation);
  void settle(const settle_stock& fact);
  void relabel(const relabel_product& fact);
  caf::result<product_view> complete(complete_product& cmd);
  caf::result<product_descriptions> describe(describe_products& cmd);
  caf::result<stock_view> get(const get_stock& cmd);
  caf::result<stock_answer> set(set_stock& cmd);
  caf::result<stock_answer> adjust(adjust_stock& cmd);
  void on_timer();

  static inline constexpr const char* name = "stock";

private:
  /// A product as this shard knows it.
  struct item {
    stock::ledger count;
    std::string product_name;
    std::string external_id;
    int64_t price = 0;
    int64_t product_version = 0; ///< 0: the product's row was not read yet
    bool deleted = false;

    bool known() const { return count.known() && product_version > 0; }
    bool pinned() const { return count.held() != 0; }
  };

  enum class verdict : uint8_t { held, wait, refused };

  /// Someone who wants stock that others hold; first in, first out.
  struct waiting {
    reserve_stock cmd;
    promised<stock_reserved> promise;
  };

  /// Someone who waits for products to be read.
  struct loading {
    size_t missing;
    std::function<void(bool absent)> done; ///< absent: one of them does not exist
    std::function<void(caf::error)> failed;
    bool absent = false;
    bool over = false;
  };

  item* find(int64_t product_id);
  void with_products(const std::vector<wanted_line>& lines, std::function<void(bool absent)> done,
                     std::function<void(caf::error)> failed);
  void with_product(int64_t id, std::function<void()> done, std::function<void(caf::error)> failed);
  void load(std::vector<int64_t> ids);
  void loaded(const std::vector<int64_t>& ids, const stock_records& found);
  void doubt_all();
  void refuse_line(int64_t absent);
  void load_failed(const std::vector<int64_t>& ids, const caf::error& why);

  void reserve_loaded(reserve_stock& cmd, const promised<stock_reserved>& p);
  void leave_line(std::list<waiting>::iterator w);
  verdict decide(const reserve_stock& cmd, bool behind, caf::error& why);
  void answer_held(const reserve_stock& cmd, const promised<stock_reserved>& p);
  void advance_line();
  void change(const call& c, const promised<stock_answer>& p, stock_change change);
  void change_known(const call& c, const promised<stock_answer>& p, stock_change change);
  void on_written(const call& c, const promised<stock_answer>& p, const stock_change& change,
                  written& answer);
  void refuse(const call& c, const promised<stock_answer>& p, caf::error why);
  stock_view view(int64_t product_id, const item& x) const;
  void arm_timer();
  void forget() override { doubt_all(); }
  void on_ready() override { doubt_all(); }

  stock_config config_;
  router<reader_actor> readers_;
  lru_cache<int64_t, item> items_;
  std::unordered_map<int64_t, std::vector<std::shared_ptr<loading>>> loads_; ///< by product id
  std::unordered_map<int64_t, std::vector<int64_t>> holds_; ///< reservation -> its products here
  std::list<waiting> line_;
  std::unordered_map<int64_t, size_t> in_line_; ///< product id -> how many wait for it
  kept_answers<stock_view> answers_;
  uint64_t doubts_ = 0; ///< grows when all counts are doubted: reads asked before are void
  bool timer_ = false;
};

stock_impl::behavior_type stock_behavior(stock_impl::stateful_pointer<stock_state> self,
                                         stock_config config, router<writer_actor> writer,
                                         router<reader_actor> readers);

} // namespace souk::actors
