// The order shard.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/order/limit.hpp"
#include "actors/runtime/kept_answers.hpp"
#include "actors/runtime/lru_cache.hpp"
#include "actors/runtime/one_at_a_time.hpp"
#include "actors/runtime/shard.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace souk::actors {

struct order_config : shard_config {
  std::string currency = "USD";
  orders::limit limit;
};

/// Ticks: `tick` for the fence, `update` for those who watch an order.
using order_impl =
  order_actor::extend<caf::reacts_to<caf::tick_atom>, caf::reacts_to<caf::timeout_atom>,
                      caf::reacts_to<caf::update_atom>>;

event order_event(std::string kind, const domain::order& o, int64_t now);

/// Whether a caller may see what is a user's: their own, and an administrator everyone's.
bool may_see(const call& c, const domain::uuid& owner);

/// One shard of the orders: all orders and carts of its users. Lives on a scheduler thread; exactly
/// one exists per shard in the whole cluster. Its memory is a cache of committed orders; a restart
/// loses nothing, and whoever waits for an answer then is told that the outcome is unknown.
class order_state : public shard_base {
public:
  explicit order_state(order_impl::pointer ptr)
    : shard_base{ptr, domain::domain_id::order}, limiter_{orders::limit{}} {}

  void start(order_config c, router<writer_actor> writer, router<reader_actor> readers,
             router<stock_actor> stock);

  caf::result<order_answer> place(place_order& cmd);
  caf::result<domain::order> get(const get_order& cmd);
  caf::result<order_page> list(const list_orders& cmd);
  caf::result<order_answer> change_status(change_order_status& cmd);
  caf::result<bool> confirm(const confirm_order& cmd);
  caf::result<bool> expire(const expire_order& cmd);
  caf::result<order_answer> change_item(change_order_item& cmd);
  caf::result<order_answer> pay(pay_order& cmd);
  caf::result<order_news> watch(const watch_order& cmd);
  caf::result<cart_view> show_cart(const get_cart& cmd);
  caf::result<cart_answer> change_cart(actors::change_cart& cmd);
  caf::result<order_answer> check_out(actors::check_out& cmd);
  void on_timer();

  static inline constexpr const char* name = "order";

private:
  using promise = promised<order_answer>;

  /// One order on its way. The stock shards are asked one after the other, in ascending order: two
  /// orders that want the same products never wait for each other.
  struct placing {
    place_order cmd;
    promise answer;
    domain::order order{};
    std::vector<std::pair<uint32_t, std::vector<wanted_line>>>
      parts{}; ///< by stock shard, ascending
    size_t next = 0;
    int64_t deadline = 0;
    std::optional<domain::cart> cart{}; ///< whose content it is; emptied with it
    std::vector<shortage> missing{};    ///< what the stock shards that were asked do not have
    unknown_products unknown{};         ///< what they do not know
  };
  using placing_ptr = std::shared_ptr<placing>;

  /// One change of an order on its way; the next change of that order waits for its end.
  struct changing {
    actors::call call;
    int64_t id = 0;
    std::optional<int64_t> expected_version;
    bool any_order = false; ///< whosoever's it is
    std::optional<promise> answer;
    std::optional<promised<bool>> background; ///< instead of `answer`
    int64_t reservation = 0;                  ///< the hold, if more of a product is wanted
    int64_t product_id = 0;
    int64_t more = 0;

    bool stale(const domain::order& x) const {
      return expected_version && *expected_version != x.version;
    }
    std::vector<shortage> shortage_of(const written& said) const {
      return {{product_id, more, said.levels.empty() ? 0 : said.levels.front().on_hand}};
    }
  };
  using changing_ptr = std::shared_ptr<changing>;
  using apply_function = std::function<void(const changing_ptr&, const domain::order& old)>;

  /// Someone who waits for something to happen to an order.
  struct watcher {
    promised<order_news> promise;
    int64_t after;
    domain::order_status status;
    int64_t until; ///< milliseconds since 1970
  };
  static constexpr size_t max_watchers = 4'096;
  /// Milliseconds; short, so that whoever asks can look whether it still may.
  static constexpr int64_t watch_time = 500;

