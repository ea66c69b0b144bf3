// The test's own look at the books, by SQL alone. Stop the server first when it is on SQLite.
#pragma once

#include "tests/system/support/database.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace souk::tests {

/// The products for which the sum of movements is not the count on hand, or initial + adjustments
/// are not on hand + sold, or the count is below zero; one line each. Empty: all is well.
std::string unbalanced(const database& where);

/// The ids of all orders; throws std::runtime_error if one is there twice.
std::set<int64_t> order_ids(const database& where);

int64_t count_orders(const database& where);

} // namespace souk::tests
