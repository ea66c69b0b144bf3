// The clerk: what happens to orders without anyone asking.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/log_follower.hpp"
#include "actors/runtime/router.hpp"

#include <chrono>
#include <functional>

namespace souk::actors {

struct clerk_config {
  bool confirm = true; ///< placed orders
  /// How long an order waits to be paid in advance.
  std::chrono::milliseconds payment_window{30 * 60 * 1'000};
  uint32_t shards = 64;
  /// The most confirmations on their way at a time.
  size_t at_work = 256;
  /// Milliseconds since 1970; tests set their own.
  std::function<int64_t()> now = [] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
  };
};

using clerk_impl =
  log_reader_actor::extend<caf::reacts_to<caf::tick_atom>, caf::reacts_to<caf::timeout_atom>,
                           caf::reacts_to<caf::update_atom>>;

/// One in the cluster, on a scheduler thread. Keeps nothing but its place in the log.
class clerk_state {
public:
  explicit clerk_state(clerk_impl::pointer ptr) : log_{ptr, "clerk"} {}

  void start(clerk_config c, router<writer_actor> writer, router<reader_actor> readers,
             router<order_actor> orders);

  void nudge(uint64_t events) { log_.nudge(events); }
  void on_tick();
  void on_pause_over() { log_.on_pause_over(); }
  void on_timeouts() { log_.on_timeouts(); }

  static inline constexpr const char* name = "clerk";

private:
  void handle(const event& e, std::function<void(bool)> done);
  void look_for_unpaid();

  log_follower<clerk_impl::pointer> log_;
  clerk_config config_;
  router<reader_actor> readers_;
  router<order_actor> orders_;
  bool looking_ = false;
};

clerk_impl::behavior_type clerk_behavior(clerk_impl::stateful_pointer<clerk_state> self,
                                         clerk_config config, router<writer_actor> writer,
                                         router<reader_actor> readers, router<order_actor> orders);

} // namespace souk::actors
