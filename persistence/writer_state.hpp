// The writer's state, for the files that make it up: writer.cpp (writes) and writer_tasks.cpp (what
// else it does).
#pragma once

#include "persistence/announcer.hpp"
#include "persistence/committer.hpp"
#include "persistence/gathering.hpp"
#include "persistence/store_metrics.hpp"
#include "persistence/work_thread.hpp"
#include "persistence/write_batch.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace souk::persistence {

/// Ticks: `tick` for the sweep, `update` for writes that expire, `flush` when the database is done,
/// `timeout` when a batch has waited for more.
using writer_impl =
  actors::writer_actor::extend<caf::reacts_to<caf::tick_atom>, caf::reacts_to<caf::update_atom>,
                               caf::reacts_to<caf::flush_atom>, caf::reacts_to<caf::timeout_atom>>;

using asked_fence = asked<actors::fence, actors::fenced>;
using asked_ids = asked<actors::take_ids, actors::id_block>;
using asked_position = asked<actors::save_log_position, bool>;
struct sweep {};

/// The writer. One a node, on a thread of its own, because it may wait; the database's work is done
/// on a second thread. What arrives while a commit runs is made into the next batch meanwhile, and
/// what a commit came to is told while the next one runs: no delay when idle. A restart
/// answers `outcome_unknown` to all who wait; their shards then begin new incarnations.
struct writer_state {
  writer_state(writer_impl::pointer ptr) : self{ptr} {}

  using shard_key = std::pair<domain::domain_id, uint32_t>;

  void pump();
  void take();
  void drain();
  bool gathers();
  void prepare();
  void turn_away();
  void prepare_anew();
  void drop_expired();
  void run_writes();
  void run_fences();
  void run_ids();
  void run_position();
  void run_sweep();
  void run(std::function<void()> work, std::function<void()> finish);
  actors::ec check(const actors::write& w) const;
  actors::ec check(const actors::incarnation& by) const;
  void poison();
  void finish_writes();
  void finish_fences(actors::ec code, const std::vector<actors::fenced>& answers);
  void answer(const write_batch& told, batch_result& of_told);
  void received();
  void count_waiting();

  writer_impl::pointer self;
  options config;
  std::unique_ptr<committer> db; ///< the database thread's while that is busy
  announcer tell;
  std::unique_ptr<store_metrics> counts;
  std::deque<std::variant<asked_write, asked_fence, asked_position, sweep>> queue;
  std::vector<asked_ids> ids; ///< beside the queue: shards run out together, and orders wait for it
  bool ids_last = false;      ///< they were what the database did last
  std::map<shard_key, uint64_t> alive; ///< the incarnation that may write; 0: it must fence first
  write_batch next;                    ///< from the head of the queue, not begun
  std::vector<std::pair<asked_write, actors::ec>> unfit; ///< from the queue, too; not told yet
  write_batch now;                                       ///< being decided
  gathering gather;                                      ///< of `next`
  bool gathering_ends = false;                           ///< a message is on its way
  bool draining = false;                                 ///< nobody else will come
  batch_result result;
  std::chrono::steady_clock::duration took{}; ///< the database, to decide it
  std::vector<asked_fence> fences;
  uint64_t connects = 0;        ///< of the committer, when its last work ended
  uint64_t told_connects = 0;   ///< as told to the stock shards
  std::function<void()> finish; ///< what follows the database's work at hand
  /// Last: ends before what it works on, and before the promises are lost, so that whoever is told
  /// `outcome_unknown` meets no transaction of this writer any more.
  work_thread database;
  static inline constexpr const char* name = "writer";
};

} // namespace souk::persistence
