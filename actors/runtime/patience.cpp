#include "actors/runtime/patience.hpp"

#include "actors/runtime/caf_log.hpp"
#include "actors/runtime/later.hpp"

#include <vector>

namespace souk::actors {

void patience::add(caf::scheduled_actor* self, std::chrono::milliseconds timeout,
                   caf::message_id response, std::shared_ptr<pending> open) {
  auto& queue = queues_[timeout];
  while (!queue.empty() && queue.front().open->decided())
    queue.pop_front();
  queue.push_back({self->clock().now() + timeout, response, std::move(open)});
  arm(self);
}

void patience::sweep(caf::scheduled_actor* self) {
  without_caf_log();
  armed_ = false;
  auto now = self->clock().now();
  std::vector<waiting> late;
  for (auto& [timeout, queue] : queues_) {
    // Not at the head alone: behind one that is not answered many may have been.
    std::erase_if(queue, [](auto& x) { return x.open->decided(); });
    while (!queue.empty() && queue.front().until <= now) {
      late.push_back(std::move(queue.front()));
      queue.pop_front();
    }
  }
  // Only now: who is told may ask again.
  for (auto& x : late)
    if (!x.open->decided()) {
      caf::error why = caf::sec::request_timeout;
      x.open->fail(why);
      // CAF keeps a response's handler until one comes, and drops what comes after.
      answer(self, x.response, caf::sec::request_timeout);
    }
  std::erase_if(queues_, [](auto& x) { return x.second.empty(); });
  if (!queues_.empty())
    arm(self);
}

void patience::arm(caf::scheduled_actor* self) {
  if (!std::exchange(armed_, true))
    send_later(self, interval, caf::timeout_atom_v);
}

/// In place of one who cannot: heard by and by, like any other's.
void patience::answer(caf::scheduled_actor* self, caf::message_id response, caf::error why) {
  self->eq_impl(response, self->ctrl(), self->context(), std::move(why));
}

} // namespace souk::actors
