// The persistence actor: group commit, incarnations, answers.
#include "persistence/announcer.hpp"
#include "persistence/committer.hpp"
#include "persistence/store_metrics.hpp"
#include "persistence/work_thread.hpp"
#include "persistence/write_batch.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

namespace souk::persistence {

using namespace actors;

namespace {

using writer_impl =
  writer_actor::extend<caf::reacts_to<caf::tick_atom>, caf::reacts_to<caf::flush_atom>>;

using asked_fence = asked<fence, fenced>;
using asked_ids = asked<take_ids, id_block>;
using asked_position = asked<save_log_position, bool>;
struct sweep {};

constexpr auto sweep_interval = std::chrono::minutes{10};

/// The writer. One a node, on a thread of its own, because it may wait; the database's work is done
/// on a second thread. What arrives while a commit runs is made into the next batch meanwhile, and
/// what a commit came to is told while the next one runs: no timer, no delay when idle. A restart
/// answers `outcome_unknown` to all who wait; their shards then begin new incarnations.
struct writer_state {
  writer_state(writer_impl::pointer ptr) : self{ptr} {}

  using shard_key = std::pair<domain::domain_id, uint32_t>;

  void pump();
  void take();
  void drain();
  void prepare();
  void turn_away();
  void prepare_anew();
  void run_writes();
  template <class Ask>
  std::shared_ptr<Ask> take_first();
  void run_fences();
  void run_ids();
  void run_position();
  void run_sweep();
  void run(std::function<void()> work, std::function<void()> finish);
  ec check(const write& w) const;
  ec check(const incarnation& by) const;
  void poison();
  void finish_writes();
  void finish_fences(ec code, const std::vector<fenced>& answers);
  void answer(const write_batch& told, batch_result& of_told);
  void received();
  void count_waiting();

