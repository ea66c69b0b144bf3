// What every shard that writes has in common: its incarnation, ids, and the write itself.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/later.hpp"
#include "actors/runtime/patience.hpp"
#include "actors/runtime/promise.hpp"
#include "actors/runtime/router.hpp"

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

/// The base of a shard's state. `Impl`, the actor's class, must have `reacts_to` for `tick_atom`
/// (on_tick) and `timeout_atom` (on_timeouts) in its interface. A shard begins with a fence; until
/// that is answered, commands wait. After a write that failed or is unknown it forgets what it
/// cached and begins a new incarnation: a reset, which is no crash and does not count with the
/// supervisor. Runs on the actor's thread.
class shard_base {
public:
  template <class Impl>
  shard_base(Impl* ptr, domain::domain_id d) : self{ptr}, domain_{d} {
    using interface = typename Impl::signatures;
    static_assert(caf::response_type<interface, caf::tick_atom>::valid);
    static_assert(caf::response_type<interface, caf::timeout_atom>::valid);
  }
  virtual ~shard_base() = default;
  shard_base(const shard_base&) = delete;
  shard_base& operator=(const shard_base&) = delete;

  /// To be called once, from the behaviour function.
  void start(shard_config c, router<writer_actor> writer);

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
  void on_tick();

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

  caf::scheduled_actor* const self;

private:
  void ask_fence();
  void reset(uint64_t number);
  void take_ids();
  void use(const id_block& b);

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
