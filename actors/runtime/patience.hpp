// Requests with a time-out that costs next to nothing.
#pragma once

#include <caf/actor_clock.hpp>
#include <caf/behavior.hpp>
#include <caf/response_type.hpp>
#include <caf/scheduled_actor.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace souk::actors {

/// What becomes of a request, whatever is asked and whoever asks.
class pending {
public:
  pending() = default;
  virtual ~pending() = default;
  pending(const pending&) = delete;
  pending& operator=(const pending&) = delete;

  virtual bool decided() const = 0;
  /// Once; not if it is decided.
  virtual void fail(caf::error& why) = 0;
};

/// A request whose answer is an Answer.
template <class Answer>
class pending_answer : public pending {
public:
  /// Once; not if it is decided.
  virtual void succeed(Answer& x) = 0;
};

/// What CAF keeps until the response comes: decides `open`, once.
template <class Answer>
caf::behavior response_handler(std::shared_ptr<pending_answer<Answer>> open) {
  return {
    [open](Answer& x) {
      if (!open->decided())
        open->succeed(x);
    },
    [open](caf::error& why) {
      if (!open->decided())
        open->fail(why);
    },
  };
}

/// An actor's open requests and until when they may stay open. A time-out of CAF's own is an entry
/// in a clock shared by all actors, which stays there until it would have fired: at 20,000 orders a
/// second a tenth of all CPU time and hundreds of megabytes. Here they wait in a queue of the
/// actor's own, which is swept four times a second, so a time-out comes up to that much late. The
/// actor's behaviour must call `sweep` on `caf::timeout_atom`. Used on the actor's thread; must not
/// outlive it.
class patience {
public:
  static constexpr std::chrono::milliseconds interval{250};

  /// Sends `cmd` to `to`; calls one of the two, exactly once, unless the actor ends before:
  /// `ok(Answer&)`, or `failed(caf::error&)` with what went wrong (`sec::request_timeout` after
  /// `timeout`; `sec::invalid_argument` if `to` is null). Then both are let go of. As
  /// `request` and `then` of CAF's, whose templates name the asker's whole interface in each lambda
  /// and take most of a build's time.
  template <class Answer, class Handle, class Command, class Ok, class Failed>
  void ask(caf::scheduled_actor* self, const Handle& to, std::chrono::milliseconds timeout,
           Command&& cmd, Ok ok, Failed failed) {
    using answers = caf::response_type_t<typename Handle::signatures, std::decay_t<Command>>;
    static_assert(std::is_same_v<answers, caf::detail::type_list<Answer>>);
    auto open = std::make_shared<request<Answer, Ok, Failed>>(std::move(ok), std::move(failed));
    const auto id = self->new_request_id(caf::message_priority::normal);
    add(self, timeout, id.response_id(), open);
    self->add_multiplexed_response_handler(id.response_id(),
                                           response_handler<Answer>(std::move(open)));
    if (to)
      to->eq_impl(id, self->ctrl(), self->context(), std::forward<Command>(cmd));
    else
      answer(self, id.response_id(), caf::make_error(caf::sec::invalid_argument));
  }

  /// Fails what has waited too long.
  void sweep(caf::scheduled_actor* self);

  /// Lets go of all that is open, without a word: for an actor that ends before it is destroyed.
  void drop() { std::exchange(queues_, {}); }

private:
  template <class Answer, class Ok, class Failed>
  class request final : public pending_answer<Answer> {
  public:
    request(Ok&& ok, Failed&& failed) : then_{handlers{std::move(ok), std::move(failed)}} {}

    bool decided() const override { return !then_; }
    void succeed(Answer& x) override { take().ok(x); }
    void fail(caf::error& why) override { take().failed(why); }

  private:
    struct handlers {
      Ok ok;
      Failed failed;
    };

    /// What they hold is let go of when they have been called.
    handlers take() {
      auto x = std::move(*then_);
      then_.reset();
      return x;
    }

    std::optional<handlers> then_; ///< none: decided
  };

  struct waiting {
    caf::actor_clock::time_point until;
    caf::message_id response;
    std::shared_ptr<pending> open;
  };
  using waiting_queue = std::deque<waiting>;

  void add(caf::scheduled_actor* self, std::chrono::milliseconds timeout, caf::message_id response,
           std::shared_ptr<pending> open);
  void arm(caf::scheduled_actor* self);
  static void answer(caf::scheduled_actor* self, caf::message_id response, caf::error why);

  /// By time-out, so that each is in order of time: ask with few different ones.
  std::map<std::chrono::milliseconds, waiting_queue> queues_;
  bool armed_ = false;
};

} // namespace souk::actors
