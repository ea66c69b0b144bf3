// Apart from the shop: it compiles what CAF must be able to do with each message.
#include "actors/node/shop.hpp"

#include <algorithm>
#include <thread>

namespace souk::actors {

system_config::system_config(uint32_t threads) {
  add_message_types<caf::id_block::souk>();
  auto cores = std::max(2u, std::thread::hardware_concurrency());
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", static_cast<size_t>(threads == 0 ? cores - 1 : threads));
  set("scheduler.max-throughput", size_t{200});
}

} // namespace souk::actors
