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

  friend bool operator==(const order_line&, const order_line&) = default;
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

  friend bool operator==(const order&, const order&) = default;
};

/// `ORD-2026-000123`: the year (UTC) in which the order was placed and its id, at least six digits.
std::string order_number(const order& x);

/// The most lines an order may have; also why an order line's id is order id * 128 + position.
inline constexpr size_t max_order_lines = 100;

} // namespace souk::domain
