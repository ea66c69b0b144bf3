// What is asked about orders, carts and payments.
#pragma once

#include "actors/messages/type_ids.hpp"
#include "persistence/sql.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace souk::persistence {

/// The prepared reads of one open session; must be gone before it. Each throws what SOCI throws.
class order_reads {
public:
  order_reads(soci::session& s, backend k);

  /// Those that exist, in any order. The ids of rows that cannot be decoded go to `unreadable`.
  std::vector<domain::order> orders(std::span<const int64_t> ids, std::vector<int64_t>& unreadable);
  actors::order_page page(const actors::list_orders& ask);
  std::optional<domain::cart> cart(const domain::uuid& user);
  std::optional<actors::payment_row> payment(const std::string& reference);
  actors::order_ids unpaid(const actors::load_unpaid_orders& ask);
  actors::order_times times(const actors::load_order_times& ask);

private:
  using ll = long long;
  using text = std::string;
  using order_query = query<ll, text, ll, ll, text, ll, ll, text, text, text, ll, ll, ll, text>;

  /// Which of the newest orders a list looks at.
  struct order_window {
    int64_t before_time;
    int64_t before_id;
    int64_t size;
  };
  void read_window_end(const actors::list_orders& ask, const order_window& w,
                       actors::order_page& page);

  backend kind_;
  order_query by_ids_;
  order_query orders_;
  order_query all_orders_;
  query<ll, ll, ll> window_end_;
  query<ll, ll, ll> all_window_end_;
  query<text, ll, ll> cart_;
  query<text, ll, ll, ll> payment_;
  query<ll> unpaid_;
  query<ll> times_;
};

} // namespace souk::persistence
