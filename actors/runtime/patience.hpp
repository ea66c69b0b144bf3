// Requests with a time-out that costs next to nothing.
#pragma once

#include "actors/error.hpp"
#include "actors/runtime/caf_log.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace souk::actors {

/// An actor's open requests and until when they may stay open. A time-out of CAF's own is an entry
/// in a clock shared by all actors, which stays there until it would have fired: at 20,000 orders a
/// second a tenth of all CPU time and hundreds of megabytes. Here they wait in a queue of the
/// actor's own, which is swept four times a second, so a time-out comes up to that much late. The
/// actor's behaviour must call `sweep` on `caf::timeout_atom`. Used on the actor's thread; must not
/// outlive it.
class patience {
public:
  static constexpr std::chrono::milliseconds interval{250};

  /// Sends `cmd` to `to`; calls one of the two, exactly once: `ok(Answer&)`, or
  /// `failed(caf::error&)` with what went wrong (`sec::request_timeout` after `timeout`).
  template <class Answer, class Self, class Handle, class Command, class Ok, class Failed>
  void ask(Self self, const Handle& to, std::chrono::milliseconds timeout, Command&& cmd, Ok ok,
           Failed failed) {
    auto wait = std::make_shared<waiting>(waiting{std::move(failed)});
    auto& queue = queues_[timeout];
    while (!queue.empty() && !queue.front().second->failed)
      queue.pop_front(); // answered already
    queue.emplace_back(self->clock().now() + timeout, wait);
    arm(self);
    const auto no_timer = caf::infinite; // tidy: allow infinite, because sweep ends it
    self->request(to, no_timer, std::forward<Command>(cmd))
      .then(
        [wait, ok = std::move(ok)](Answer& x) mutable {
          if (std::exchange(wait->failed, nullptr))
            ok(x);
        },
        [wait](caf::error& why) {
          if (auto f = std::exchange(wait->failed, nullptr))
            f(why);
        });
  }

  /// Fails what has waited too long.
  template <class Self>
  void sweep(Self self) {
    without_caf_log();
    armed_ = false;
    auto now = self->clock().now();
    std::vector<std::shared_ptr<waiting>> late;
    for (auto& [timeout, queue] : queues_)
      while (!queue.empty() && (!queue.front().second->failed || queue.front().first <= now)) {
        late.push_back(std::move(queue.front().second));
        queue.pop_front();
      }
    // Only now: who is told may ask again.
    for (auto& wait : late)
      if (auto f = std::exchange(wait->failed, nullptr)) {
        caf::error why = caf::sec::request_timeout;
        f(why);
      }
    std::erase_if(queues_, [](auto& x) { return x.second.empty(); });
    if (!queues_.empty())
      arm(self);
  }

  /// Lets go of all that is open, without a word: for an actor that ends before it is destroyed.
  void drop() { std::exchange(queues_, {}); }

private:
  struct waiting {
    std::function<void(caf::error&)> failed; ///< null: decided
  };
  using waiting_queue =
    std::deque<std::pair<caf::actor_clock::time_point, std::shared_ptr<waiting>>>;

  template <class Self>
  void arm(Self self) {
    if (!std::exchange(armed_, true))
      self->delayed_send(self, interval, caf::timeout_atom_v);
  }

  /// By time-out, so that each is in order of time: ask with few different ones.
  std::map<std::chrono::milliseconds, waiting_queue> queues_;
  bool armed_ = false;
};

} // namespace souk::actors
