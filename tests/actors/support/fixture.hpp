// An actor system on CAF's deterministic scheduler: one thread, a virtual clock, and answers that
// can be looked at when they have come.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/log.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace souk::actors::test {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

/// What a command got. Filled in when its answer has come.
template <class T>
struct asked {
  std::optional<T> value;
  caf::error why;
  ec failed = ec::none;
  int answers = 0; ///< how often it was answered

  bool open() const { return answers == 0; }

  /// The value; the test fails if there is none.
  T& got() {
    if (!value)
      throw std::runtime_error("no answer but " + std::string{to_string(failed)});
    return *value;
  }
};

template <class T>
using reply = std::shared_ptr<asked<T>>;

/// For actors that throw on purpose: the default handler prints.
inline caf::error crash_quietly(caf::scheduled_actor*, std::exception_ptr&) {
  return caf::exit_reason::unhandled_exception;
}

/// Everything runs in `run` and `advance`, on the test's own thread. What was spawned through it is
/// killed at the end.
class actor_fixture {
public:
  struct config : caf::actor_system_config {
    config() {
      add_message_types<caf::id_block::souk>();
      set("scheduler.policy", caf::atom("testing"));
    }
  };

  actor_fixture() : log_level_{spdlog::get_level()}, begin_{sched.clock().now()} {
    spdlog::set_level(spdlog::level::off); // crashes are what is tested
  }

  ~actor_fixture() {
    end_all();
    spdlog::set_level(log_level_);
  }

  /// Kills what was spawned, and lets go of it.
  void end_all() {
    for (auto& x : spawned_)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    spawned_.clear();
    run();
  }

  /// Handles all messages that can be handled now.
  void run() {
    while (sched.try_run_once()) {}
  }

  /// Lets virtual time pass, in steps, so that a timer that is set on the way fires on the way.
  void advance(milliseconds t) {
    run();
    for (; t > 0ms; t -= 10ms) {
      sched.advance_time(std::min<milliseconds>(t, 10ms));
      run();
    }
  }

  /// Milliseconds since 1970 on the virtual clock; throws once after `crash_next`.
  int64_t now() {
    if (std::exchange(crash_next, false))
      throw std::runtime_error("a defect that the test asked for");
    auto passed = sched.clock().now() - begin_;
    return 1'700'000'000'000 + std::chrono::duration_cast<milliseconds>(passed).count();
  }

  /// Has the handle's actor ended at the end of the test.
  template <class Handle>
  Handle keep(Handle h) {
    spawned_.push_back(caf::actor_cast<caf::actor>(h));
    return h;
  }

  /// Sends a command and runs; its answer may come at once, later, or never.
  template <class T, class Handle, class Command>
  reply<T> ask(const Handle& to, Command cmd) {
    auto r = std::make_shared<asked<T>>();
    keep(sys.spawn([=](caf::event_based_actor* self) {
      self->request(to, std::chrono::minutes{24 * 60}, cmd)
        .then(
          [r](T& x) {
            r->value = std::move(x);
            ++r->answers;
          },
          [r](caf::error& why) {
            r->failed = code_of(why);
            r->why = std::move(why);
            ++r->answers;
          });
    }));
    run();
    return r;
  }

  /// Sends what has no answer and runs.
  template <class Handle, class Message>
  void tell(const Handle& to, Message msg) {
    caf::anon_send(to, std::move(msg));
    run();
  }

  template <class Handle>
  void kill(const Handle& h) {
    caf::anon_send_exit(h, caf::exit_reason::kill);
    run();
  }

  config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched =
    dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  bool crash_next = false; ///< the next look at the clock throws

private:
  spdlog::level::level_enum log_level_;
  caf::actor_clock::time_point begin_;
  std::vector<caf::actor> spawned_;
};

} // namespace souk::actors::test
