// The persistence actor: group commit, incarnations, and telling those concerned.
#include "actors/domain/shards.hpp"
#include "persistence/batch_keys.hpp"
#include "persistence/committer.hpp"
#include "persistence/persistence.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <map>
#include <unordered_map>
#include <variant>

namespace souk::persistence {

using namespace actors;

namespace {

using writer_impl = writer_actor::extend<caf::reacts_to<caf::tick_atom>>;

template <class Command, class Answer>
struct asked {
  Command command;
  caf::typed_response_promise<Answer> promise;
};
using asked_write = asked<write, written>;
using asked_fence = asked<fence, fenced>;
using asked_ids = asked<take_ids, id_block>;

/// The writer. One a node, on a thread of its own, because it blocks. What arrives while a commit
/// runs waits in the mailbox and is the next batch: no timer, no delay when idle. A restart answers
/// `outcome_unknown` to all who wait; their shards then begin new incarnations.
struct writer_state {
  writer_state(writer_impl::pointer ptr) : self{ptr} {}
  ~writer_state();

  using shard_key = std::pair<domain::domain_id, uint32_t>;

  void flush();
  void run_writes();
  void run_fences();
  void run_ids();
  ec check(const incarnation& by) const;
  void poison(const incarnation& by);
  void tell_doubt();
  void answer(batch_result& result);
  void tell_stock(const batch_result& result);
  void tell_notifiers(const batch_result& result);
  void tell_log_readers(const batch_result& result);

