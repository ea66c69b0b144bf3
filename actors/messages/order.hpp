// What is said to the order shards.
#pragma once

#include "actors/messages/call.hpp"
#include "actors/messages/stock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace souk::actors {

/// Places an order for `call.caller`: all lines or nothing. Each product is named once.
struct place_order {
  actors::call call;
  std::vector<wanted_line> lines;
  domain::payment_method payment = domain::payment_method::cash_on_delivery;
  std::optional<domain::address> shipping_address;
  std::string note;
};

struct get_order {
  actors::call call;
  int64_t id = 0;
};

/// One page of a user's orders, newest first.
struct list_orders {
  actors::call call;
  domain::uuid user_id;
  std::optional<domain::order_status> status;
  int64_t created_after = 0;  ///< milliseconds since 1970, exclusive; 0: no bound
  int64_t created_before = 0; ///< the same
  int64_t before_id = 0;      ///< the last id of the page before; 0: from the newest
  int64_t limit = 100;
};

/// One step of the life cycle. `call` says who asks: an owner may only cancel.
struct change_order_status {
  actors::call call;
  int64_t id = 0;
  domain::order_status status = domain::order_status::cancelled;
  std::optional<int64_t> expected_version; ///< If-Match
};

struct order_page {
  std::vector<domain::order> items;
  bool more = false;
};

template <class Inspector>
auto inspect(Inspector& f, place_order& x) {
  return f(caf::meta::type_name("place_order"), x.call, x.lines, x.payment, x.shipping_address,
           x.note);
}
template <class Inspector>
auto inspect(Inspector& f, get_order& x) {
  return f(caf::meta::type_name("get_order"), x.call, x.id);
}
template <class Inspector>
auto inspect(Inspector& f, list_orders& x) {
  return f(caf::meta::type_name("list_orders"), x.call, x.user_id, x.status, x.created_after,
           x.created_before, x.before_id, x.limit);
}
template <class Inspector>
auto inspect(Inspector& f, change_order_status& x) {
  return f(caf::meta::type_name("change_order_status"), x.call, x.id, x.status, x.expected_version);
}
template <class Inspector>
auto inspect(Inspector& f, order_page& x) {
  return f(caf::meta::type_name("order_page"), x.items, x.more);
}

} // namespace souk::actors
