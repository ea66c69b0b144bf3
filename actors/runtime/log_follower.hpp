// Follows the event log: the events of a page at work together, pages one after the other.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/patience.hpp"
#include "actors/runtime/router.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

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

  /// `at_work`: the most events that are handed over at a time.
  void start(router<reader_actor> readers, router<writer_actor> writer, size_t at_work,
             handler work) {
    readers_ = std::move(readers);
    writer_ = std::move(writer);
    max_at_work_ = at_work;
    work_ = std::move(work);
    on_tick();
  }

  /// The log has grown by so many events, our own work's among them.
  void nudge(uint64_t events) {
    grown_ = true;
    grown_by_ += events;
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
  using duration = caf::actor_clock::duration_type;

  static constexpr std::chrono::milliseconds interval{1'000};
  /// Between two reads that come to the log's end: at idle a nudge is followed at once, under load
  /// many share a read.
  static constexpr std::chrono::milliseconds pause{20};
  static constexpr std::chrono::milliseconds longest_rest{500};
  static constexpr std::chrono::milliseconds timeout{15'000};
  static constexpr size_t under_load = 8; ///< a part of what may be at work

  void go_on() {
    if (at_work_ > 0 || pausing_ || reading_)
      return;
    if (!waiting_.empty())
      return hand_over();
    if (!again_.empty())
      return;
    done_ = read_; // everything up to here is done with
    if (!grown_)
      return;
    auto now = self_->clock().now();
    if (!more_ && now < last_read_ + pause)
      return rest(pause);
    last_read_ = now;
    read();
  }

  /// Many at once, because they share reads and a commit; then a rest, the longer the more others
  /// wrote meanwhile: what the log asks for is never urgent, and leaves the most to them. While
  /// they write much it is fewer at once, since each of their writes may have to wait for all of
  /// these.
  void hand_over() {
    auto most = others_write_ ? std::max<size_t>(max_at_work_ / under_load, 1) : max_at_work_;
    auto n = std::min(waiting_.size(), most);
    std::vector<event> together{std::make_move_iterator(waiting_.begin()),
                                std::make_move_iterator(waiting_.begin() + ptrdiff_t(n))};
    waiting_.erase(waiting_.begin(), waiting_.begin() + ptrdiff_t(n));
    at_work_ = n;
    grown_by_ = 0;
    began_ = self_->clock().now();
    for (auto& e : together)
      work_(e, [this, e](bool ok) {
        if (!ok)
          again_.push_back(e);
        if (--at_work_ == 0)
          end_together();
      });
    asked_ = at_work_;
  }

  void end_together() {
    auto ours = std::exchange(asked_, 0);
    auto others = grown_by_ - std::min<uint64_t>(grown_by_, ours);
    auto taken = self_->clock().now() - began_;
    // The square: a little traffic is hardly noticed, and a flood goes first.
    auto percent = ours > 0 ? static_cast<int64_t>(others * 100 / (others + ours)) : 0;
    others_write_ = percent > 25;
    if (percent > 0)
      rest(std::min<duration>(
        16 * std::min<duration>(taken, longest_rest) * percent * percent / 10'000, longest_rest));
    go_on();
  }

  void rest(duration time) {
    pausing_ = true;
    self_->delayed_send(self_, time, caf::update_atom_v);
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
        more_ = page.more;
        grown_ = grown_ || more_;
        for (auto& e : page.items)
          waiting_.push_back(std::move(e));
        go_on();
      },
      [this](const caf::error&) { // the next tick looks again
        reading_ = false;
        more_ = false;
      });
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
  size_t at_work_ = 0;    ///< of those that were handed over together
  size_t asked_ = 0;      ///< of these, how many were not done with at once
  uint64_t grown_by_ = 0; ///< events since then
  bool others_write_ = false;
  caf::actor_clock::time_point began_{};
  std::deque<event> waiting_;
  std::deque<event> again_; ///< failed; handed over again at the next tick
  log_position read_;
  log_position done_;
  log_position saved_;
  bool placed_ = false; ///< it knows where it stood
  bool reading_ = false;
  bool saving_ = false;
  bool grown_ = true;
  bool more_ = false; ///< the last page was not all there was
  bool pausing_ = false;
  caf::actor_clock::time_point last_read_{};
};

} // namespace souk::actors
