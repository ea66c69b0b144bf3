// An order, its lines and its life cycle. No framework.
#pragma once

#include "actors/domain/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace souk::domain {

/// The numbers are stored; add at the end only.
enum class order_status : uint8_t {
  pending = 0,
  confirmed = 1,
  paid = 2,
  shipped = 3,
  delivered = 4,
  cancelled = 5,
  returned = 6,
};

/// The numbers are stored; add at the end only.
enum class payment_method : uint8_t { cash_on_delivery = 0, prepaid = 1 };

std::string_view to_string(order_status s);
std::string_view to_string(payment_method m);
std::optional<order_status> parse_order_status(std::string_view text);
std::optional<payment_method> parse_payment_method(std::string_view text);

/// Who may ask for a step of the life cycle.
enum class actor_role : uint8_t { owner, admin };

/// By whom an order was changed. The numbers are stored; add at the end only.
enum class changed_by : uint8_t { customer = 0, admin = 1, system = 2, payment = 3 };

/// What happened to an order: it got another status, or its lines changed. The numbers are stored.
enum class order_change_kind : uint8_t { status = 0, items = 1 };

/// Whether an order may go from one status to another, paid for in this way, at the wish of `who`.
/// An owner may only cancel.
bool may_change(order_status from, order_status to, payment_method method, actor_role who);

/// Whether this step puts the stock back: cancelling and returning do.
bool restores_stock(order_status to);

/// Whether an order in this status still counts as sold (neither cancelled nor returned).
bool counts_as_sold(order_status s);

/// Where an order goes, as it was when the order was placed.
struct address {
  std::string street;
  std::string city;
  std::string state;
  std::string postal_code;
  std::string country;

  friend bool operator==(const address&, const address&) = default;
};

/// One product in an order: its name and price (minor units) as they were when it was placed.
struct order_line {
  int64_t id = 0; ///< unique over all orders: order id * 128 + position
  int64_t product_id = 0;
  std::string product_name;
  int64_t product_price = 0;
  int64_t quantity = 0;
  std::string external_id{}; ///< of the product, as it was; empty: it had none

  friend bool operator==(const order_line&, const order_line&) = default;
};

/// One entry of an order's history.
struct order_history_entry {
  int64_t version = 0; ///< the order's, after it; the first is 1
  order_change_kind kind = order_change_kind::status;
  order_status status = order_status::pending; ///< after it
  changed_by by = changed_by::customer;
  int64_t at = 0; ///< milliseconds since 1970, UTC

  friend bool operator==(const order_history_entry&, const order_history_entry&) = default;
};

struct order {
  int64_t id = 0;
  uuid user_id;
  order_status status = order_status::pending;
  payment_method payment = payment_method::cash_on_delivery;
  std::vector<order_line> lines;
  int64_t total_quantity = 0;
  int64_t total_amount = 0; ///< minor units
  std::string currency;     ///< ISO 4217
  std::optional<address> shipping_address;
  std::string note;
  int64_t created_at = 0; ///< milliseconds since 1970, UTC
  int64_t updated_at = 0;
  int64_t version = 1;
  /// What happened since it was placed. That it was placed is not listed: see `history_of`.
  std::vector<order_history_entry> changes;

  friend bool operator==(const order&, const order&) = default;
};

/// The whole history, oldest first, beginning with its placing.
std::vector<order_history_entry> history_of(const order& x);

/// Past tense, as in events: `order_placed`, `order_shipped`, `order_items_changed`.
std::string event_name(const order_history_entry& x);

std::string_view to_string(changed_by x);

/// Nothing can happen to an order any more.
bool is_final(order_status s);

/// One product in a cart. Its price follows the catalog; what the customer saw last is kept, so
/// that another price is told at checkout.
struct cart_line {
  int64_t product_id = 0;
  int64_t quantity = 0;
  int64_t seen_price = 0; ///< minor units

  friend bool operator==(const cart_line&, const cart_line&) = default;
};

struct cart {
  uuid user_id;
  std::vector<cart_line> lines; ///< in the order of their first adding
  int64_t updated_at = 0;       ///< milliseconds since 1970, UTC
  int64_t version = 0;          ///< 0: never written

  friend bool operator==(const cart&, const cart&) = default;
};

/// `ORD-2026-000123`: the year (UTC) in which the order was placed and its id, at least six digits.
std::string order_number(const order& x);

/// The most lines an order may have; also why an order line's id is order id * 128 + position.
inline constexpr size_t max_order_lines = 100;

} // namespace souk::domain
