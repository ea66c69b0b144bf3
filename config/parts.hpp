// What each part of the program wants to know, taken from the settings. A library of its own,
// because it alone links all parts.
#pragma once

#include "actors/node/shop.hpp"
#include "config/settings.hpp"
#include "http/routes/api.hpp"
#include "http/server/server.hpp"
#include "persistence/persistence.hpp"

#include <memory>

namespace souk::config {

persistence::options store_options(const settings& s);
/// What the pools spawn that is not theirs: persistence, and the external catalog's workers.
actors::store_factory factories(caf::actor_system& sys, const settings& s,
                                const persistence::opened& db, const persistence::options& store,
                                const persistence::listeners& listeners);

/// Reads the certificate, if there is one, and raises the limit of open files as far as it goes;
/// what that leaves no room for is logged. Throws config_error or what tls_identity throws.
http::server_options server_options(const settings& s);

/// What all io threads share. The server outlives whoever has this.
struct shared_parts {
  std::shared_ptr<http::doors> doors;
  std::shared_ptr<http::attempt_limits> attempts;
  std::shared_ptr<prometheus::Registry> registry; ///< the writer's, too
  const http::server* server = nullptr;           ///< set before it starts
};
/// Makes them; the registry is that of `store`.
shared_parts share(const settings& s, const persistence::options& store);

/// `db`: what the opened database has fixed, which wins over the settings.
actors::shop_options shop_options(const settings& s, const persistence::opened& db);
http::backend backend(const settings& s, const persistence::opened& db,
                      const actors::shop_tables& t, const shared_parts& shared);

/// The first administrator, whose password is printed if it was made here, and the demo catalog if
/// it is wanted; where they are missing. Throws what actors/node/bootstrap.hpp throws.
void first_start(caf::actor_system& sys, const settings& s, const persistence::opened& db,
                 const actors::shop_tables& tables);

} // namespace souk::config
