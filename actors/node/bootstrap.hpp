// What a new shop begins with: its first administrator, and a demo catalog. Through the same
// messages as everything else.
#pragma once

#include "actors/node/shop.hpp"

#include <string>

namespace souk::actors {

/// Makes an administrator. An empty password: makes one up. Returns the password. Throws
/// std::runtime_error with one clear line.
std::string make_administrator(caf::actor_system& sys, const shop_tables& tables,
                               const std::string& username, const std::string& password);

/// Adds five categories and fifty products with stock, priced in a currency with `digits` decimal
/// digits. Throws std::runtime_error with one clear line.
void fill_demo_catalog(caf::actor_system& sys, const shop_tables& tables, int digits);

} // namespace souk::actors
