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
  actors::found_products find_products(const std::vector<std::string>& external_ids);
  actors::category_rows categories(const actors::load_categories& ask);
  std::optional<actors::movement_page> movements(const actors::list_movements& ask);
  std::optional<domain::user> user(const domain::uuid& id);
  actors::credentials credentials(const std::string& folded_login);
  std::optional<domain::order> order(int64_t id);
  actors::order_page orders(const actors::list_orders& ask);
  actors::order_times order_times(const actors::load_order_times& ask);
  std::optional<actors::kept_answer> kept_answer(const std::string& id);
  void ping();

private:
  struct prepared;
  backend kind_;
  std::unique_ptr<prepared> q_;
};

} // namespace souk::persistence
