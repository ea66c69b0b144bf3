// What is said to the order shards.
#pragma once

#include "actors/messages/call.hpp"
#include "actors/messages/stock.hpp"

#include <limits>
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
  /// An address was named that the user does not have: refused, unless this is the retry of a
  /// command that succeeded.
  bool address_missing = false;
  std::optional<int64_t> expected_total; ///< minor units; refused if it comes to another
};

struct get_order {
  actors::call call;
  int64_t id = 0;
};

/// One page of a user's orders, or of all, newest first.
struct list_orders {
  actors::call call;
  domain::uuid user_id; ///< nil: everyone's; for administrators
  std::optional<domain::order_status> status;
  int64_t created_after = 0; ///< milliseconds since 1970, exclusive; so is the next
  int64_t created_before = std::numeric_limits<int64_t>::max();
  int64_t before_time =
    0;                   ///< when the last order of the page before was placed, and its id; 0: from
  int64_t before_id = 0; ///< the newest
  int64_t limit = 100;
};

/// One step of the life cycle. `call` says who asks: an owner may only cancel.
struct change_order_status {
  actors::call call;
  int64_t id = 0;
  domain::order_status status = domain::order_status::cancelled;
  std::optional<int64_t> expected_version; ///< If-Match
};

/// Confirms a pending order in the background. Does nothing to any other.
struct confirm_order {
  int64_t id = 0;
};

/// Cancels an order that was to be paid in advance and was not. Does nothing to any other.
struct expire_order {
  int64_t id = 0;
  int64_t placed_before = 0; ///< milliseconds since 1970
};

/// Another quantity for one line; 0 removes it, and the last line's removal cancels the order.
struct change_order_item {
  actors::call call;
  int64_t id = 0;
  int64_t item_id = 0;
  int64_t quantity = 0;
  std::optional<int64_t> expected_version; ///< If-Match
};

/// A payment that was made. Each reference counts once in the shop.
struct pay_order {
  actors::call call;
  int64_t id = 0;
  std::string reference;
  int64_t amount = 0;    ///< minor units
  bool provider = false; ///< a signed message of the payment provider: may pay any order
  std::optional<int64_t> expected_version{}; ///< If-Match
};

/// What happened to an order after version `after`; waits for something to happen, for a bounded
/// time.
struct watch_order {
  actors::call call;
  int64_t id = 0;
  int64_t after = 0;
};

struct order_news {
  std::vector<domain::order_history_entry> entries; ///< none: nothing happened yet
  domain::order_status status = domain::order_status::pending;
};

struct get_cart {
  actors::call call;
};

enum class cart_change : uint8_t { add, set, remove, clear };

/// Changes the cart of `call.caller`.
struct change_cart {
  actors::call call;
  cart_change kind = cart_change::add;
  int64_t product_id = 0;
  int64_t quantity = 0; ///< added, or the new one
};

/// Orders what is in the cart of `call.caller` and empties it.
struct check_out {
  actors::call call;
  domain::payment_method payment = domain::payment_method::cash_on_delivery;
  std::optional<domain::address> shipping_address;
  std::string note;
  bool address_missing = false; ///< as in place_order
};

/// A line of a cart with what the catalog says now.
struct cart_item {
  int64_t product_id = 0;
  std::string name;
  int64_t price = 0; ///< minor units
  int64_t quantity = 0;
  int64_t available = 0;
  std::string external_id{}; ///< empty: it has none
};

struct cart_view {
  std::vector<cart_item> items;
};

/// A price that is not what the customer saw; the context of a `price_changed` error.
struct changed_price {
  int64_t product_id = 0;
  int64_t old_price = 0; ///< minor units
  int64_t new_price = 0;
};

struct order_page {
  std::vector<domain::order> items;
  bool more = false;
  int64_t last_time = 0; ///< of the last order that was looked at, and its id
  int64_t last_id = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, place_order& x) {
  return f(caf::meta::type_name("place_order"), x.call, x.lines, x.payment, x.shipping_address,
           x.note, x.address_missing, x.expected_total);
}
SOUK_INSPECTED(place_order);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_order& x) {
  return f(caf::meta::type_name("get_order"), x.call, x.id);
}
SOUK_INSPECTED(get_order);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_orders& x) {
  return f(caf::meta::type_name("list_orders"), x.call, x.user_id, x.status, x.created_after,
           x.created_before, x.before_time, x.before_id, x.limit);
}
SOUK_INSPECTED(list_orders);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, change_order_status& x) {
  return f(caf::meta::type_name("change_order_status"), x.call, x.id, x.status, x.expected_version);
}
SOUK_INSPECTED(change_order_status);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, order_page& x) {
  return f(caf::meta::type_name("order_page"), x.items, x.more, x.last_time, x.last_id);
}
SOUK_INSPECTED(order_page);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, confirm_order& x) {
  return f(caf::meta::type_name("confirm_order"), x.id);
}
SOUK_INSPECTED(confirm_order);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, expire_order& x) {
  return f(caf::meta::type_name("expire_order"), x.id, x.placed_before);
}
SOUK_INSPECTED(expire_order);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, change_order_item& x) {
  return f(caf::meta::type_name("change_order_item"), x.call, x.id, x.item_id, x.quantity,
           x.expected_version);
}
SOUK_INSPECTED(change_order_item);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, pay_order& x) {
  return f(caf::meta::type_name("pay_order"), x.call, x.id, x.reference, x.amount, x.provider,
           x.expected_version);
}
SOUK_INSPECTED(pay_order);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, watch_order& x) {
  return f(caf::meta::type_name("watch_order"), x.call, x.id, x.after);
}
SOUK_INSPECTED(watch_order);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, order_news& x) {
  return f(caf::meta::type_name("order_news"), x.entries, x.status);
}
SOUK_INSPECTED(order_news);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_cart& x) {
  return f(caf::meta::type_name("get_cart"), x.call);
}
SOUK_INSPECTED(get_cart);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, change_cart& x) {
  return f(caf::meta::type_name("change_cart"), x.call, x.kind, x.product_id, x.quantity);
}
SOUK_INSPECTED(change_cart);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, check_out& x) {
  return f(caf::meta::type_name("check_out"), x.call, x.payment, x.shipping_address, x.note,
           x.address_missing);
}
SOUK_INSPECTED(check_out);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cart_item& x) {
  return f(caf::meta::type_name("cart_item"), x.product_id, x.name, x.price, x.quantity,
           x.available, x.external_id);
}
SOUK_INSPECTED(cart_item);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cart_view& x) {
  return f(caf::meta::type_name("cart_view"), x.items);
}
SOUK_INSPECTED(cart_view);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, changed_price& x) {
  return f(caf::meta::type_name("changed_price"), x.product_id, x.old_price, x.new_price);
}
SOUK_INSPECTED(changed_price);

} // namespace souk::actors
