// The rows that a batch only adds: new orders, movements of stock, events.
#pragma once

#include "actors/messages/store.hpp"
#include "persistence/connection.hpp"
#include "persistence/event_rows.hpp"
#include "persistence/order_list.hpp"
#include "persistence/order_movements.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace souk::persistence {

/// Their text is most of what a batch costs this program, so it is made while the batch before is
/// being committed: as JSON rows for SQLite, as rows of a binary COPY for PostgreSQL.
struct appended_rows {
  explicit appended_rows(backend k) : kind{k} {}

  /// The rows of one more write, which must stay as it is until they are written. `deltas`: one for
  /// each of its stock changes, null: their amounts.
  void add(const actors::write& w, int64_t now, const std::vector<int64_t>* deltas = nullptr);

  /// To be called after the last write, before they are written. `event_ids`: PostgreSQL's,
  /// ascending, one for each event.
  void finish(std::span<const int64_t> event_ids);

  backend kind;
  std::string orders;
  std::string order_times; ///< PostgreSQL's
  std::string movements;
  std::string events;
  size_t event_count = 0;
  order_list list;          ///< becomes rows of `order_times` at the end (PostgreSQL)
  event_rows shared_events; ///< become rows of `events` at the end (PostgreSQL)
  order_movements changes;  ///< become rows of `movements` at the end
};

/// SQLite's statements for them; the parameter `rows` is a JSON array. The last returns event ids.
std::string insert_orders();
std::string insert_movements();
std::string insert_events();

/// Where PostgreSQL gets them, with the columns in the order in which `add` writes them. `insert`
/// is the name of a prepared statement for one row.
struct copied_table {
  const char* name;
  const char* columns;
  const char* values;
  const char* insert;
};
constexpr copied_table orders_table{
  "orders",
  "id, user_id, status, payment, lines, total_quantity, total_amount, currency, shipping_address, "
  "note, created_at, updated_at, version, unpaid_since",
  "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14", "souk_insert_order"};
constexpr copied_table order_times_table{"order_time", "created_at, ids", "$1, $2",
                                         "souk_insert_order_time"};
constexpr copied_table movements_table{"stock_movement",
                                       "product_id, delta, reason, order_id, created_at, orders",
                                       "$1, $2, $3, $4, $5, $6", "souk_insert_movement"};
constexpr copied_table events_table{"event", "id, kind, subject, payload, created_at",
                                    "$1, $2, $3, $4, $5", "souk_insert_event"};

} // namespace souk::persistence
