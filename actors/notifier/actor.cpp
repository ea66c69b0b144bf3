#include "actors/notifier/actor.hpp"

#include "actors/log.hpp"

#include <caf/all.hpp>

namespace souk::actors {

notifier_actor::behavior_type notifier_behavior(notifier_actor::pointer) {
  return {
    [](const events_committed& x) {
      if (!spdlog::should_log(spdlog::level::info))
        return;
      for (auto& e : x.items)
        spdlog::info("event {} {} {} request_id={}", e.id, e.kind, e.subject, e.request_id);
    },
  };
}

} // namespace souk::actors
