// Follows the event log: the events of a page at work together, pages one after the other.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/patience.hpp"
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

/// Reads the log from where its consumer stood and hands each event over until it is done with.
/// What was at work when the process died is handed over again: the work must be repeatable. Events
/// of one page may be done in any order. `Self`'s interface needs `reacts_to` for `tick_atom`
/// (on_tick), `update_atom` (on_pause_over) and `timeout_atom` (on_timeouts). Used on the actor's
/// thread.
template <class Self>
class log_follower {
public:
  /// Calls `done(true)` when an event is done with, `done(false)` to get it again in a while. One
  /// of them, once.
  using handler = std::function<void(const event&, std::function<void(bool)> done)>;

  log_follower(Self self, std::string consumer) : self_{self}, consumer_{std::move(consumer)} {}

  /// `at_work`: the most events that are handed over at a time; fewer while their work is slow.
  void start(router<reader_actor> readers, router<writer_actor> writer, size_t at_work,
             handler work) {
    readers_ = std::move(readers);
    writer_ = std::move(writer);
    max_at_work_ = at_work;
    allowed_ = std::min(at_work, size_t{16});
    work_ = std::move(work);
    on_tick();
  }

  /// The log may have grown.
  void nudge() {
    grown_ = true;
    go_on();
  }

  /// Looks by itself, keeps its place, and tries again what failed.
  void on_tick() {
    self_->delayed_send(self_, interval, caf::tick_atom_v);
    for (auto& e : std::exchange(again_, {}))
      waiting_.push_back(std::move(e));
    grown_ = true;
    go_on();
    save();
  }

  void on_pause_over() {
    pausing_ = false;
    go_on();
  }

  void on_timeouts() { patience_.sweep(self_); }

  /// A request to another actor; see patience::ask.
  template <class Answer, class Handle, class Command, class Ok, class Failed>
  void ask(const Handle& to, Command&& cmd, Ok ok, Failed failed) {
    patience_.ask<Answer>(self_, to, timeout, std::forward<Command>(cmd), std::move(ok),
                          std::move(failed));
  }

private:
  static constexpr std::chrono::milliseconds interval{1'000};
  /// Between two reads: at idle a nudge is followed at once, under load many share a read.
  static constexpr std::chrono::milliseconds pause{20};
  static constexpr std::chrono::milliseconds quick{8};
  static constexpr std::chrono::milliseconds slow{16};
  static constexpr size_t min_at_work = 2;
  static constexpr std::chrono::milliseconds timeout{15'000};

  void go_on() {
    while (!waiting_.empty() && at_work_ < allowed_) {
      auto e = std::move(waiting_.front());
      waiting_.pop_front();
      ++at_work_;
      work_(e, [this, e, began = self_->clock().now()](bool ok) {
        --at_work_;
        adapt(self_->clock().now() - began);
        if (!ok)
          again_.push_back(e);
        go_on();
      });
    }
    if (!waiting_.empty() || at_work_ > 0 || !again_.empty() || reading_)
      return;
    done_ = read_; // everything up to here is done with
    if (!grown_)
      return;
    auto now = self_->clock().now();
    if (now >= last_read_ + pause) {
      last_read_ = now;
      return read();
    }
    if (!std::exchange(pausing_, true))
      self_->delayed_send(self_, pause, caf::update_atom_v);
  }

  /// More at a time while the answers come quickly, fewer when others wait for the same: what the
  /// log asks for is never urgent, and in an idle hour many share a commit.
  void adapt(caf::actor_clock::duration_type taken) {
    if (taken < quick && allowed_ < max_at_work_)
      ++allowed_;
    else if (taken > slow)
      allowed_ = std::max(std::min(min_at_work, max_at_work_), allowed_ - allowed_ / 8 - 1);
  }

  void read() {
    reading_ = true;
    if (!placed_)
      return ask<log_position>(
        readers_.any(), load_log_position{consumer_},
        [this](const log_position& p) {
          placed_ = true;
          saved_ = done_ = read_ = p;
          reading_ = false;
          go_on();
        },
        [this](const caf::error&) { reading_ = false; });
    grown_ = false;
    ask<events_page>(
      readers_.any(), load_events{read_, 256},
      [this](events_page& page) {
        reading_ = false;
        read_ = page.end;
        grown_ = grown_ || page.more;
        for (auto& e : page.items)
          waiting_.push_back(std::move(e));
        go_on();
      },
      [this](const caf::error&) { reading_ = false; }); // the next tick looks again
  }

  /// Not for each event: that would cost a commit, and doing the last second's work again has no
  /// effect.
  void save() {
    auto same = done_.transaction == saved_.transaction && done_.id == saved_.id;
    if (!placed_ || saving_ || same)
      return;
    saving_ = true;
    ask<bool>(
      writer_.at(0), save_log_position{consumer_, done_},
      [this, p = done_](bool) {
        saving_ = false;
        saved_ = p;
      },
      [this](const caf::error&) { saving_ = false; });
  }

  Self self_;
  std::string consumer_;
  patience patience_;
  router<reader_actor> readers_;
  router<writer_actor> writer_;
  handler work_;
  size_t max_at_work_ = 1;
  size_t allowed_ = 1; ///< at the moment, of `max_at_work_`
  size_t at_work_ = 0;
  std::deque<event> waiting_;
  std::deque<event> again_; ///< failed; handed over again at the next tick
  log_position read_;
  log_position done_;
  log_position saved_;
  bool placed_ = false; ///< it knows where it stood
  bool reading_ = false;
  bool saving_ = false;
  bool grown_ = true;
  bool pausing_ = false;
  caf::actor_clock::time_point last_read_{};
};

} // namespace souk::actors