  writer_impl::pointer self;
  options config;
  std::unique_ptr<committer> db; ///< the database thread's while that is busy
  announcer tell;
  std::unique_ptr<store_metrics> counts;
  std::deque<std::variant<asked_write, asked_fence, asked_ids, asked_position, sweep>> queue;
  std::map<shard_key, uint64_t> alive; ///< the incarnation that may write; 0: it must fence first
  write_batch next;                    ///< from the head of the queue, not begun
  std::vector<std::pair<asked_write, ec>> unfit; ///< from the queue, too; not told yet
  write_batch now;                               ///< being decided
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

/// Whom this writer has not fenced may not write: a writer that was restarted knows nobody.
ec writer_state::check(const incarnation& by) const {
  auto a = alive.find({by.domain, by.shard});
  return a != alive.end() && a->second == by.number ? ec::none : ec::stale_incarnation;
}

ec writer_state::check(const write& w) const {
  auto bad = check(w.by);
  return bad == ec::none && w.deadline != 0 && w.deadline < now_ms() ? ec::write_expired : bad;
}

/// Gives the database its next work if it has none, and prepares what comes after it.
void writer_state::pump() {
  prepare();
  while (!database.busy() && !(next.writes.empty() && queue.empty())) {
    if (!next.writes.empty()) {
      run_writes();
    } else {
      switch (queue.front().index()) {
      case 1: run_fences(); break;
      case 2: run_ids(); break;
      case 3: run_position(); break;
      case 4: run_sweep(); break;
      default: throw std::logic_error("a write waits although it could be prepared");
      }
    }
    prepare();
  }
}

void writer_state::run(std::function<void()> work, std::function<void()> then) {
  finish = std::move(then);
  database.start(
    [this, work = std::move(work)] {
      work();
      connects = db->connects();
    },
    [writer = caf::actor_cast<caf::actor>(self)] {
      // Before the writes that wait in the mailbox: the database is idle.
      caf::anon_send<caf::message_priority::high>(writer, caf::flush_atom_v);
    });
}

/// Takes what the database's work came to; waits for it.
void writer_state::take() {
  database.take();
  if (std::exchange(told_connects, connects) != connects)
    tell.tell_doubt();
  std::exchange(finish, nullptr)();
}

/// Decides everything that was accepted.
void writer_state::drain() {
  for (pump(); database.busy(); pump())
    take();
  turn_away();
}

/// Answers those who may not write: after the batches before them, as they were sent.
void writer_state::turn_away() {
  for (auto& [ask, why] : std::exchange(unfit, {}))
    ask->promise.fail(why);
}

/// Moves the writes at the head of the queue into the next batch, up to the first that may not join
/// it.
void writer_state::prepare() {
  if (!fences.empty())
    return; // what is being fenced decides who may write
  auto made_at = now_ms();
  while (!queue.empty() && next.writes.size() < config.max_batch) {
    auto* head = std::get_if<asked_write>(&queue.front());
    if (head == nullptr)
      return;
    if (auto bad = check((*head)->command); bad != ec::none) {
      unfit.emplace_back(std::move(*head), bad);
    } else {
      if (!next.accepts(*head))
        return;
      next.add(std::move(*head), db->kind(), made_at);
    }
    queue.pop_front();
  }
}

/// Some in the next batch may not be written any more: it is made again without them.
void writer_state::prepare_anew() {
  auto old = std::exchange(next, {});
  for (auto ask = old.asks.rbegin(); ask != old.asks.rend(); ++ask)
    queue.emplace_front(std::move(*ask));
  prepare();
}

void writer_state::run_writes() {
  if (std::any_of(next.writes.begin(), next.writes.end(),
                  [this](const write* w) { return check(*w) != ec::none; })) {
    prepare_anew();
    if (next.writes.empty())
      return;
  }
  now = std::exchange(next, {});
  run(
    [this] {
      const auto began = std::chrono::steady_clock::now();
      result = db->commit(now.writes, std::move(now.rows));
      took = std::chrono::steady_clock::now() - began;
    },
    [this] { finish_writes(); });
}

/// The incarnations whose writes failed may not write any more.
void writer_state::poison() {
  for (size_t i = 0; i < now.writes.size(); ++i) {
    if (result.decisions[i].error == ec::none)
      continue;
    auto& by = now.writes[i]->by;
    if (auto& number = alive[{by.domain, by.shard}]; number == by.number)
      number = 0;
  }
}

void writer_state::finish_writes() {
  poison();
  auto told = std::exchange(now, {});
  auto of_told = std::exchange(result, {});
  const auto time = took;
  pump(); // first of all: the database shall not wait
  counts->decided(told.writes, of_told, time);
  count_waiting();
  tell.tell(told.writes, of_told);
  answer(told, of_told);
}

void writer_state::answer(const write_batch& told, batch_result& of_told) {
  for (size_t i = 0; i < told.writes.size(); ++i) {
    auto& d = of_told.decisions[i];
    auto& w = *told.writes[i];
    auto& promise = told.asks[i]->promise;
    if (d.error != ec::none) {
      promise.fail(d.error);
      continue;
    }
    // Counts are only of interest to those who changed them by themselves.
    if (d.answer.refused == refusal::none && w.by.domain != domain::domain_id::order)
      for (auto& c : w.stock)
        for (auto& level : of_told.levels)
          if (level.product_id == c.product_id)
            d.answer.levels.push_back(level);
    promise.deliver(std::move(d.answer));
  }
}

/// Those that the database has are not decided yet, either.
void writer_state::count_waiting() {
  counts->waiting(now.writes.size() + next.writes.size() + queue.size());
}

template <class Answer>
void deliver(const promised<Answer>& to, ec code, const Answer& answer) {
  if (code == ec::none)
    to.deliver(answer);
  else
    to.fail(code);
}

template <class Ask>
std::shared_ptr<Ask> writer_state::take_first() {
  auto ask = std::make_shared<Ask>(std::move(std::get<Ask>(queue.front())));
  queue.pop_front();
  return ask;
}

void writer_state::run_fences() {
  auto wanted = std::make_shared<std::vector<fence>>();
  while (!queue.empty() && std::holds_alternative<asked_fence>(queue.front())) {
    fences.push_back(std::move(std::get<asked_fence>(queue.front())));
    wanted->push_back(fences.back().command);
    queue.pop_front();
  }
  auto answers = std::make_shared<std::vector<fenced>>();
  auto code = std::make_shared<ec>(ec::none);
  run([=, this] { *code = db->fence(*wanted, *answers); },
      [=, this] { finish_fences(*code, *answers); });
}

void writer_state::finish_fences(ec code, const std::vector<fenced>& answers) {
  bool displaced = false;
  for (size_t i = 0; i < fences.size(); ++i) {
    if (code != ec::none) {
      fences[i].promise.fail(code);
    } else if (answers[i].self.number == 0) {
      displaced = true;
      fences[i].promise.fail(ec::not_owner);
    } else {
      alive[{answers[i].self.domain, answers[i].self.shard}] = answers[i].self.number;
      fences[i].promise.deliver(answers[i]);
    }
  }
  fences.clear();
  // Nothing that this process knows is true any more: it ends, by way of its supervisors.
  if (displaced)
    throw std::runtime_error("another server has taken this database over");
}

void writer_state::run_ids() {
  auto ask = take_first<asked_ids>();
  if (auto bad = check(ask->command.by); bad != ec::none)
    return deliver(ask->promise, bad, {});
  auto code = std::make_shared<ec>(ec::none);
  auto block = std::make_shared<id_block>();
  run([=, this] { *code = db->take_ids(ask->command.by, *block); },
      [=] { deliver(ask->promise, *code, *block); });
}

void writer_state::run_position() {
  auto ask = take_first<asked_position>();
  auto code = std::make_shared<ec>(ec::none);
  run([=, this] { *code = db->save_position(ask->command); },
      [=] { deliver(ask->promise, *code, true); });
}

void writer_state::run_sweep() {
  queue.pop_front();
  auto more = std::make_shared<bool>(false);
  run([=, this] { *more = db->delete_old_answers(); },
      [=, this] {
        self->delayed_send(self, *more ? std::chrono::seconds{1} : sweep_interval,
                           caf::tick_atom_v);
      });
}

/// Idle: what came together goes together. Busy: the next batch grows.
void writer_state::received() {
  if (database.busy())
    prepare();
  else if (queue.size() >= config.max_batch || self->mailbox().empty())
    pump();
  turn_away();
  if (self->mailbox().empty()) // not for each of many
    count_waiting();
}

template <class Answer, class Command>
caf::result<Answer> enqueue(writer_impl::stateful_pointer<writer_state> self, Command& command) {
  auto& st = self->state;
  if (st.next.writes.size() + st.queue.size() + self->mailbox().size() > st.config.max_queue)
    return caf::make_error(ec::overloaded);
  promised<Answer> promise{self};
  promise.if_lost(ec::outcome_unknown);
  using ask = asked<Command, Answer>;
  if constexpr (std::is_same_v<Command, write>)
    st.queue.emplace_back(std::make_unique<ask>(std::move(command), promise));
  else
    st.queue.emplace_back(std::in_place_type<ask>, std::move(command), promise);
  st.received();
  return promise.raw();
}

writer_impl::behavior_type writer_behavior(writer_impl::stateful_pointer<writer_state> self,
                                           options config, listeners l) {
  auto& st = self->state;
  st.config = config;
  st.db = std::make_unique<committer>(config);
  st.tell = announcer{l};
  st.counts = std::make_unique<store_metrics>(config.registry);
  self->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& why) {
    try {
      std::rethrow_exception(why);
    } catch (const std::exception& e) {
      spdlog::critical("the writer crashed: {}", e.what());
    }
    return caf::exit_reason::unhandled_exception;
  });
  // What was accepted is decided before the end.
  self->set_exit_handler([self](caf::exit_msg& m) {
    self->state.drain();
    self->quit(std::move(m.reason));
  });
  self->delayed_send(self, std::chrono::seconds{1}, caf::tick_atom_v);
  return {
    [self](write& w) { return enqueue<written>(self, w); },
    [self](fence& f) { return enqueue<fenced>(self, f); },
    [self](take_ids& t) { return enqueue<id_block>(self, t); },
    [self](save_log_position& x) { return enqueue<bool>(self, x); },
    [self](caf::tick_atom) {
      self->state.queue.emplace_back(sweep{});
      self->state.received();
    },
    [self](caf::flush_atom) {
      // What it came to may have been taken already, by someone who waited for it.
      if (self->state.database.busy())
        self->state.take();
      self->state.pump();
      self->state.turn_away();
    },
  };
}

} // namespace

writer_actor spawn_writer(caf::actor_system& sys, const options& o, listeners l) {
  return sys.spawn<caf::detached>(writer_behavior, o, std::move(l));
}

} // namespace souk::persistence
