// A promise that cannot be forgotten.
#pragma once

#include "actors/error.hpp"

#include <caf/local_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <memory>
#include <utility>

namespace souk::actors {

/// CAF 0.17 answers nothing when a promise is lost: whoever asked would wait for the time-out. This
/// one answers when its last copy dies, whether by a mistake or because its actor crashed (CAF
/// destroys an actor's open continuations then). Copies share one answer; only the first counts.
/// Used on the actor's thread only.
template <class T>
class promised {
public:
  /// Takes over the answer to the message that `self` is handling.
  explicit promised(caf::local_actor* self)
    : state_{std::make_shared<state>(self->make_response_promise<T>())} {}

  void deliver(T value) const {
    if (std::exchange(state_->open, false))
      state_->promise.deliver(std::move(value));
  }

  void fail(caf::error why) const {
    if (std::exchange(state_->open, false))
      state_->promise.deliver(std::move(why));
  }
  void fail(ec code) const { fail(caf::make_error(code)); }

  /// What is answered if it is lost: `restarting` until a write was sent, `outcome_unknown` after.
  void if_lost(ec code) const { state_->if_lost = code; }

  /// For the handler's return statement.
  caf::typed_response_promise<T> raw() const { return state_->promise; }

private:
  struct state {
    explicit state(caf::typed_response_promise<T> p) : promise{std::move(p)} {}
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state() {
      if (open)
        promise.deliver(caf::make_error(if_lost));
    }
    caf::typed_response_promise<T> promise;
    ec if_lost = ec::restarting;
    bool open = true;
  };
  std::shared_ptr<state> state_;
};

} // namespace souk::actors
