// Keeps the event log readable when a dump was restored into another PostgreSQL cluster.
#pragma once

#include "persistence/connection.hpp"

namespace souk::persistence {

/// Puts events and positions that are not below this cluster's transactions before them. Inside an
/// open transaction that no other writer of events can overtake: its owner has locked them out.
/// SQLite needs nothing. Throws what SOCI throws.
void rebase_event_log(connection& c);

} // namespace souk::persistence
