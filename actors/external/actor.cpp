#include "actors/external/actor.hpp"

#include "actors/external/catalog.hpp"
#include "actors/external/fetch.hpp"

#include <caf/all.hpp>

#include <memory>

namespace souk::actors {

external_actor::behavior_type external_behavior(external_actor::pointer self,
                                                external_config config) {
  auto fetcher = std::make_shared<external::fetcher>(config);
  auto catalog = std::make_shared<external::catalog>(
    config, [fetcher](const std::string& id) { return fetcher->get(id); });
  return {
    [=](const fetch_external& x) -> caf::result<external_answer> {
      // What is known costs nothing, however many wait.
      if (auto known = catalog->kept(x.id))
        return *known;
      if (self->mailbox().size() > config.max_queue)
        return caf::make_error(ec::overloaded);
      return catalog->find(x.id);
    },
  };
}

} // namespace souk::actors
