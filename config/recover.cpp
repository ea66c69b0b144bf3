#include "config/recover.hpp"

#include "actors/node/bootstrap.hpp"
#include "config/log.hpp"
#include "config/parts.hpp"

#include <caf/actor_system.hpp>

#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string_view>

namespace souk::config {

namespace {

/// Opening would make a database where a path was mistyped.
void refuse_new_shop(const std::string& url) {
  constexpr std::string_view sqlite = "sqlite:";
  if (url.starts_with(sqlite) && !std::filesystem::exists(url.substr(sqlite.size())))
    throw std::runtime_error("there is no database at " + url.substr(sqlite.size()));
}

} // namespace

/// Through the shop's own pools, as every other change: its event and its revocations are written
/// with it.
int recover(const parsed& p) {
  const auto& s = p.values;
  start_log(s.log.level, s.log.format);
  const auto options = store_options(s);
  refuse_new_shop(options.url);
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
  if (!std::cout)
    throw std::runtime_error("the password was changed, but cannot be told: run this again");
  return 0;
}

} // namespace souk::config
