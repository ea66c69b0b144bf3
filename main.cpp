// The composition root: settings, database, actors, HTTP; and their end in reverse order.
#include "actors/log.hpp"
#include "config/commands.hpp"
#include "config/descriptors.hpp"
#include "config/ending.hpp"
#include "config/log.hpp"
#include "config/options.hpp"
#include "config/parts.hpp"
#include "config/recover.hpp"
#include "config/remote.hpp"
#include "config/signals.hpp"
#include "http/routes/api.hpp"
#include "http/server/io_thread.hpp"
#include "http/server/server.hpp"
#include "persistence/persistence.hpp"

#include <caf/actor_system.hpp>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <thread>

using namespace souk;

namespace {

constexpr auto version_text = "souk " SOUK_VERSION;
constexpr auto drain_time = std::chrono::seconds{9};

int serve(const config::settings& s) {
  if (!s.node.join.empty() || !s.node.listen.empty() || !s.node.pools.empty())
    throw config::config_error("souk: node.join, node.listen and node.pools: several nodes are not "
                               "supported by this version");
  config::block_signals();
  config::start_log(s.log.level, s.log.format);
  const auto http_options = config::server_options(s);
  std::atomic<bool> failed{false};
  std::jthread end; // joined last
  auto fatal = [&failed] {
    failed = true;
    ::kill(::getpid(), SIGTERM);
  };
  auto options = config::store_options(s);
  auto database = persistence::open(options, fatal);
  auto& facts = database->facts();
  auto shop_settings = config::shop_options(s, facts);
  actors::shop_tables tables{shop_settings};
  tables.revocations->add(facts.revocations, 0);
  auto shared = config::share(s, options);
  std::unique_ptr<http::server> server; // its io contexts outlive the actors that post to them
  actors::system_config caf_config{s.actors.threads};
  caf::actor_system system{caf_config};
  server = std::make_unique<http::server>(http_options, [&](http::io_thread& thread) {
    return http::make_api(config::backend(s, facts, tables, shared), system, thread);
  });
  shared.server = server.get();
  persistence::listeners listeners{tables.stock, tables.notifiers, tables.log_readers};
  actors::shop shop{system, shop_settings, tables,
                    config::factories(system, s, facts, options, listeners),
                    [&](const std::string&) { fatal(); }};
  config::first_start(system, s, facts, tables);
  server->start();
  const bool ipv6 = s.http.address.find(':') != std::string::npos;
  std::cout << "souk: ready on " << (ipv6 ? "[" + s.http.address + "]" : s.http.address) << ':';
  for (size_t i = 0; auto port : server->ports())
    std::cout << (i++ > 0 ? "," : "") << port;
  std::cout << std::endl;
  const auto signal = config::wait_for_end(http_options.tls.get());
  spdlog::info("ends, because of signal {}: what is at work is finished first", signal);
  end = config::end_in_time(failed);
  server->stop_accepting();
  if (!server->drain(std::chrono::steady_clock::now() + drain_time))
    spdlog::warn("some requests were not finished in time");
  server->stop();
  shop.stop();
  return failed ? 70 : 0; // EX_SOFTWARE of sysexits.h
}

int run(const config::parsed& p) {
  ::umask(077); // the database holds password hashes and the secret of the tokens
  if (p.command == "serve")
    return serve(p.values);
  if (p.command == "check")
    return config::check(p.values);
  if (p.command == "migrate")
    return config::migrate(p.values);
  if (p.command == "recover")
    return config::recover(p);
  if (p.command == "import")
    return config::import_file(p);
  if (p.command == "export")
    return config::export_file(p);
  if (p.command == "user")
    return config::change_user(p);
  std::cout << version_text << std::endl; // the only command left
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  config::hold_standard_descriptors();
  try {
    auto p = config::parse_command_line(argc, argv, environ);
    if (!p.command.empty())
      return run(p);
    (p.exit_code != 0 ? std::cerr : std::cout) << p.text;
    return p.exit_code;
  } catch (const config::config_error& e) {
    std::cerr << e.what() << std::endl;
    return 2;
  } catch (const std::exception& e) {
    std::cerr << "souk: " << e.what() << std::endl;
    return 1;
  }
}
