#include "actors/error.hpp"

#include <caf/atom.hpp>

namespace souk::actors {

std::string_view to_string(ec code) {
  switch (code) {
  case ec::none: return "none";
  case ec::not_found: return "not_found";
  case ec::product_not_found: return "product_not_found";
  case ec::category_not_found: return "category_not_found";
  case ec::category_cycle: return "category_cycle";
  case ec::category_not_empty: return "category_not_empty";
  case ec::too_many_categories: return "too_many_categories";
  case ec::out_of_stock: return "out_of_stock";
  case ec::invalid_transition: return "invalid_transition";
  case ec::stale_version: return "stale_version";
  case ec::username_taken: return "username_taken";
  case ec::email_taken: return "email_taken";
  case ec::external_id_taken: return "external_id_taken";
  case ec::idempotency_key_reused: return "idempotency_key_reused";
  case ec::wrong_credentials: return "wrong_credentials";
  case ec::account_disabled: return "account_disabled";
  case ec::forbidden: return "forbidden";
  case ec::order_limit_reached: return "order_limit_reached";
  case ec::amount_too_large: return "amount_too_large";
  case ec::invalid_value: return "invalid_value";
  case ec::address_not_found: return "address_not_found";
  case ec::cart_empty: return "cart_empty";
  case ec::cart_full: return "cart_full";
  case ec::price_changed: return "price_changed";
  case ec::wrong_total: return "wrong_total";
  case ec::wrong_amount: return "wrong_amount";
  case ec::reference_taken: return "reference_taken";
  case ec::invalid_token: return "invalid_token";
  case ec::invalid_reset_token: return "invalid_reset_token";
  case ec::wrong_password: return "wrong_password";
  case ec::last_administrator: return "last_administrator";
  case ec::too_many: return "too_many";
  case ec::too_many_attempts: return "too_many_attempts";
  case ec::overloaded: return "overloaded";
  case ec::restarting: return "restarting";
  case ec::write_failed: return "write_failed";
  case ec::write_expired: return "write_expired";
  case ec::stale_incarnation: return "stale_incarnation";
  case ec::not_owner: return "not_owner";
  case ec::database_unavailable: return "database_unavailable";
  case ec::outcome_unknown: return "outcome_unknown";
  case ec::internal: return "internal";
  }
  return "?";
}

ec code_of(const caf::error& err) {
  if (!err)
    return ec::none;
  // A newer node may know codes that this one does not: what they mean is unknown here.
  if (err.category() != caf::atom("souk") || err.code() > static_cast<uint8_t>(ec::internal))
    return ec::outcome_unknown;
  return static_cast<ec>(err.code());
}

} // namespace souk::actors
