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

/// PostgreSQL's, with the columns in the order in which `add` writes them.
constexpr const char* copy_orders =
  "copy orders (id, user_id, status, payment, lines, total_quantity, total_amount, currency, "
  "shipping_address, note, created_at, updated_at, version, unpaid_since) "
  "from stdin (format binary)";
constexpr const char* copy_order_times =
  "copy order_time (created_at, ids) from stdin (format binary)";
constexpr const char* copy_movements =
  "copy stock_movement (product_id, delta, reason, order_id, created_at, orders) "
  "from stdin (format binary)";
constexpr const char* copy_events =
  "copy event (id, kind, subject, payload, created_at) from stdin (format binary)";

} // namespace souk::persistence
