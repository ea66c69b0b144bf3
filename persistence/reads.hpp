// Every question that is answered from the database, on one session. Knows SQL and no actors.
#pragma once

#include "actors/messages/type_ids.hpp"
#include "persistence/connection.hpp"

#include <memory>
#include <optional>
#include <span>

namespace souk::persistence {

/// The prepared reads of one open session; must be gone before it. Each throws what SOCI throws.
class reads {
public:
  reads(soci::session& s, backend kind);
  ~reads();

  actors::stock_records stock(std::span<const int64_t> product_ids);
  std::optional<domain::product> product(int64_t id);
  actors::product_page products(const actors::list_products& ask);
  std::optional<domain::account> account(const domain::uuid& id);
  actors::credentials password(const domain::uuid& id);
  actors::user_page users(const actors::list_users& ask);
  actors::found_products find_products(const std::vector<std::string>& external_ids);
  actors::category_rows categories(const actors::load_categories& ask);
  std::optional<actors::movement_page> movements(const actors::list_movements& ask);
  actors::credentials credentials(const std::string& folded_login);
  std::optional<domain::order> order(int64_t id);
  /// Those that exist, in any order. The ids of rows that cannot be decoded go to `unreadable`.
  std::vector<domain::order> orders(std::span<const int64_t> ids, std::vector<int64_t>& unreadable);
  actors::order_page orders(const actors::list_orders& ask);
  std::optional<domain::cart> cart(const domain::uuid& user);
  std::optional<actors::payment_row> payment(const std::string& reference);
  actors::order_ids unpaid_orders(const actors::load_unpaid_orders& ask);
  actors::events_page events(const actors::load_events& ask);
  actors::log_position position(const std::string& consumer);
  actors::order_times order_times(const actors::load_order_times& ask);
  std::optional<actors::kept_answer> kept_answer(const std::string& id);
  void ping();

private:
  struct prepared;

  backend kind_;
  std::unique_ptr<prepared> q_;
};

} // namespace souk::persistence
