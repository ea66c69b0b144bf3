// Every statement of the writer, prepared once a session. Column names of row parameters are short,
// because they travel with every row.
#pragma once

#include "persistence/appended_rows.hpp"
#include "persistence/connection.hpp"
#include "persistence/event_blocks.hpp"
#include "persistence/sql.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace souk::persistence {

/// The writer's statements on one open session; must be gone before it. The parameter `rows` is a
/// JSON array of objects, `amounts_text` or `owners_text`; always in ascending order of keys (the
/// lock order).
class statements {
public:
  statements(soci::session& s, backend kind);

  backend kind() const { return kind_; }

  /// Begins a batch: (writer, batch, owners) -> how many writer rows matched (1, or someone
  /// else is this writer), how many ownership rows are ours. Locks both. PostgreSQL: takes ids for
  /// so many events, too, ascending.
  std::pair<long long, long long> claim(const std::string& writer, int64_t batch,
                                        const std::string& rows, size_t events,
                                        std::vector<int64_t>& event_ids);

  /// PostgreSQL: `claim` among others, and what it came to.
  void claim_together(pipeline& p, const std::string& writer, int64_t batch,
                      const std::string& rows, size_t events);
  std::pair<long long, long long> claimed(const pipeline_rows& rows, size_t events,
                                          std::vector<int64_t>& event_ids);

  /// An empty one on the session.
  pipeline together() { return pipeline{session_}; }

  query<long long> writer_batch;                     ///< (writer); locks the row
  query<long long, long long, long long> owners;     ///< (node) -> domain, shard, epoch
  query<long long, long long, long long> lock_stock; ///< (rows: p) -> product, quantity, version
  query<long long, long long, long long> add_stock;  ///< (amounts; now) -> the same, changed
  query<> create_stock;                              ///< (amounts; now)
  query<std::string> keep;                           ///< (rows: i, f, a; now) -> ids inserted
  query<std::string, std::string, std::string> kept; ///< (rows: i) -> id, fingerprint, answer
  query<std::string> insert_users;                   ///< (rows) -> ids inserted
  query<std::string> update_users;                   ///< (rows, with x: expected version) -> ids
  query<std::string> delete_users;                   ///< (rows, with x) -> ids
  query<std::string> lock_admins;                    ///< () -> ids of the enabled administrators
  query<> insert_revocations;                        ///< (rows: u, s, b; now)
  query<> delete_revocations;                        ///< (before)
  query<long long, long long> login_taken;           ///< (name, address, own id) -> others with it
  query<long long> lock_categories;                  ///< (rows: p); they stay until the end
  query<long long> lock_categories_alone;            ///< (rows: p); the same, for nobody else
  query<long long> insert_categories;                ///< (rows) -> ids inserted
  query<long long> update_categories;                ///< (rows, with x) -> ids
  query<long long> delete_categories;                ///< (rows: id, x) -> ids of those empty
  query<long long> category_version;                 ///< (id)
  query<long long> insert_products;                  ///< (rows) -> ids inserted
  query<long long> update_products;                  ///< (rows, with x) -> ids
  query<long long> external_id_others;               ///< (external id, own id) -> others with it
  std::unique_ptr<query<>> write_words;              ///< (rows) SQLite: its table of words
  query<long long> category_exists;                  ///< (id)
  query<std::string> insert_payments;                ///< (rows) -> references inserted
  query<std::string, long long> payments;            ///< (rows: re) -> reference, order
  query<long long> update_orders;                    ///< (rows, with x, hi) -> ids
  query<std::string> write_carts;                    ///< (rows) -> user ids
  query<> save_position;                             ///< (consumer, xid, id)
  query<long long, long long, long long, long long> fence; ///< (node, owners) -> d, s, inc, epoch
  query<long long, long long, long long> take_ids;         ///< (count, owners) -> d, s, next
  query<> delete_answers;                                  ///< (before)

  /// Inserts orders, movements and events and uses `rows` up. Returns the events' ids: PostgreSQL's
  /// are those given.
  std::vector<int64_t> append(appended_rows& rows, const std::vector<int64_t>& event_ids);

private:
  void copy(appended_rows& rows);

  backend kind_;
  soci::session& session_;
  event_blocks event_blocks_; ///< PostgreSQL's
  /// PostgreSQL: one round trip.
  std::unique_ptr<query<long long, long long, std::string>> claim_all_;
  std::unique_ptr<query<>> claim_writer_;
  std::unique_ptr<query<long long>> claim_owned_;
  std::unique_ptr<query<>> append_orders_; ///< SQLite; PostgreSQL: `copy`
  std::unique_ptr<query<>> append_movements_;
  std::unique_ptr<query<long long>> append_events_;
};

} // namespace souk::persistence
