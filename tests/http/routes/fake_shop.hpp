// A shop without domains: actors that answer as a test tells them, behind the real API, on a real
// actor system and io_context.
#pragma once

#include "http/routes/api.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/result.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace souk::test {

/// What each command is answered with. Set one before the request is sent: it is called on a thread
/// of the scheduler. A command without a script fails with `internal`.
struct scripts {
  template <class Answer, class Command>
  using script = std::function<caf::result<Answer>(const Command&)>;

  script<actors::user_answer, actors::register_user> register_user;
  script<actors::password_matched, actors::log_in> log_in;
  script<actors::session_answer, actors::open_session> open_session;
  script<actors::session_answer, actors::refresh_session> refresh_session;
  script<actors::user_answer, actors::end_sessions> end_sessions;
  script<actors::user_answer, actors::change_password> change_password;
  script<actors::user_answer, actors::begin_reset> begin_reset;
  script<actors::user_answer, actors::reset_password> reset_password;
  script<actors::user_answer, actors::change_user> change_user;
  script<actors::user_answer, actors::remove_user> remove_user;
  script<actors::user_page, actors::list_users> list_users;
  script<actors::address_answer, actors::put_address> put_address;
  script<domain::kept_address, actors::get_address> get_address;
  script<domain::user, actors::get_user> get_user;
  script<actors::product_answer, actors::create_product> create_product;
  script<actors::product_answer, actors::update_product> update_product;
  script<actors::product_view, actors::get_product> get_product;
  script<actors::product_page, actors::list_products> list_products;
  script<actors::category_answer, actors::create_category> create_category;
  script<actors::category_answer, actors::update_category> update_category;
  script<actors::category_answer, actors::delete_category> delete_category;
  script<actors::category_view, actors::get_category> get_category;
  script<actors::category_list, actors::list_categories> list_categories;
  script<actors::found_products, actors::find_products> find_products;
  script<actors::movement_page, actors::list_movements> list_movements;
  script<actors::external_answer, actors::fetch_external> fetch_external;
  script<actors::stock_view, actors::get_stock> get_stock;
  script<actors::stock_answer, actors::set_stock> set_stock;
  script<actors::stock_answer, actors::adjust_stock> adjust_stock;
  script<actors::order_answer, actors::place_order> place_order;
  script<domain::order, actors::get_order> get_order;
  script<actors::order_page, actors::list_orders> list_orders;
  script<actors::order_answer, actors::change_order_status> change_order;
  bool silent = false;             ///< orders placed are never answered
  bool store_answers = true;       ///< whether the database is there
  std::atomic<uint32_t> shard{99}; ///< of the last command
};

struct answered {
  unsigned status = 0;
  std::string body;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;

  /// A header's value; empty: there is none.
  std::string header(std::string_view name) const;
};

/// What `send` fills in later.
using pending = std::shared_ptr<std::optional<answered>>;

inline constexpr uint32_t fake_shards = 4;

class fake_shop {
public:
  /// `adjust` changes what the API is given.
  explicit fake_shop(const std::function<void(http::backend&)>& adjust = {});
  ~fake_shop();

  /// Sends a request and runs the io thread until its answer is there, at most 10 s.
  answered call(http::request req);
  /// Sends a request; its answer comes while the io thread runs.
  pending send(http::request req);
  /// Runs the io thread until `done`, at most 10 s; returns whether it is.
  bool run_until(const std::function<bool()>& done);
  /// Ends the API, whoever may still wait.
  void end_api();

  /// `Bearer ...` of a user.
  std::string bearer(const domain::user& who) const;
  /// Takes all order shards away, as before they were started.
  void unplace_orders() { orders_->clear(); }

  scripts script;

private:
  template <class Handle>
  std::shared_ptr<actors::shard_table<Handle>>
    start(caf::behavior (*make)(scripts&, uint32_t, caf::event_based_actor*));

  http::token_rules tokens_;
  boost::asio::io_context io_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::vector<caf::actor> all_;
  std::shared_ptr<actors::shard_table<actors::order_actor>> orders_;
  std::unique_ptr<http::application> api_;
};

domain::user ada();                  ///< an ordinary user
domain::user grace();                ///< an ADMIN
domain::order some_order();          ///< of ada's: 123, version 3
actors::product_view some_product(); ///< 7, version 2, count version 9
actors::stock_view some_stock();     ///< of product 7, version 9

} // namespace souk::test
