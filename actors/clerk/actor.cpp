#include "actors/clerk/actor.hpp"

#include "actors/domain/shards.hpp"
#include "actors/log.hpp"

#include <charconv>
#include <memory>
#include <string_view>

namespace souk::actors {

namespace {

/// The id in an event's subject, such as `order:42`; 0: it is no order's.
int64_t order_of(std::string_view subject) {
  constexpr std::string_view prefix = "order:";
  int64_t id = 0;
  if (subject.rfind(prefix, 0) == 0)
    std::from_chars(subject.data() + prefix.size(), subject.data() + subject.size(), id);
  return id;
}

} // namespace

void clerk_state::start(clerk_config c, router<writer_actor> writer, router<reader_actor> readers,
                        router<order_actor> orders) {
  config_ = std::move(c);
  readers_ = readers;
  orders_ = std::move(orders);
  log_.start(
    std::move(readers), std::move(writer), config_.at_work,
    [this](const event& e, std::function<void(bool)> done) { handle(e, std::move(done)); });
}

void clerk_state::on_tick() {
  log_.on_tick();
  look_for_unpaid();
}

void clerk_state::handle(const event& e, std::function<void(bool)> done) {
  auto id = order_of(e.subject);
  if (!config_.confirm || e.kind != "order_placed" || id <= 0)
    return done(true);
  log_.ask<bool>(
    orders_.at(domain::shard_of(id, config_.shards)), confirm_order{id},
    [done](bool) { done(true); },
    [done, id](const caf::error& why) {
      auto code = code_of(why);
      if (code == ec::internal) // one order that nobody can read must not hold up all others
        spdlog::error("order {} cannot be confirmed: {}", id, to_string(code));
      done(code == ec::not_found || code == ec::internal);
    });
}

/// A hundred at a time: the next tick finds the rest.
void clerk_state::look_for_unpaid() {
  if (std::exchange(looking_, true))
    return;
  auto before = config_.now() - config_.payment_window.count();
  log_.ask<order_ids>(
    readers_.any(), load_unpaid_orders{before, 100},
    [this, before](const order_ids& late) {
      if (late.items.empty()) {
        looking_ = false;
        return;
      }
      auto open = std::make_shared<size_t>(late.items.size());
      auto end = [this, open] { looking_ = --*open > 0; };
      for (auto id : late.items)
        log_.ask<bool>(
          orders_.at(domain::shard_of(id, config_.shards)), expire_order{id, before},
          [end](bool) { end(); }, [end](const caf::error&) { end(); });
    },
    [this](const caf::error&) { looking_ = false; });
}

clerk_impl::behavior_type clerk_behavior(clerk_impl::stateful_pointer<clerk_state> self,
                                         clerk_config config, router<writer_actor> writer,
                                         router<reader_actor> readers, router<order_actor> orders) {
  self->state.start(std::move(config), std::move(writer), std::move(readers), std::move(orders));
  return {
    [self](log_grew x) { self->state.nudge(x.events); },
    [self](caf::tick_atom) { self->state.on_tick(); },
    [self](caf::timeout_atom) { self->state.on_timeouts(); },
    [self](caf::update_atom) { self->state.on_pause_over(); },
  };
}

} // namespace souk::actors
