// Every way in which a command can fail. One switch in http/ maps them to statuses.
#pragma once

#include <caf/error.hpp>
#include <caf/make_message.hpp>

#include <cstdint>
#include <string_view>

namespace souk::actors {

enum class ec : uint8_t {
  none = 0,
  // The shop says no: nothing changed, and repeating it changes nothing.
  not_found,           ///< no such object, or not one of the caller's
  product_not_found,   ///< context: unknown_products
  category_not_found,  ///< a product or category names one that does not exist
  category_cycle,      ///< a category below itself
  category_not_empty,  ///< it has products or categories below it
  too_many_categories, ///< the tree is as large as it may be
  out_of_stock,        ///< context: std::vector<shortage>
  invalid_transition,  ///< the order's life cycle does not allow this step
  stale_version,       ///< If-Match names another version
  username_taken,
  email_taken,
  external_id_taken,
  idempotency_key_reused, ///< the key was used with another body
  wrong_credentials,
  account_disabled,
  forbidden,
  order_limit_reached, ///< the user's orders per window; context: seconds to wait (int64_t)
  amount_too_large,    ///< a total beyond 2^53 - 1 minor units
  invalid_value,       ///< the database refused the data itself
  address_not_found,   ///< the user has no such address
  cart_empty,
  cart_full,       ///< domain::max_order_lines products are in it
  price_changed,   ///< context: std::vector<changed_price>
  wrong_total,     ///< not the total that was expected; context: the total, minor units (int64_t)
  wrong_amount,    ///< a payment of another amount than the order's
  reference_taken, ///< the payment's reference belongs to another order
  invalid_token,   ///< a refresh token that is not (or no longer) good
  invalid_reset_token, ///< the same of a mailed one
  wrong_password,      ///< the old one, when it is changed
  last_administrator,  ///< nobody would be left to administrate the shop
  too_many,            ///< more of them than one user may keep
  too_many_attempts,   ///< of logging in, registering, ...; context: seconds to wait (int64_t)
  // Nothing happened; try again.
  overloaded,        ///< too much is waiting, or the deadline passed before work began
  restarting,        ///< the shard begins anew
  write_failed,      ///< the database did not take the write
  write_expired,     ///< the deadline passed before the write began
  stale_incarnation, ///< an earlier write of this incarnation failed
  not_owner,         ///< another node owns the shard now
  database_unavailable,
  // Nobody knows.
  outcome_unknown, ///< it may have happened: repeat only with the same Idempotency-Key
  // A mistake of ours.
  internal,
};

/// The name of a code, as in logs and in the `code` of a problem, e.g. `out_of_stock`.
std::string_view to_string(ec code);

/// The code of an error of ours; CAF's own (time-out, receiver gone, ...) count as
/// `outcome_unknown`, because whoever fell silent may have done it.
ec code_of(const caf::error& err);

} // namespace souk::actors

/// Makes `ec` convertible to caf::error, and gives `caf::make_error(ec, context...)`.
CAF_ERROR_CODE_ENUM(souk::actors::ec, "souk")
