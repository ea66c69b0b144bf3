#include "config/recover.hpp"

#include "actors/node/bootstrap.hpp"
#include "config/log.hpp"
#include "config/parts.hpp"

#include <caf/actor_system.hpp>

#include <iostream>

namespace souk::config {

/// Through the shop's own pools, as every other change: its event and its revocations are written
/// with it.
int recover(const parsed& p) {
  const auto& s = p.values;
  start_log(s.log.level, s.log.format);
  const auto options = store_options(s);
  const auto database = persistence::open(options);
  const auto& facts = database->facts();
  const auto shop_settings = shop_options(s, facts);
  actors::shop_tables tables{shop_settings};
  actors::system_config caf_config{s.actors.threads};
  caf::actor_system system{caf_config};
  const persistence::listeners listeners{tables.stock, tables.notifiers, tables.log_readers};
  // A domain that is given up answers nobody: the request below says so.
  actors::shop shop{system, shop_settings, tables, factories(system, s, facts, options, listeners),
                    [](const std::string&) {}};
  const auto name = p.rest.empty() ? s.admin.username : p.rest.front();
  const auto password = actors::recover_administrator(system, tables, name, s.admin.password);
  std::cout << "souk: " << name << " is an administrator with ";
  if (s.admin.password.empty())
    std::cout << "the password " << password << " (shown only now)" << std::endl;
  else
    std::cout << "the password in admin.password" << std::endl;
  shop.stop();
  return 0;
}

} // namespace souk::config
