// What a shop begins with (its first administrator, a demo catalog), and the way back for one whose
// administrators are locked out. Through the same messages as everything else.
#pragma once

#include "actors/node/shop.hpp"

#include <string>

namespace souk::actors {

/// Makes an administrator. An empty password: makes one up. Returns the password. Throws
/// std::runtime_error with one clear line.
std::string make_administrator(caf::actor_system& sys, const shop_tables& tables,
                               const std::string& username, const std::string& password);

/// Makes an existing user an administrator with a new password, and enables the account; its
/// sessions end. `username`: in any case, or the e-mail address. An empty password: makes one up.
/// Returns the password. Throws std::runtime_error with one clear line.
std::string recover_administrator(caf::actor_system& sys, const shop_tables& tables,
                                  const std::string& username, const std::string& password);

/// Five categories and fifty products with stock, priced in a currency with `digits` decimal
/// digits. Makes those that are missing, by name, and none where there are other products. Throws
/// std::runtime_error with one clear line.
void fill_demo_catalog(caf::actor_system& sys, const shop_tables& tables, int digits);

} // namespace souk::actors
