// A product of the catalog and its stock. No framework.
#pragma once

#include <cstdint>
#include <string>

namespace souk::domain {

/// What the catalog says of a product. Its count is a stock_level: another owner, another version.
struct product {
  int64_t id = 0;
  std::string external_id; ///< the id another system gave it; unique; empty: none
  std::string name;
  int64_t price = 0; ///< minor units of the shop's currency
  std::string detail;
  std::string image_url;   ///< empty: none
  int64_t category_id = 0; ///< 0: none
  bool deleted = false;
  int64_t created_at = 0; ///< milliseconds since 1970, UTC
  int64_t updated_at = 0;
  int64_t version = 1;

  friend bool operator==(const product&, const product&) = default;
};

/// A node of the category tree.
struct category {
  int64_t id = 0;
  int64_t parent_id = 0; ///< 0: a root
  std::string name;
  int64_t created_at = 0; ///< milliseconds since 1970, UTC
  int64_t updated_at = 0;
  int64_t version = 1;

  friend bool operator==(const category&, const category&) = default;
};

/// A change of a product's count, as it is kept.
struct stock_movement {
  int64_t id = 0; ///< grows with every movement
  int64_t product_id = 0;
  int64_t delta = 0;
  std::string reason;
  int64_t order_id = 0; ///< 0: not because of an order
  int64_t created_at = 0;

  friend bool operator==(const stock_movement&, const stock_movement&) = default;
};

/// A product's count as the database last confirmed it.
struct stock_level {
  int64_t product_id = 0;
  int64_t on_hand = 0;
  int64_t version = 0; ///< grows with every committed change of the count
  int64_t updated_at = 0;

  friend bool operator==(const stock_level&, const stock_level&) = default;
};

/// The largest count, delta and order quantity: sums of these stay below 2^53.
inline constexpr int64_t max_quantity = 1'000'000'000;

} // namespace souk::domain
