// The changes of counts in a batch: what its orders take of a product is a single row.
#pragma once

#include "actors/domain/product.hpp"
#include "actors/messages/store.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace souk::persistence {

/// A row of `stock_movement` before it has its id.
struct movement_row {
  int64_t product_id = 0;
  int64_t delta = 0; ///< of all its orders
  std::string reason;
  int64_t order_id = 0; ///< the first, if there are several; 0: none
  int64_t created_at = 0;
  std::string orders; ///< JSON `[[order id, delta],..]` if there are several, else empty
};

/// A row holds this many orders at most, and a movement's id is the row's id times this plus its
/// place in the row: it grows with every movement, and stays below 2^53 for 2^41 rows.
inline constexpr int64_t movements_a_row = 4096;

/// Collects a batch's changes; those for orders that follow one another share a row by product and
/// reason. Why: the count itself changes once a batch, and of the time that a hot product's order
/// took PostgreSQL a sixth was its row.
class order_movements {
public:
  void add(const actors::stock_change& x, int64_t delta, int64_t now);

  /// Its rows, in the order of their first changes; none is left.
  std::vector<movement_row> take();

private:
  struct group {
    movement_row row;
    int64_t count = 0;
  };
  std::vector<group> groups_;
  std::unordered_map<int64_t, size_t> last_; ///< by product, its last group
};

/// Whether `orders` of a stored row is such a list.
bool reads_as_orders(std::string_view orders);

/// The movements of a stored row, the newest (the last) first.
std::vector<domain::stock_movement> movements_of(int64_t row_id, const movement_row& row);

} // namespace souk::persistence
