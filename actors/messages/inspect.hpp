// Teaches CAF 0.17 the types that our messages are made of: std::optional, and the domain's values.
#pragma once

#include "actors/domain/account.hpp"
#include "actors/domain/order.hpp"
#include "actors/domain/product.hpp"
#include "actors/domain/user.hpp"
#include "actors/domain/uuid.hpp"
#include "actors/messages/boxed.hpp"

#include <caf/deserializer.hpp>
#include <caf/detail/stringification_inspector.hpp>
#include <caf/error.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/serializer.hpp>

#include <optional>

/// To stand after T's `inspect`, in T's namespace. Whoever sends a T needs what CAF makes of its
/// `inspect`, the larger part of the code of most sources: so inspected.cpp alone compiles it.
#define SOUK_INSPECTED(T)                                                                          \
  SOUK_INSPECT_ELSEWHERE template caf::error inspect(caf::serializer&, T&);                        \
  SOUK_INSPECT_ELSEWHERE template caf::error inspect(caf::deserializer&, T&);                      \
  SOUK_INSPECT_ELSEWHERE template void inspect(caf::detail::stringification_inspector&, T&)
#ifndef SOUK_INSPECT_ELSEWHERE
  #define SOUK_INSPECT_ELSEWHERE extern
#endif

namespace souk::actors {

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

template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, boxed<T>& x) {
  return inspect_optional(f, x);
}

} // namespace souk::actors

namespace caf {

/// CAF 0.18 brings its own; delete this then.
template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, std::optional<T>& x) {
  return souk::actors::inspect_optional(f, x);
}

} // namespace caf

namespace souk::domain {

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, uuid& x) {
  return f(caf::meta::type_name("uuid"), x.bytes);
}
SOUK_INSPECTED(uuid);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, address& x) {
  return f(caf::meta::type_name("address"), x.street, x.city, x.state, x.postal_code, x.country);
}
SOUK_INSPECTED(address);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, order_line& x) {
  return f(caf::meta::type_name("order_line"), x.id, x.product_id, x.product_name, x.product_price,
           x.quantity, x.external_id);
}
SOUK_INSPECTED(order_line);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, order_history_entry& x) {
  return f(caf::meta::type_name("order_history_entry"), x.version, x.kind, x.status, x.by, x.at);
}
SOUK_INSPECTED(order_history_entry);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cart_line& x) {
  return f(caf::meta::type_name("cart_line"), x.product_id, x.quantity, x.seen_price);
}
SOUK_INSPECTED(cart_line);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cart& x) {
  return f(caf::meta::type_name("cart"), x.user_id, x.lines, x.updated_at, x.version);
}
SOUK_INSPECTED(cart);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, order& x) {
  return f(caf::meta::type_name("order"), x.id, x.user_id, x.status, x.payment, x.lines,
           x.total_quantity, x.total_amount, x.currency, x.shipping_address, x.note, x.created_at,
           x.updated_at, x.version, x.changes);
}
SOUK_INSPECTED(order);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, user& x) {
  return f(caf::meta::type_name("user"), x.id, x.username, x.email, x.first_name, x.last_name,
           x.full_name, x.phone, x.role, x.disabled, x.created_at, x.updated_at, x.version);
}
SOUK_INSPECTED(user);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, kept_address& x) {
  return f(caf::meta::type_name("kept_address"), x.id, x.where, x.is_default);
}
SOUK_INSPECTED(kept_address);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, session& x) {
  return f(caf::meta::type_name("session"), x.id, x.token_hash, x.created_at, x.used_at,
           x.expires_at);
}
SOUK_INSPECTED(session);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, account_details& x) {
  return f(caf::meta::type_name("account_details"), x.addresses, x.sessions, x.reset_hash,
           x.reset_expires, x.password_version);
}
SOUK_INSPECTED(account_details);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, account& x) {
  return f(caf::meta::type_name("account"), x.user, x.details);
}
SOUK_INSPECTED(account);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, product& x) {
  return f(caf::meta::type_name("product"), x.id, x.external_id, x.name, x.price, x.detail,
           x.image_url, x.category_id, x.deleted, x.created_at, x.updated_at, x.version);
}
SOUK_INSPECTED(product);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, category& x) {
  return f(caf::meta::type_name("category"), x.id, x.parent_id, x.name, x.created_at, x.updated_at,
           x.version);
}
SOUK_INSPECTED(category);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stock_movement& x) {
  return f(caf::meta::type_name("stock_movement"), x.id, x.product_id, x.delta, x.reason,
           x.order_id, x.created_at);
}
SOUK_INSPECTED(stock_movement);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stock_level& x) {
  return f(caf::meta::type_name("stock_level"), x.product_id, x.on_hand, x.version, x.updated_at);
}
SOUK_INSPECTED(stock_level);

} // namespace souk::domain
