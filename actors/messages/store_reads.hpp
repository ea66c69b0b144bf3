// What is asked of the database without changing it. Lists that clients ask for in the same words
// (`list_orders`, ...) are with their domain's messages.
#pragma once

#include "actors/messages/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace souk::actors {

struct load_stock {
  std::vector<int64_t> product_ids;
};
struct stock_record {
  domain::stock_level level;
  domain::product product;
};
/// Those that exist, in any order; deleted ones too.
struct stock_records {
  std::vector<stock_record> items;
};

struct load_product {
  int64_t id = 0;
};
struct load_user {
  domain::uuid id;
};
/// By username or e-mail address, folded (domain::fold_login).
struct load_credentials {
  std::string login;
};
struct credentials {
  bool found = false; ///< an answer, not an error: the caller spends the same time
  user_row row;
};
/// The same by id.
struct load_password {
  domain::uuid id;
};
struct load_order {
  int64_t id = 0;
};
/// Fails with `not_found` if the user never had one.
struct load_cart {
  domain::uuid user_id;
};
struct load_payment {
  std::string reference;
};
struct payment_found {
  std::optional<payment_row> payment;
};
/// Orders that wait to be paid in advance, the oldest first.
struct load_unpaid_orders {
  int64_t placed_before = 0; ///< milliseconds since 1970
  int64_t limit = 100;
};
struct order_ids {
  std::vector<int64_t> items;
};

/// The events after `after` that nothing can come before any more, in the order of the log.
struct load_events {
  log_position after;
  int64_t limit = 256;
};
struct events_page {
  std::vector<event> items;
  log_position end;  ///< where to read on
  bool more = false; ///< whether more may follow at once
};
/// Where a consumer of the log stands.
struct load_log_position {
  std::string consumer;
};

struct load_kept_answer {
  std::string id;
};
struct kept_answer_found {
  std::optional<kept_answer> kept;
};
/// When a user's newest orders were placed: for limits over a window of time.
struct load_order_times {
  domain::uuid user_id;
  int64_t since = 0; ///< milliseconds since 1970
  int64_t limit = 0;
};
struct order_times {
  std::vector<int64_t> created_at; ///< newest first
};
/// Asks whether the database answers.
struct ping_store {};
struct store_alive {};

/// Reads categories in ascending order of ids.
struct load_categories {
  int64_t after_id = 0;
  int64_t limit = 0;
};

struct category_rows {
  std::vector<domain::category> items;
  bool more = false;
};

/// Looks products up by the ids that other systems gave them.
struct find_products {
  std::vector<std::string> external_ids;
};

struct found_product {
  std::string external_id;
  int64_t id = 0;
};

struct found_products {
  std::vector<found_product> items; ///< those that exist, in any order
};

/// Reads a product's movements, newest first.
struct list_movements {
  int64_t product_id = 0;
  int64_t before_id = 0; ///< the last id of the page before; 0: from the newest
  int64_t limit = 100;
};

struct movement_page {
  std::vector<domain::stock_movement> items;
  bool more = false; ///< whether another page follows
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_stock& x) {
  return f(caf::meta::type_name("load_stock"), x.product_ids);
}
SOUK_INSPECTED(load_stock);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stock_record& x) {
  return f(caf::meta::type_name("stock_record"), x.level, x.product);
}
SOUK_INSPECTED(stock_record);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stock_records& x) {
  return f(caf::meta::type_name("stock_records"), x.items);
}
SOUK_INSPECTED(stock_records);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_product& x) {
  return f(caf::meta::type_name("load_product"), x.id);
}
SOUK_INSPECTED(load_product);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_user& x) {
  return f(caf::meta::type_name("load_user"), x.id);
}
SOUK_INSPECTED(load_user);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_credentials& x) {
  return f(caf::meta::type_name("load_credentials"), x.login);
}
SOUK_INSPECTED(load_credentials);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, credentials& x) {
  return f(caf::meta::type_name("credentials"), x.found, x.row);
}
SOUK_INSPECTED(credentials);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_password& x) {
  return f(caf::meta::type_name("load_password"), x.id);
}
SOUK_INSPECTED(load_password);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_order& x) {
  return f(caf::meta::type_name("load_order"), x.id);
}
SOUK_INSPECTED(load_order);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_cart& x) {
  return f(caf::meta::type_name("load_cart"), x.user_id);
}
SOUK_INSPECTED(load_cart);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_payment& x) {
  return f(caf::meta::type_name("load_payment"), x.reference);
}
SOUK_INSPECTED(load_payment);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, payment_found& x) {
  return f(caf::meta::type_name("payment_found"), x.payment);
}
SOUK_INSPECTED(payment_found);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_unpaid_orders& x) {
  return f(caf::meta::type_name("load_unpaid_orders"), x.placed_before, x.limit);
}
SOUK_INSPECTED(load_unpaid_orders);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, order_ids& x) {
  return f(caf::meta::type_name("order_ids"), x.items);
}
SOUK_INSPECTED(order_ids);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_events& x) {
  return f(caf::meta::type_name("load_events"), x.after, x.limit);
}
SOUK_INSPECTED(load_events);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, events_page& x) {
  return f(caf::meta::type_name("events_page"), x.items, x.end, x.more);
}
SOUK_INSPECTED(events_page);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_log_position& x) {
  return f(caf::meta::type_name("load_log_position"), x.consumer);
}
SOUK_INSPECTED(load_log_position);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_kept_answer& x) {
  return f(caf::meta::type_name("load_kept_answer"), x.id);
}
SOUK_INSPECTED(load_kept_answer);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, kept_answer_found& x) {
  return f(caf::meta::type_name("kept_answer_found"), x.kept);
}
SOUK_INSPECTED(kept_answer_found);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_order_times& x) {
  return f(caf::meta::type_name("load_order_times"), x.user_id, x.since, x.limit);
}
SOUK_INSPECTED(load_order_times);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, order_times& x) {
  return f(caf::meta::type_name("order_times"), x.created_at);
}
SOUK_INSPECTED(order_times);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, load_categories& x) {
  return f(caf::meta::type_name("load_categories"), x.after_id, x.limit);
}
SOUK_INSPECTED(load_categories);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, category_rows& x) {
  return f(caf::meta::type_name("category_rows"), x.items, x.more);
}
SOUK_INSPECTED(category_rows);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, find_products& x) {
  return f(caf::meta::type_name("find_products"), x.external_ids);
}
SOUK_INSPECTED(find_products);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, found_product& x) {
  return f(caf::meta::type_name("found_product"), x.external_id, x.id);
}
SOUK_INSPECTED(found_product);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, found_products& x) {
  return f(caf::meta::type_name("found_products"), x.items);
}
SOUK_INSPECTED(found_products);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_movements& x) {
  return f(caf::meta::type_name("list_movements"), x.product_id, x.before_id, x.limit);
}
SOUK_INSPECTED(list_movements);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, movement_page& x) {
  return f(caf::meta::type_name("movement_page"), x.items, x.more);
}
SOUK_INSPECTED(movement_page);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, ping_store&) {
  return f(caf::meta::type_name("ping_store"));
}
SOUK_INSPECTED(ping_store);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, store_alive&) {
  return f(caf::meta::type_name("store_alive"));
}
SOUK_INSPECTED(store_alive);

} // namespace souk::actors
