// What every shard that writes has in common: its incarnation, ids, and the write itself.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/patience.hpp"
#include "actors/runtime/promise.hpp"
#include "actors/runtime/router.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <utility>

namespace souk::actors {

/// What all shards of a node share.
struct shard_config {
  uint32_t shard = 0;
  uint32_t shards = 64;
  std::chrono::milliseconds request_timeout{5'000}; ///< for a read or another shard
  std::chrono::milliseconds write_deadline{10'000}; ///< a write not begun by then is dropped
  size_t max_waiting = 1'024;                       ///< commands that wait for a fence; more: 503
  size_t cached = 1'024;                            ///< entries in the shard's cache
  /// Milliseconds since 1970; tests set their own.
  std::function<int64_t()> now = [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
  };
};

/// How long a write may take from the request to its answer: its deadline, and the time that the
/// writer may spend on a database that comes back.
inline std::chrono::milliseconds write_timeout(const shard_config& c) {
  return c.write_deadline + std::chrono::milliseconds{5'000};
}

/// The base of a shard's state. `Self` is the actor's pointer type, whose interface must have
/// `reacts_to` for `tick_atom` (on_tick) and `timeout_atom` (on_timeouts). A shard begins with a
/// fence; until that is answered, commands wait. After a write that failed or is unknown it forgets
/// what it cached and begins a new incarnation: a reset, which is no crash and does not count with
/// the supervisor. Runs on the actor's thread.
template <class Self>
class shard_base {
public:
  shard_base(Self ptr, domain::domain_id d) : self{ptr}, domain_{d} {}
  virtual ~shard_base() = default;
  shard_base(const shard_base&) = delete;
  shard_base& operator=(const shard_base&) = delete;

  /// To be called once, from the behaviour function.
  void start(shard_config c, router<writer_actor> writer) {
    config = std::move(c);
    writer_ = std::move(writer);
    self->set_exception_handler(
      [this](caf::scheduled_actor*, std::exception_ptr& why) { return log_exception(why); });
    ask_fence();
  }

  /// A request to another actor; see patience::ask.
  template <class Answer, class Handle, class Command, class Ok, class Failed>
  void ask(const Handle& to, std::chrono::milliseconds timeout, Command&& cmd, Ok ok,
           Failed failed) {
    patience_.ask<Answer>(self, to, timeout, std::forward<Command>(cmd), std::move(ok),
                          std::move(failed));
  }

  /// Reads what this shard owns: after its fence, and again if a new incarnation began meanwhile,
  /// for only then all that was written before is decided. Calls one of the two.
  template <class Answer, class Query>
  void read_own(router<reader_actor>& from, Query query, std::function<void(Answer&)> done,
                std::function<void(caf::error)> failed) {
    auto again = [=, this, &from] { read_own<Answer>(from, query, done, failed); };
    if (!ready_) {
      if (away_ || waiting_.size() >= config.max_waiting)
        return failed(caf::make_error(ec::restarting));
      return waiting_.push_back(
        {std::move(again), [failed] { failed(caf::make_error(ec::restarting)); }});
    }
    auto number = incarnation_.number;
    auto stale = [this, number] { return !ready_ || number != incarnation_.number; };
    ask<Answer>(
      from.any(), config.request_timeout, std::move(query),
      [=](Answer& found) { stale() ? again() : done(found); },
      [=](const caf::error& why) {
        auto code = code_of(why);
        if (code == ec::not_found && stale())
          return again();
        failed(caf::make_error(code == ec::outcome_unknown ? ec::overloaded : code));
      });
  }

  void on_timeouts() { patience_.sweep(self); }

  void on_tick() {
    if (!ready_ && !asking_)
      ask_fence();
  }

  /// Runs `work` now, or when the fence is answered. `p` is failed if the database is known to be
  /// away, if too much waits, or if it has waited for too long.
  template <class T, class Work>
  void when_ready(const call& c, const promised<T>& p, Work work) {
    if (late(c))
      return p.fail(ec::overloaded);
    if (ready_)
      return work();
    if (away_ || waiting_.size() >= config.max_waiting)
      return p.fail(ec::restarting);
    auto run = [this, deadline = c.deadline, p, work = std::move(work)]() mutable {
      if (deadline != 0 && config.now() > deadline)
        p.fail(ec::overloaded);
      else
        work();
    };
    waiting_.push_back({std::move(run), [p] { p.fail(ec::restarting); }});
  }

  /// Whether the last fence was refused: who asks now hears so at once, instead of after a
  /// time-out.
  bool away() const { return refused_ > 0; }

  bool late(const call& c) const { return c.deadline != 0 && config.now() > c.deadline; }

  /// Sends a write; calls one of the two. After a failure the shard has been reset already.
  template <class Done, class Failed>
  void send(write&& w, Done done, Failed failed) {
    w.by = incarnation_;
    w.deadline = config.now() + config.write_deadline.count();
    auto number = incarnation_.number;
    ask<written>(writer_.at(0), write_timeout(config), std::move(w), std::move(done),
                 [this, number, failed = std::move(failed)](caf::error& why) mutable {
                   auto code = code_of(why);
                   if (code != ec::write_expired && code != ec::overloaded)
                     reset(number);
                   failed(code);
                 });
  }

  /// The next id of this shard. Only inside `with_id`.
  int64_t next_id() { return (next_++) * config.shards + config.shard; }
  /// The same counter without the shard, for ids that only this shard hands out.
  int64_t next_counter() { return next_++; }

  /// Runs `work` when at least one id is at hand, or `failed(ec)`; takes another block in time.
  template <class Work, class Failed>
  void with_id(Work work, Failed failed) {
    if (next_ >= end_ && reserve_.count > 0)
      use(std::exchange(reserve_, {}));
    if (end_ - next_ < 256 && reserve_.count == 0)
      take_ids();
    if (next_ < end_)
      return work();
    if (for_ids_.size() >= config.max_waiting)
      return failed(ec::overloaded);
    for_ids_.push_back({std::move(work), std::move(failed)});
  }

  shard_config config;

protected:
  /// Forgets everything that a failed write may have made wrong.
  virtual void forget() = 0;

  /// The fence is answered: what is read from now on is right.
  virtual void on_ready() {}

  /// A reservation id that no other actor and no other incarnation uses: negative, because those of
  /// new orders are the orders' ids. 3 bits name the domain, 10 the shard, 24 the incarnation.
  int64_t next_reservation() {
    const auto who = static_cast<int64_t>(domain_) << 10 | config.shard;
    const auto life = static_cast<int64_t>(incarnation_.number & 0xff'ffff);
    return -(who << 50 | life << 26 | (++reservations_ & 0x3ff'ffff));
  }

  Self self;

private:
  void ask_fence() {
    asking_ = true;
    ask<fenced>(
      writer_.at(0), write_timeout(config), fence{domain_, config.shard},
      [this](const fenced& f) {
        asking_ = false;
        incarnation_ = f.self;
        next_ = f.ids.first;
        end_ = f.ids.first + f.ids.count;
        reserve_ = {};
        ready_ = true;
        refused_ = 0;
        away_ = false;
        on_ready();
        for (auto work = std::exchange(waiting_, {}); auto& w : work)
          w.run();
      },
      [this](const caf::error& why) {
        asking_ = false;
        if (refused_++ == 0)
          spdlog::warn("{} shard {} waits for the database: {}", to_string(domain_), config.shard,
                       to_string(code_of(why)));
        away_ = code_of(why) == ec::database_unavailable; // else the writer itself only starts anew
        if (away_)
          for (auto work = std::exchange(waiting_, {}); auto& w : work)
            w.fail();
        self->delayed_send(self, std::chrono::milliseconds{100} * std::min(refused_, 10),
                           caf::tick_atom_v);
      });
  }

  void reset(uint64_t number) {
    if (!ready_ || number != incarnation_.number)
      return;
    spdlog::warn("{} shard {} begins anew: a write failed, or nobody knows it any more",
                 to_string(domain_), config.shard);
    ready_ = false;
    incarnation_.number = 0; // nobody's: what is under way here still was decided on wrong memory
    forget();
    ask_fence();
  }

  void take_ids() {
    if (std::exchange(taking_, true))
      return;
    ask<id_block>(
      writer_.at(0), write_timeout(config), actors::take_ids{incarnation_},
      [this](const id_block& b) {
        taking_ = false;
        // What is left of the old block is used up first, so that ids keep growing.
        reserve_ = b;
        if (next_ >= end_)
          use(std::exchange(reserve_, {}));
        for (auto work = std::exchange(for_ids_, {}); auto& w : work) {
          if (next_ < end_)
            w.run();
          else
            w.fail(ec::overloaded);
        }
      },
      [this, number = incarnation_.number](const caf::error& why) {
        taking_ = false;
        // A writer that was restarted knows nobody. A write would tell, but none may come: without
        // ids there are none.
        if (auto code = code_of(why); code == ec::stale_incarnation || code == ec::not_owner)
          reset(number);
        for (auto work = std::exchange(for_ids_, {}); auto& w : work)
          w.fail(code_of(why) == ec::outcome_unknown ? ec::overloaded : code_of(why));
      });
  }

  void use(const id_block& b) {
    next_ = b.first;
    end_ = b.first + b.count;
  }

  caf::exit_reason log_exception(std::exception_ptr& why) const {
    try {
      std::rethrow_exception(why);
    } catch (const std::exception& e) {
      spdlog::error("{} shard {} crashed: {}", to_string(domain_), config.shard, e.what());
    } catch (...) {
      spdlog::error("{} shard {} crashed", to_string(domain_), config.shard);
    }
    return caf::exit_reason::unhandled_exception;
  }

  struct for_fence {
    std::function<void()> run;
    std::function<void()> fail;
  };
  struct for_id {
    std::function<void()> run;
    std::function<void(ec)> fail;
  };

  domain::domain_id domain_;
  patience patience_;
  router<writer_actor> writer_;
  incarnation incarnation_;
  bool ready_ = false;
  bool asking_ = false;
  bool taking_ = false;
  int refused_ = 0;   ///< fences since the last one that was answered
  bool away_ = false; ///< the database, by the last fence: who asks hears so at once
  int64_t next_ = 0;
  int64_t end_ = 0;
  id_block reserve_;
  int64_t reservations_ = 0;
  std::deque<for_fence> waiting_;
  std::deque<for_id> for_ids_;
};

} // namespace souk::actors
