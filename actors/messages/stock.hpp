// What is said to and by the stock shards.
#pragma once

#include "actors/messages/call.hpp"

#include <optional>
#include <string>
#include <vector>

namespace souk::actors {

/// How many of one product an order wants.
struct wanted_line {
  int64_t product_id = 0;
  int64_t quantity = 0;
};

/// Holds all lines (which this shard owns, each product once) for one order, or none of them.
/// Reservation ids are never reused, in the whole life of the database.
struct reserve_stock {
  int64_t reservation_id = 0;
  std::vector<wanted_line> lines;
  int64_t deadline = 0; ///< milliseconds since 1970; who still waits then is refused
};

/// A held line, with the product's name and price (minor units) at this moment.
struct reserved_line {
  int64_t product_id = 0;
  std::string product_name;
  int64_t product_price = 0;
  std::string external_id{}; ///< empty: it has none
};

struct stock_reserved {
  std::vector<reserved_line> lines; ///< in the order of the request
};

/// The order will not be written: its holds end.
struct release_stock {
  int64_t reservation_id = 0;
};

/// A product's count after a commit, and the reservations that this count now includes.
struct settlement {
  domain::stock_level level;
  std::vector<int64_t> reservations;
};

/// Sent by persistence after each commit: one for each stock shard that it touched.
struct settle_stock {
  std::vector<settlement> items;
  /// The writer lost its connection since: counts may have changed unseen and must be read anew.
  bool doubt = false;
};

/// Sent by persistence after a product was changed: new reservations get the new name and price.
struct relabel_product {
  domain::product product;
};

/// What is missing for an order; the context of an `out_of_stock` error.
struct shortage {
  int64_t product_id = 0;
  int64_t requested = 0;
  int64_t available = 0; ///< committed and not held by anyone; what could be ordered now
};

/// The context of a `product_not_found` error.
struct unknown_products {
  std::vector<int64_t> ids;
};

struct get_stock {
  actors::call call;
  int64_t product_id = 0;
};

/// Sets the count on hand to `quantity`.
struct set_stock {
  actors::call call;
  int64_t product_id = 0;
  int64_t quantity = 0;
  std::string reason;
  std::optional<int64_t> expected_version; ///< If-Match
};

/// Adds `delta` (negative: takes away) to the count on hand.
struct adjust_stock {
  actors::call call;
  int64_t product_id = 0;
  int64_t delta = 0;
  std::string reason;
  std::optional<int64_t> expected_version; ///< If-Match
};

struct stock_view {
  domain::stock_level level;
  int64_t reserved = 0; ///< held for orders on their way
};

/// What a cart shows of these products, which the shard owns.
struct describe_products {
  std::vector<int64_t> ids;
};

struct product_description {
  int64_t product_id = 0;
  std::string name;
  int64_t price = 0;     ///< minor units
  int64_t available = 0; ///< on hand and not held by anyone
  bool exists = false; ///< false: unknown, and the rest is empty; or deleted, and none is available
  std::string external_id{};
};

struct product_descriptions {
  std::vector<product_description> items; ///< in the order of the request
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wanted_line& x) {
  return f(caf::meta::type_name("wanted_line"), x.product_id, x.quantity);
}
SOUK_INSPECTED(wanted_line);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, reserve_stock& x) {
  return f(caf::meta::type_name("reserve_stock"), x.reservation_id, x.lines, x.deadline);
}
SOUK_INSPECTED(reserve_stock);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, reserved_line& x) {
  return f(caf::meta::type_name("reserved_line"), x.product_id, x.product_name, x.product_price,
           x.external_id);
}
SOUK_INSPECTED(reserved_line);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stock_reserved& x) {
  return f(caf::meta::type_name("stock_reserved"), x.lines);
}
SOUK_INSPECTED(stock_reserved);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, release_stock& x) {
  return f(caf::meta::type_name("release_stock"), x.reservation_id);
}
SOUK_INSPECTED(release_stock);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, settlement& x) {
  return f(caf::meta::type_name("settlement"), x.level, x.reservations);
}
SOUK_INSPECTED(settlement);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, settle_stock& x) {
  return f(caf::meta::type_name("settle_stock"), x.items, x.doubt);
}
SOUK_INSPECTED(settle_stock);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, relabel_product& x) {
  return f(caf::meta::type_name("relabel_product"), x.product);
}
SOUK_INSPECTED(relabel_product);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shortage& x) {
  return f(caf::meta::type_name("shortage"), x.product_id, x.requested, x.available);
}
SOUK_INSPECTED(shortage);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, unknown_products& x) {
  return f(caf::meta::type_name("unknown_products"), x.ids);
}
SOUK_INSPECTED(unknown_products);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_stock& x) {
  return f(caf::meta::type_name("get_stock"), x.call, x.product_id);
}
SOUK_INSPECTED(get_stock);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, set_stock& x) {
  return f(caf::meta::type_name("set_stock"), x.call, x.product_id, x.quantity, x.reason,
           x.expected_version);
}
SOUK_INSPECTED(set_stock);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, adjust_stock& x) {
  return f(caf::meta::type_name("adjust_stock"), x.call, x.product_id, x.delta, x.reason,
           x.expected_version);
}
SOUK_INSPECTED(adjust_stock);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stock_view& x) {
  return f(caf::meta::type_name("stock_view"), x.level, x.reserved);
}
SOUK_INSPECTED(stock_view);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, describe_products& x) {
  return f(caf::meta::type_name("describe_products"), x.ids);
}
SOUK_INSPECTED(describe_products);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, product_description& x) {
  return f(caf::meta::type_name("product_description"), x.product_id, x.name, x.price, x.available,
           x.exists, x.external_id);
}
SOUK_INSPECTED(product_description);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, product_descriptions& x) {
  return f(caf::meta::type_name("product_descriptions"), x.items);
}
SOUK_INSPECTED(product_descriptions);

} // namespace souk::actors
