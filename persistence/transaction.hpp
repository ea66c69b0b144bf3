// One attempt to write a batch: fills a transaction and collects what it would decide.
#pragma once

#include "actors/messages/store.hpp"
#include "persistence/appended_rows.hpp"
#include "persistence/committer.hpp"
#include "persistence/row_text.hpp"
#include "persistence/statements.hpp"
#include "persistence/stock_pick.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace souk::persistence {

/// How an attempt to commit a batch ended.
enum class ended : uint8_t {
  committed, ///< everything is written (of the transaction alone: it may be committed)
  refused,   ///< some writes must be taken out; the rest again
  careful,   ///< the counts do not allow all; again with the rows locked first
  retry,
  data,
  lost, ///< before COMMIT was sent: nothing happened
  unknown,
  other,
};

/// Touches the tables in one order, each in ascending order of keys: writer, ownership, stock,
/// idempotency, users, category, product, payment, orders, cart, then what is only appended. So
/// transactions of several nodes queue instead of dead-locking.
class transaction {
public:
  transaction(statements& s, const std::string& writer, int64_t batch,
              std::span<const actors::write* const> writes, std::vector<size_t> todo);

  /// PostgreSQL: opens the transaction and does the first steps of a `write_all` that is not
  /// careful, all in one round trip. The other database: false, and nothing was done. Throws what
  /// SOCI throws.
  bool begin_together();

  /// Writes everything into the transaction that is open. `careful`: locks the counts first and
  /// lets the rule in stock_pick decide; its refusals count only if this transaction is committed.
  /// `prepared`: the rows of all writes, if they were made already; taken. Throws what SOCI throws.
  ended write_all(bool careful, std::optional<appended_rows>& prepared);

  /// After a rollback: completes the decisions of those whose idempotency key has its answer.
  void read_kept_answers();

  batch_result result;         ///< what it decides
  std::vector<size_t> refused; ///< refused whatever becomes of the others

private:
  using write = actors::write;

  std::vector<owner> owners() const;
  size_t events() const;
  bool claim();
  void refuse_strangers();
  bool refuse_repeated();
  void pick();
  size_t prepare_counts();
  bool change_counts();
  void keep_answers();
  actors::kept_answer completed_answer(const write& w) const;
  std::unordered_map<std::string, actors::kept_answer>
  kept_of(const std::vector<size_t>& which) const;
  void write_users();
  void keep_an_administrator();
  void lock_categories();
  void write_categories();
  int64_t version_of_category(int64_t id);
  void write_products();
  void write_payments();
  void change_orders();
  void write_carts();
  void append(std::optional<appended_rows>& prepared);
  void refuse(size_t i, actors::refusal why, int64_t subject = 0);
  int64_t delta(size_t i, size_t change) const;

  /// Runs a set-based statement for those writes to which `part` applies and refuses those whose
  /// key did not come back. False: there were none, and it was not run.
  template <class Key, class Row, class KeyOf>
  bool apply(query<Key>& q, const std::function<const Row*(const write&)>& part, KeyOf key,
             const std::function<void(size_t)>& missing);

  statements& sql_;
  const std::string& writer_;
  int64_t batch_;
  int64_t now_;
  std::span<const write* const> writes_;
  std::vector<size_t> todo_;
  std::vector<owner> owners_;        ///< of the shards that write
  std::vector<pipeline_rows> ahead_; ///< of `begin_together`: begin, claim and, if any, the counts
  size_t counts_ahead_ = 0;          ///< products in it
  std::vector<int64_t> event_ids_;   ///< PostgreSQL: taken for the events of all in `todo_`
  std::unordered_map<size_t, std::vector<int64_t>> deltas_; ///< of a careful attempt
};

} // namespace souk::persistence
