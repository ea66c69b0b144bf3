// Teaches CAF 0.17 the types that our messages are made of: std::optional, and the domain's values.
#pragma once

#include "actors/domain/account.hpp"
#include "actors/domain/order.hpp"
#include "actors/domain/product.hpp"
#include "actors/domain/user.hpp"
#include "actors/domain/uuid.hpp"
#include "actors/messages/boxed.hpp"

#include <caf/error.hpp>
#include <caf/meta/type_name.hpp>

#include <optional>

namespace caf {

/// Of a value that may be missing.
template <class Inspector, class Optional>
typename Inspector::result_type inspect_optional(Inspector& f, Optional& x) {
  if constexpr (Inspector::reads_state) {
    bool has = x.has_value();
    return has ? f(has, *x) : f(has);
  } else {
    bool has = false;
    if (auto err = f(has))
      return err;
    if (!has) {
      x.reset();
      return typename Inspector::result_type{};
    }
    return f(x.emplace());
  }
}

/// CAF 0.18 brings its own; delete this then.
template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, std::optional<T>& x) {
  return inspect_optional(f, x);
}

} // namespace caf

namespace souk::actors {

template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, boxed<T>& x) {
  return caf::inspect_optional(f, x);
}

} // namespace souk::actors

namespace souk::domain {

template <class Inspector>
auto inspect(Inspector& f, uuid& x) {
  return f(caf::meta::type_name("uuid"), x.bytes);
}

template <class Inspector>
auto inspect(Inspector& f, address& x) {
  return f(caf::meta::type_name("address"), x.street, x.city, x.state, x.postal_code, x.country);
}

template <class Inspector>
auto inspect(Inspector& f, order_line& x) {
  return f(caf::meta::type_name("order_line"), x.id, x.product_id, x.product_name, x.product_price,
           x.quantity, x.external_id);
}

template <class Inspector>
auto inspect(Inspector& f, order_history_entry& x) {
  return f(caf::meta::type_name("order_history_entry"), x.version, x.kind, x.status, x.by, x.at);
}

template <class Inspector>
auto inspect(Inspector& f, cart_line& x) {
  return f(caf::meta::type_name("cart_line"), x.product_id, x.quantity, x.seen_price);
}

template <class Inspector>
auto inspect(Inspector& f, cart& x) {
  return f(caf::meta::type_name("cart"), x.user_id, x.lines, x.updated_at, x.version);
}

template <class Inspector>
auto inspect(Inspector& f, order& x) {
  return f(caf::meta::type_name("order"), x.id, x.user_id, x.status, x.payment, x.lines,
           x.total_quantity, x.total_amount, x.currency, x.shipping_address, x.note, x.created_at,
           x.updated_at, x.version, x.changes);
}

template <class Inspector>
auto inspect(Inspector& f, user& x) {
  return f(caf::meta::type_name("user"), x.id, x.username, x.email, x.first_name, x.last_name,
           x.full_name, x.phone, x.role, x.disabled, x.created_at, x.updated_at, x.version);
}

template <class Inspector>
auto inspect(Inspector& f, kept_address& x) {
  return f(caf::meta::type_name("kept_address"), x.id, x.where, x.is_default);
}

template <class Inspector>
auto inspect(Inspector& f, session& x) {
  return f(caf::meta::type_name("session"), x.id, x.token_hash, x.created_at, x.used_at,
           x.expires_at);
}

template <class Inspector>
auto inspect(Inspector& f, account_details& x) {
  return f(caf::meta::type_name("account_details"), x.addresses, x.sessions, x.reset_hash,
           x.reset_expires, x.password_version);
}

template <class Inspector>
auto inspect(Inspector& f, account& x) {
  return f(caf::meta::type_name("account"), x.user, x.details);
}

template <class Inspector>
auto inspect(Inspector& f, product& x) {
  return f(caf::meta::type_name("product"), x.id, x.external_id, x.name, x.price, x.detail,
           x.image_url, x.category_id, x.deleted, x.created_at, x.updated_at, x.version);
}

template <class Inspector>
auto inspect(Inspector& f, category& x) {
  return f(caf::meta::type_name("category"), x.id, x.parent_id, x.name, x.created_at, x.updated_at,
           x.version);
}

template <class Inspector>
auto inspect(Inspector& f, stock_movement& x) {
  return f(caf::meta::type_name("stock_movement"), x.id, x.product_id, x.delta, x.reason,
           x.order_id, x.created_at);
}

template <class Inspector>
auto inspect(Inspector& f, stock_level& x) {
  return f(caf::meta::type_name("stock_level"), x.product_id, x.on_hand, x.version, x.updated_at);
}

} // namespace souk::domain
