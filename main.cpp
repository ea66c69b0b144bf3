// The composition root: settings, database, actors, HTTP; and their end in reverse order.
#include "actors/domain/money.hpp"
#include "actors/node/bootstrap.hpp"
#include "config/log.hpp"
#include "config/options.hpp"
#include "http/routes/api.hpp"
#include "http/server/io_thread.hpp"
#include "http/server/server.hpp"
#include "persistence/persistence.hpp"

#include <caf/actor_system.hpp>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <iostream>

using namespace souk;

namespace {

constexpr auto version_text = "souk " SOUK_VERSION;
constexpr auto drain_time = std::chrono::seconds{10};

persistence::options store_options(const config::settings& s) {
  persistence::options o;
  o.url = config::database_url(s);
  o.shards = s.actors.shards;
  o.currency = s.shop.currency;
  o.max_batch = s.database.max_batch;
  return o;
}

actors::shop_options shop_options(const config::settings& s, const persistence::opened& db) {
  auto limit = config::parse_rate_limit(s.limits.orders_per_user).value_or(config::rate_limit{});
  actors::shop_options o;
  o.shards = db.shards;
  o.currency = db.currency;
  o.readers = s.database.readers;
  o.password_workers = s.auth.hash_threads;
  o.passwords.max_queue = s.auth.hash_queue;
  o.request_timeout = s.actors.request_timeout;
  o.write_deadline = s.actors.write_deadline;
  o.cached_users = s.actors.cached_users;
  o.cached_products = s.actors.cached_products;
  o.cached_orders = s.actors.cached_orders;
  o.order_limit = {limit.count, limit.window.count()};
  return o;
}

http::backend backend(const config::settings& s, const persistence::opened& db,
                      const actors::shop_tables& t, const std::shared_ptr<http::doors>& doors) {
  auto limit = config::parse_rate_limit(s.limits.orders_per_user).value_or(config::rate_limit{});
  http::backend b{actors::router{t.users},
                  actors::router{t.products},
                  actors::router{t.stock},
                  actors::router{t.orders},
                  actors::router{t.readers},
                  doors,
                  {},
                  {},
                  s.actors.request_timeout,
                  s.actors.write_deadline,
                  limit.count,
                  std::chrono::duration_cast<std::chrono::seconds>(limit.window),
                  {}};
  b.currency = {db.currency, domain::currency_digits(db.currency).value_or(2)};
  b.tokens.secret = s.auth.secret.empty() ? db.secret : s.auth.secret;
  b.tokens.lifetime = s.auth.token_lifetime;
  return b;
}

http::server_options server_options(const config::settings& s) {
  http::server_options o;
  o.addresses = {s.http.address};
  o.ports = s.http.port;
  o.threads = s.http.threads;
  o.max_connections = s.http.max_connections;
  o.max_body = s.http.max_body;
  o.header_timeout = s.http.header_timeout;
  o.body_timeout = s.http.body_timeout;
  o.idle_timeout = s.http.idle_timeout;
  return o;
}

/// First start: an administrator, and the demo catalog if it is wanted.
void bootstrap(caf::actor_system& sys, const config::settings& s, const persistence::opened& db,
               const actors::shop_tables& tables) {
  std::string password;
  if (!db.has_admin)
    password = actors::make_administrator(sys, tables, s.admin.username, s.admin.password);
  if (s.shop.demo && !db.has_products)
    actors::fill_demo_catalog(sys, tables, domain::currency_digits(db.currency).value_or(2));
  if (!db.has_admin && s.admin.password.empty())
    std::cout << "souk: made the administrator " << s.admin.username << " with the password "
              << password << " (shown only now)" << std::endl;
}

int serve(const config::settings& s) {
  if (!s.node.join.empty() || !s.node.listen.empty() || !s.node.pools.empty())
    throw config::config_error("souk: node.join, node.listen and node.pools: several nodes are not "
                               "supported by this version");
  sigset_t signals;
  sigemptyset(&signals);
  for (int x : {SIGTERM, SIGINT})
    sigaddset(&signals, x);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr); // before any thread, so that all inherit it
  config::start_log(s.log.level, s.log.format);
  auto options = store_options(s);
  auto database = persistence::open(options);
  auto& facts = database->facts();
  std::atomic<bool> failed{false};
  auto fatal = [&failed](const std::string&) {
    failed = true;
    ::kill(::getpid(), SIGTERM);
  };
  auto shop_settings = shop_options(s, facts);
  actors::shop_tables tables{shop_settings};
  auto doors = std::make_shared<http::doors>(s.limits.in_flight);
  std::unique_ptr<http::server> server; // its io contexts outlive the actors that post to them
  actors::system_config caf_config{s.actors.threads};
  caf::actor_system system{caf_config};
  server = std::make_unique<http::server>(server_options(s), [&](http::io_thread& thread) {
    return http::make_api(backend(s, facts, tables, doors), system, thread);
  });
  persistence::listeners listeners{tables.stock, tables.notifiers};
  actors::shop shop{system,
                    shop_settings,
                    tables,
                    {[&] { return persistence::spawn_writer(system, options, listeners); },
                     [&] { return persistence::spawn_reader(system, options); }},
                    fatal};
  bootstrap(system, s, facts, tables);
  server->start();
  std::cout << "souk: ready on " << s.http.address << ':';
  for (size_t i = 0; auto port : server->ports())
    std::cout << (i++ > 0 ? "," : "") << port;
  std::cout << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  ::alarm(30); // whatever hangs from here on must not keep the process
  server->stop_accepting();
  if (!server->drain(std::chrono::steady_clock::now() + drain_time))
    spdlog::warn("some requests were not finished in time");
  server->stop();
  shop.stop();
  return failed ? 70 : 0; // EX_SOFTWARE of sysexits.h
}

int check(const config::settings& s) {
  auto books = persistence::check_books(config::database_url(s));
  for (auto& fault : books.faults)
    std::cout << fault << '\n';
  std::cout << books.products << " products, " << books.orders << " orders, " << books.movements
            << " movements: "
            << (books.faults.empty() ? "the books balance" : "the books do NOT balance")
            << std::endl;
  return books.faults.empty() ? 0 : 1;
}

int run(const config::parsed& p) {
  if (p.command == "serve")
    return serve(p.values);
  if (p.command == "check")
    return check(p.values);
  if (p.command == "migrate") {
    auto applied = persistence::migrate(config::database_url(p.values));
    for (auto& x : applied)
      std::cout << "applied " << x << '\n';
    std::cout << (applied.empty() ? "the schema is up to date" : "done") << std::endl;
    return 0;
  }
  std::cout << version_text << std::endl; // the only command left
  return 0;
}

} // namespace

int main(int argc, char** argv) {
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