  writer_impl::pointer self;
  options config;
  std::unique_ptr<committer> db;
  router<stock_actor> stock;
  router<notifier_actor> notifiers;
  router<log_reader_actor> log_readers;
  std::deque<std::variant<asked_write, asked_fence, asked_ids>> queue;
  std::map<shard_key, uint64_t> alive; ///< the incarnation that may write; 0: it must fence first
  /// Being decided at this moment: whatever is thrown, they are answered.
  std::vector<asked_write> batch;
  std::vector<asked_fence> fences;
  uint64_t connects = 0; ///< of the committer, as told to the stock shards
  static inline constexpr const char* name = "writer";
};

writer_state::~writer_state() {
  auto unknown = [](auto& a) { a.promise.deliver(caf::make_error(ec::outcome_unknown)); };
  for (auto& x : queue)
    std::visit(unknown, x);
  for (auto& x : batch)
    unknown(x);
  for (auto& x : fences)
    unknown(x);
}

/// Whom this writer has not fenced may not write: a writer that was restarted knows nobody.
ec writer_state::check(const incarnation& by) const {
  auto a = alive.find({by.domain, by.shard});
  return a != alive.end() && a->second == by.number ? ec::none : ec::stale_incarnation;
}

void writer_state::poison(const incarnation& by) {
  auto& number = alive[{by.domain, by.shard}];
  if (number == by.number)
    number = 0;
}

/// After a loss of the connection, counts may have been committed that nobody was told.
void writer_state::tell_doubt() {
  if (std::exchange(connects, db->connects()) == db->connects())
    return;
  for (uint32_t shard = 0; shard < stock.size(); ++shard)
    caf::anon_send(stock.at(shard), settle_stock{{}, true});
}

void writer_state::flush() {
  while (!queue.empty()) {
    switch (queue.front().index()) {
    case 0: run_writes(); break;
    case 1: run_fences(); break;
    default: run_ids();
    }
  }
}

/// Commits the writes at the head of the queue, up to the first that may not join them.
void writer_state::run_writes() {
  batch_keys keys;
  auto now = now_ms();
  while (!queue.empty() && batch.size() < config.max_batch) {
    auto* next = std::get_if<asked_write>(&queue.front());
    if (next == nullptr)
      break;
    auto bad = check(next->command.by);
    if (bad == ec::none && next->command.deadline != 0 && next->command.deadline < now)
      bad = ec::write_expired;
    if (bad != ec::none) {
      next->promise.deliver(caf::make_error(bad));
      queue.pop_front();
      continue;
    }
    if (!keys.accepts(next->command))
      break;
    keys.add(next->command);
    batch.push_back(std::move(*next));
    queue.pop_front();
  }
  if (batch.empty())
    return;
  std::vector<const write*> writes;
  writes.reserve(batch.size());
  for (auto& x : batch)
    writes.push_back(&x.command);
  auto result = db->commit(writes);
  tell_doubt();
  tell_stock(result);
  tell_notifiers(result);
  tell_log_readers(result);
  answer(result);
  batch.clear();
}

void writer_state::answer(batch_result& result) {
  for (size_t i = 0; i < batch.size(); ++i) {
    auto& d = result.decisions[i];
    if (d.error != ec::none) {
      poison(batch[i].command.by);
      batch[i].promise.deliver(caf::make_error(d.error));
      continue;
    }
    // Counts are only of interest to those who changed them by themselves.
    auto& w = batch[i].command;
    if (d.answer.refused == refusal::none && w.by.domain != domain::domain_id::order)
      for (auto& c : w.stock)
        for (auto& level : result.levels)
          if (level.product_id == c.product_id)
            d.answer.levels.push_back(level);
    batch[i].promise.deliver(std::move(d.answer));
  }
}

/// The stock shards hear of a commit before anyone else: who has seen an answer sees its counts.
void writer_state::tell_stock(const batch_result& result) {
  if (stock.size() == 0)
    return;
  std::unordered_map<int64_t, settlement> by_product;
  for (auto& level : result.refreshed)
    by_product[level.product_id].level = level;
  for (auto& level : result.levels)
    by_product[level.product_id].level = level;
  for (size_t i = 0; i < batch.size(); ++i) {
    auto& d = result.decisions[i];
    if (d.error != ec::none || d.answer.refused != refusal::none)
      continue;
    for (auto& c : batch[i].command.stock)
      if (c.reservation_id != 0)
        by_product[c.product_id].reservations.push_back(c.reservation_id);
    if (auto& p = batch[i].command.product)
      caf::anon_send(stock.at(domain::shard_of(p->row.id, stock.size())), relabel_product{p->row});
  }
  std::unordered_map<uint32_t, settle_stock> by_shard;
  for (auto& [product, s] : by_product)
    by_shard[domain::shard_of(product, stock.size())].items.push_back(std::move(s));
  for (auto& [shard, message] : by_shard)
    caf::anon_send(stock.at(shard), std::move(message));
}

void writer_state::tell_notifiers(const batch_result& result) {
  if (notifiers.size() == 0)
    return;
  std::unordered_map<uint32_t, events_committed> by_notifier;
  for (size_t i = 0; i < batch.size(); ++i) {
    auto& ids = result.decisions[i].event_ids;
    auto& events = batch[i].command.events;
    for (size_t e = 0; e < ids.size(); ++e) {
      events[e].id = ids[e];
      events[e].request_id = batch[i].command.request_id;
      by_notifier[domain::shard_of_subject(events[e].subject, notifiers.size())].items.push_back(
        std::move(events[e]));
    }
  }
  for (auto& [n, message] : by_notifier)
    caf::anon_send(notifiers.at(n), std::move(message));
}

void writer_state::tell_log_readers(const batch_result& result) {
  uint64_t events = 0;
  for (auto& d : result.decisions)
    events += d.event_ids.size();
  for (uint32_t i = 0; events > 0 && i < log_readers.size(); ++i)
    if (auto& reader = log_readers.at(i))
      caf::anon_send(reader, log_grew{events});
}

void writer_state::run_fences() {
  std::vector<fence> wanted;
  while (!queue.empty() && std::holds_alternative<asked_fence>(queue.front())) {
    fences.push_back(std::move(std::get<asked_fence>(queue.front())));
    wanted.push_back(fences.back().command);
    queue.pop_front();
  }
  std::vector<fenced> answers;
  auto code = db->fence(wanted, answers);
  tell_doubt();
  bool displaced = false;
  for (size_t i = 0; i < fences.size(); ++i) {
    if (code != ec::none) {
      fences[i].promise.deliver(caf::make_error(code));
    } else if (answers[i].self.number == 0) {
      displaced = true;
      fences[i].promise.deliver(caf::make_error(ec::not_owner));
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
  auto ask = std::move(std::get<asked_ids>(queue.front()));
  queue.pop_front();
  auto code = check(ask.command.by);
  id_block block;
  if (code == ec::none)
    code = db->take_ids(ask.command.by, block);
  if (code == ec::none)
    ask.promise.deliver(block);
  else
    ask.promise.deliver(caf::make_error(code));
}

template <class Answer, class Command>
caf::result<Answer> enqueue(writer_impl::stateful_pointer<writer_state> self, Command& command) {
  auto& st = self->state;
  if (st.queue.size() + self->mailbox().size() > st.config.max_queue)
    return caf::make_error(ec::overloaded);
  auto promise = self->make_response_promise<Answer>();
  st.queue.push_back(asked<Command, Answer>{std::move(command), promise});
  if (st.queue.size() >= st.config.max_batch || self->mailbox().empty())
    st.flush();
  return promise;
}

constexpr auto sweep_interval = std::chrono::minutes{10};

writer_impl::behavior_type writer_behavior(writer_impl::stateful_pointer<writer_state> self,
                                           options config, listeners l) {
  auto& st = self->state;
  st.config = config;
  st.db = std::make_unique<committer>(config);
  st.stock = router<stock_actor>{l.stock};
  st.notifiers = router<notifier_actor>{l.notifiers};
  st.log_readers = router<log_reader_actor>{l.log_readers};
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
    self->state.flush();
    self->quit(std::move(m.reason));
  });
  self->delayed_send(self, std::chrono::seconds{1}, caf::tick_atom_v);
  return {
    [self](write& w) { return enqueue<written>(self, w); },
    [self](fence& f) { return enqueue<fenced>(self, f); },
    [self](take_ids& t) { return enqueue<id_block>(self, t); },
    [self](const save_log_position& x) -> caf::result<bool> {
      self->state.flush();
      auto code = self->state.db->save_position(x);
      if (code != ec::none)
        return caf::make_error(code);
      return true;
    },
    [self](caf::tick_atom) {
      self->state.flush();
      auto more = self->state.db->delete_old_answers();
      self->delayed_send(self, more ? std::chrono::seconds{1} : sweep_interval, caf::tick_atom_v);
    },
  };
}

} // namespace

writer_actor spawn_writer(caf::actor_system& sys, const options& o, listeners l) {
  return sys.spawn<caf::detached>(writer_behavior, o, std::move(l));
}

} // namespace souk::persistence