  struct describing;

  void begin_placing(const placing_ptr& x);
  void end_placing(const placing_ptr& x);
  void drop_placing(const placing_ptr& x, ec code);

  void check_limit(const placing_ptr& x);
  void admit(const placing_ptr& x);
  void prepare(const placing_ptr& x);
  void reserve_next(const placing_ptr& x);
  void save(const placing_ptr& x);
  void on_saved(const placing_ptr& x, written& answer);
  void release(const placing_ptr& x);
  void give_up(const placing_ptr& x, caf::error why);
  static void note_unknown(placing& x, const unknown_products& unknown);
  static bool compute_totals(domain::order& o);

  void with_order(int64_t id, std::function<void(const domain::order&)> done,
                  std::function<void(caf::error)> failed);

  caf::result<order_answer> change(changing x, apply_function apply);
  caf::result<bool> change_in_background(int64_t id, apply_function apply);
  void begin_change(const changing_ptr& x, const apply_function& apply);
  void refuse_change(const changing_ptr& x, caf::error why);
  void break_change(const changing_ptr& x, ec code);
  void add_step(domain::order& o, write& w, domain::order_change_kind kind,
                domain::order_status status, domain::changed_by by) const;
  static void restore_stock(const domain::order& o, write& w);
  void write_change(const changing_ptr& x, int64_t old_version, const domain::order& changed,
                    write w);
  void on_changed(const changing_ptr& x, const domain::order& changed, written& answer);
  void release_hold(const changing_ptr& x);
  void set_status(const changing_ptr& x, const domain::order& old, domain::order_status to,
                  domain::changed_by by);
  void set_quantity(const changing_ptr& x, const domain::order& old, int64_t item,
                    int64_t quantity);
  void with_payment(const changing_ptr& x, const domain::order& old, const std::string& reference,
                    int64_t amount);
  void answer_paid(const changing_ptr& x, const domain::order& now);

  static order_news news_of(const domain::order& o, int64_t after);
  void tell_watchers(const domain::order& o);
  void arm_timer();

  void with_cart(const domain::uuid& user, std::function<void(const domain::cart&)> done,
                 std::function<void(caf::error)> failed);
  void describe(const std::vector<domain::cart_line>& lines,
                std::function<void(const std::map<int64_t, product_description>&)> done,
                std::function<void(caf::error)> failed);
  static cart_view view_of(domain::cart& cart, const std::map<int64_t, product_description>& known);
  void refuse_cart(const actors::change_cart& cmd, const promised<cart_answer>& p, caf::error why);
  void apply_to_cart(const actors::change_cart& cmd, const promised<cart_answer>& p,
                     domain::cart cart);
  void save_cart(const actors::change_cart& cmd, const promised<cart_answer>& p, domain::cart cart,
                 cart_view view);
  void order_cart(const actors::check_out& cmd, const promise& p, const domain::cart& cart);
  std::vector<changed_price> changed_prices(const domain::cart& cart, const domain::order& o);

  void refuse(const call& c, const promise& p, caf::error why);
  void forget() override;

  order_config config_;
  router<reader_actor> readers_;
  router<stock_actor> stock_;
  lru_cache<int64_t, domain::order> orders_;
  one_at_a_time<int64_t> changing_; ///< by order id
  kept_answers<domain::order> answers_;
  orders::limiter limiter_;
  lru_cache<domain::uuid, domain::cart> carts_;
  one_at_a_time<domain::uuid> changing_carts_; ///< by user
  kept_answers<cart_view> cart_answers_;
  std::unordered_map<int64_t, std::vector<watcher>> watchers_; ///< by order id
  size_t watching_ = 0;
  bool timer_ = false;
};

order_impl::behavior_type order_behavior(order_impl::stateful_pointer<order_state> self,
                                         order_config config, router<writer_actor> writer,
                                         router<reader_actor> readers, router<stock_actor> stock);

} // namespace souk::actors
