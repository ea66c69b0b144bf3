// The persistence actor: group commit, incarnations, answers.
#include "actors/log.hpp"
#include "persistence/writer_state.hpp"

#include "actors/runtime/caf_log.hpp"
#include "actors/runtime/later.hpp"

#include <algorithm>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace souk::persistence {

using namespace actors;

/// Whom this writer has not fenced may not write: a writer that was restarted knows nobody.
ec writer_state::check(const incarnation& by) const {
  auto a = alive.find({by.domain, by.shard});
  return by.number != 0 && a != alive.end() && a->second == by.number ? ec::none
                                                                      : ec::stale_incarnation;
}

ec writer_state::check(const write& w) const {
  auto bad = check(w.by);
  return bad == ec::none && w.deadline != 0 && w.deadline < now_ms() ? ec::write_expired : bad;
}

/// Gives the database its next work if it has none, and prepares what comes after it. Ids go first,
/// but not twice in a row while others wait: where each attempt takes long, someone always asks.
void writer_state::pump() {
  prepare();
  while (!database.busy() && !(next.writes.empty() && queue.empty() && ids.empty())) {
    const bool others = !next.writes.empty() || !queue.empty();
    const bool ids_now = !ids.empty() && !(ids_last && others);
    ids_last = ids_now;
    if (ids_now) {
      run_ids();
    } else if (!next.writes.empty()) {
      if (gathers())
        return;
      run_writes();
    } else {
      switch (queue.front().index()) {
      case 1: run_fences(); break;
      case 2: run_position(); break;
      case 3: run_sweep(); break;
      default: throw std::logic_error("a write waits although it could be prepared");
      }
    }
    prepare();
  }
}

/// Whether the next batch waits for more. Not if something else stands behind it.
bool writer_state::gathers() {
  const auto time = self->clock().now();
  if (draining || !queue.empty() || !gather.waits(next.writes.size(), time))
    return false;
  if (!std::exchange(gathering_ends, true))
    send_later(self, gather.until() - time, caf::timeout_atom_v);
  return true;
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
  draining = true;
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

/// Those who wait behind a database that stands still hear in time that nothing happened.
void writer_state::drop_expired() {
  const auto time = now_ms();
  const auto expired = [time](const asked_write& x) {
    return x->command.deadline != 0 && x->command.deadline < time;
  };
  if (std::any_of(next.asks.begin(), next.asks.end(), expired))
    prepare_anew();
  for (auto& x : queue)
    if (auto* ask = std::get_if<asked_write>(&x); ask != nullptr && expired(*ask))
      unfit.emplace_back(std::move(*ask), ec::write_expired);
  std::erase_if(queue, [](auto& x) {
    auto* ask = std::get_if<asked_write>(&x);
    return ask != nullptr && !*ask;
  });
  turn_away();
}

void writer_state::run_writes() {
  if (std::any_of(next.writes.begin(), next.writes.end(),
                  [this](const write* w) { return check(*w) != ec::none; })) {
    prepare_anew();
    if (next.writes.empty())
      return;
  }
  now = std::exchange(next, {});
  gather.begin(now.writes.size());
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
  gather.end(self->clock().now());
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

namespace {

constexpr std::chrono::milliseconds look_for_expired{500};

template <class Answer, class Command>
caf::result<Answer> enqueue(writer_impl::stateful_pointer<writer_state> self, Command& command) {
  auto& st = self->state;
  if (st.next.writes.size() + st.queue.size() + st.ids.size() + self->mailbox().size()
      > st.config.max_queue)
    return caf::make_error(ec::overloaded);
  promised<Answer> promise{self};
  promise.if_lost(ec::outcome_unknown);
  using ask = asked<Command, Answer>;
  if constexpr (std::is_same_v<Command, write>)
    st.queue.emplace_back(std::make_unique<ask>(std::move(command), promise));
  else if constexpr (std::is_same_v<Command, take_ids>)
    st.ids.push_back({std::move(command), promise});
  else
    st.queue.emplace_back(std::in_place_type<ask>, std::move(command), promise);
  st.received();
  return promise.raw();
}

writer_impl::behavior_type writer_behavior(writer_impl::stateful_pointer<writer_state> self,
                                           options config, listeners l) {
  without_caf_log();
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
  self->delayed_send(self, look_for_expired, caf::update_atom_v);
  return {
    [self](write& w) { return enqueue<written>(self, w); },
    [self](fence& f) { return enqueue<fenced>(self, f); },
    [self](take_ids& t) { return enqueue<id_block>(self, t); },
    [self](save_log_position& x) { return enqueue<bool>(self, x); },
    [self](caf::tick_atom) {
      self->state.queue.emplace_back(sweep{});
      self->state.received();
    },
    [self](caf::update_atom) {
      self->delayed_send(self, look_for_expired, caf::update_atom_v);
      self->state.drop_expired();
      self->state.received(); // the write before may have left it to this message
    },
    [self](caf::timeout_atom) {
      self->state.gathering_ends = false;
      self->state.pump();
      self->state.turn_away();
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
