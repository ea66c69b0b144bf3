// Decides writes: one transaction for all of them where possible. The write protocol's heart; knows
// SQL and no actors.
#pragma once

#include "actors/error.hpp"
#include "actors/messages/store.hpp"
#include "persistence/appended_rows.hpp"
#include "persistence/connection.hpp"
#include "persistence/persistence.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace souk::persistence {

/// What became of one write. With `error` other than none, `answer` means nothing.
struct decision {
  actors::ec error = actors::ec::none; ///< write_failed, outcome_unknown, not_owner, ...
  actors::written answer;
  std::vector<int64_t> event_ids; ///< of the write's events, if it was committed
};

struct batch_result {
  std::vector<decision> decisions;            ///< one a write, in the same order
  std::vector<domain::stock_level> levels;    ///< counts committed by this batch
  std::vector<domain::stock_level> refreshed; ///< counts read for refusals
};

/// A place in the protocol where a test makes the database fail.
enum class step : uint8_t { before_begin, in_transaction, before_commit, after_commit };

class statements;

/// Used by one thread at a time; `kind` by any.
class committer {
public:
  explicit committer(const options& o);
  ~committer();

  /// Decides all writes. They must be for different keys (batch_keys). `prepared`: the rows that
  /// they add, if they were made already. Does not throw.
  batch_result commit(std::span<const actors::write* const> writes,
                      std::optional<appended_rows> prepared = {});

  backend kind() const { return connection_.kind(); }

  /// Begins an incarnation of each shard. Answers in the order of `fences`; a shard that this node
  /// does not own gets number 0. Fails as a whole with an error. Does not throw.
  actors::ec fence(std::span<const actors::fence> fences, std::vector<actors::fenced>& answers);

  /// Takes the next ids of shards, each named once. Blocks in their order; for a shard that this
  /// node does not own, one of no ids. Fails as a whole with an error. Does not throw.
  actors::ec take_ids(std::span<const actors::incarnation> wanted,
                      std::vector<actors::id_block>& blocks);

  /// Keeps where a reader of the event log stands. Does not throw.
  actors::ec save_position(const actors::save_log_position& x);

  /// How often a session was opened. After a loss nobody knows which of the counts told last still
  /// hold: a transaction whose outcome was unknown has ended since.
  uint64_t connects() const { return connects_; }

  /// Deletes answers and revocations older than the limit, a bounded number. Returns whether more
  /// may be left. Does not throw; an error is not worth more than trying later.
  bool delete_old_answers();

  /// Makes `commit` call this at each step; what it throws is taken for an error of the database.
  /// For tests.
  void on_step(std::function<void(step, connection&)> hook) { hook_ = std::move(hook); }

private:
  static constexpr int max_attempts = 8;

  struct attempt_result;

  bool connect();
  void disconnect();
  void decide(std::vector<size_t> todo, std::span<const actors::write* const> writes,
              batch_result& result);
  void halve(const std::vector<size_t>& todo, std::span<const actors::write* const> writes,
             batch_result& result);
  attempt_result attempt(const std::vector<size_t>& todo,
                         std::span<const actors::write* const> writes, bool careful, bool first);
  template <class Work>
  actors::ec once(Work&& work, int attempts = max_attempts);
  void at(step s) {
    if (hook_)
      hook_(s, connection_);
  }

  options options_;
  connection connection_;
  std::unique_ptr<statements> statements_;
  uint64_t connects_ = 0;
  int64_t batch_ = 0;                     ///< the writer row's number as last committed
  std::optional<appended_rows> prepared_; ///< of the commit at hand, until an attempt takes them
  std::function<void(step, connection&)> hook_;
  std::chrono::steady_clock::time_point down_since_{}; ///< zero: not known to be down
};

/// Milliseconds since 1970, UTC.
int64_t now_ms();

} // namespace souk::persistence
