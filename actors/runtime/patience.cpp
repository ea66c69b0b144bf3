#include "actors/runtime/patience.hpp"

#include "actors/runtime/caf_log.hpp"
#include "actors/runtime/later.hpp"

#include <vector>

namespace souk::actors {

void patience::add(caf::scheduled_actor* self, std::chrono::milliseconds timeout,
                   std::shared_ptr<pending> open) {
  auto& queue = queues_[timeout];
  while (!queue.empty() && queue.front().second->decided())
    queue.pop_front();
  queue.emplace_back(self->clock().now() + timeout, std::move(open));
  arm(self);
}

void patience::sweep(caf::scheduled_actor* self) {
  without_caf_log();
  armed_ = false;
  auto now = self->clock().now();
  std::vector<std::shared_ptr<pending>> late;
  for (auto& [timeout, queue] : queues_) {
    // Not at the head alone: behind one that is not answered many may have been.
    std::erase_if(queue, [](auto& x) { return x.second->decided(); });
    while (!queue.empty() && queue.front().first <= now) {
      late.push_back(std::move(queue.front().second));
      queue.pop_front();
    }
  }
  // Only now: who is told may ask again.
  for (auto& open : late)
    if (!open->decided()) {
      caf::error why = caf::sec::request_timeout;
      open->fail(why);
    }
  std::erase_if(queues_, [](auto& x) { return x.second.empty(); });
  if (!queues_.empty())
    arm(self);
}

void patience::arm(caf::scheduled_actor* self) {
  if (!std::exchange(armed_, true))
    send_later(self, interval, caf::timeout_atom_v);
}

/// There is nobody to ask: answered like by one who is gone, by and by.
void patience::refuse(caf::scheduled_actor* self, caf::message_id request) {
  self->eq_impl(request.response_id(), self->ctrl(), self->context(),
                caf::make_error(caf::sec::invalid_argument));
}

} // namespace souk::actors
