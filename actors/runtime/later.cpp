#include "actors/runtime/later.hpp"

#include <caf/actor_clock.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/no_stages.hpp>
#include <caf/scheduled_actor.hpp>

namespace souk::actors {

void send_later(caf::scheduled_actor* self, std::chrono::nanoseconds wait, caf::atom_value what) {
  auto& clock = self->clock();
  const caf::strong_actor_ptr to{self->ctrl()};
  clock.schedule_message(
    clock.now() + wait, to,
    caf::make_mailbox_element(to, caf::make_message_id(), caf::no_stages, what));
}

} // namespace souk::actors
