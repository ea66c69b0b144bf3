#include "config/parts.hpp"

#include "actors/domain/money.hpp"
#include "actors/external/actor.hpp"
#include "actors/log.hpp"
#include "actors/node/bootstrap.hpp"
#include "config/descriptors.hpp"
#include "config/options.hpp"
#include "config/values.hpp"
#include "http/routes/request_metrics.hpp"
#include "http/server/tls_identity.hpp"

#include <algorithm>
#include <iostream>
#include <thread>

namespace souk::config {

actors::store_factory factories(caf::actor_system& sys, const settings& s,
                                const persistence::opened& db, const persistence::options& store,
                                const persistence::listeners& listeners) {
  actors::external_config external;
  external.url = s.catalog.external_url;
  external.currency_digits = domain::currency_digits(db.currency).value_or(2);
  external.ttl = s.catalog.external_ttl;
  external.allow_private = s.catalog.allow_private;
  return {[&sys, store, listeners] { return persistence::spawn_writer(sys, store, listeners); },
          [&sys, store] { return persistence::spawn_reader(sys, store); },
          [&sys, external]() -> actors::external_actor {
            return sys.spawn<caf::detached>(actors::external_behavior, external);
          }};
}

persistence::options store_options(const settings& s) {
  persistence::options o;
  o.url = database_url(s);
  o.shards = s.actors.shards;
  o.currency = s.shop.currency;
  o.max_batch = s.database.max_batch;
  o.registry = std::make_shared<prometheus::Registry>();
  // As long as a token may live that one concerns.
  o.keep_revocations = std::max<std::chrono::milliseconds>(
    o.keep_revocations, s.auth.token_lifetime + std::chrono::hours{1});
  return o;
}

actors::shop_options shop_options(const settings& s, const persistence::opened& db) {
  auto limit = parse_rate_limit(s.limits.orders_per_user).value_or(rate_limit{});
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
  o.external_workers = s.catalog.external_url.empty() ? 0 : 2;
  o.confirm_orders = s.orders.confirm;
  o.payment_window = s.orders.payment_window;
  o.order_limit = {limit.count, limit.window.count()};
  o.token_lifetime = s.auth.token_lifetime;
  o.session_lifetime = s.auth.session_lifetime;
  o.mail.dir = s.data.dir + "/mail";
  o.mail.from = s.mail.from;
  return o;
}

namespace {

http::attempt_limit attempt_limit(const std::string& rate) {
  auto limit = parse_rate_limit(rate).value_or(rate_limit{});
  return {limit.count, limit.window};
}

} // namespace

shared_parts share(const settings& s, const persistence::options& store) {
  auto attempts = std::make_shared<http::attempt_limits>(attempt_limit(s.limits.logins),
                                                         attempt_limit(s.limits.logins_per_account),
                                                         attempt_limit(s.limits.registrations));
  return {std::make_shared<http::doors>(s.limits.in_flight), std::move(attempts), store.registry};
}

http::backend backend(const settings& s, const persistence::opened& db,
                      const actors::shop_tables& t, const shared_parts& shared) {
  auto limit = parse_rate_limit(s.limits.orders_per_user).value_or(rate_limit{});
  http::backend b;
  b.users = actors::router{t.users};
  b.products = actors::router{t.products};
  b.stock = actors::router{t.stock};
  b.orders = actors::router{t.orders};
  b.readers = actors::router{t.readers};
  b.doors = shared.doors;
  b.request_timeout = s.actors.request_timeout;
  b.write_deadline = s.actors.write_deadline;
  b.orders_per_window = limit.count;
  b.order_window = std::chrono::duration_cast<std::chrono::seconds>(limit.window);
  b.revocations = t.revocations;
  b.attempts = shared.attempts;
  b.registry = shared.registry;
  if (s.http.metrics)
    b.load = [server = shared.server] {
      return http::server_load{server->connections(), server->streams()};
    };
  b.currency = {db.currency, domain::currency_digits(db.currency).value_or(2)};
  b.tokens.secret = s.auth.secret.empty() ? db.secret : s.auth.secret;
  b.tokens.lifetime = s.auth.token_lifetime;
  b.payment_secret = s.payments.secret;
  if (t.external)
    b.external = actors::router{t.external};
  b.external_ttl = s.catalog.external_ttl;
  b.forms.open_catalog = s.aliases.open_catalog;
  b.forms.external_catalog = !s.catalog.external_url.empty();
  b.trusted_proxies = domain::parse_networks(s.auth.trusted_proxies).value_or(b.trusted_proxies);
  b.forwarders = domain::parse_networks(s.http.trusted_proxies).value_or(b.forwarders);
  b.cors = http::parse_origins(s.http.cors_origins);
  return b;
}

http::server_options server_options(const settings& s) {
  http::server_options o;
  o.addresses = {s.http.address};
  o.ports = s.http.port;
  o.threads = s.http.threads != 0 ? s.http.threads
                                  : std::clamp(std::thread::hardware_concurrency() / 2, 1u, 4u);
  o.max_connections = descriptors_for_clients(s.http.max_connections);
  if (o.max_connections < s.http.max_connections)
    spdlog::warn("the limit of open files (ulimit -n) leaves room for {} connections, not for {}",
                 o.max_connections, s.http.max_connections);
  o.max_streams = s.http.max_streams;
  o.max_body = s.http.max_body;
  o.header_timeout = s.http.header_timeout;
  o.body_timeout = s.http.body_timeout;
  o.idle_timeout = s.http.idle_timeout;
  if (s.http.tls_certificate.empty() != s.http.tls_key.empty())
    throw config_error("souk: http.tls_certificate and http.tls_key go together: give both");
  if (!s.http.tls_key.empty())
    o.tls = std::make_shared<http::tls_identity>(s.http.tls_certificate, s.http.tls_key);
  return o;
}

void first_start(caf::actor_system& sys, const settings& s, const persistence::opened& db,
                 const actors::shop_tables& tables) {
  // The administrator comes last: without one the first start was not finished.
  if (s.shop.demo && !(db.has_products && db.has_admin))
    actors::fill_demo_catalog(sys, tables, domain::currency_digits(db.currency).value_or(2));
  if (!db.has_admin) {
    const auto password =
      actors::make_administrator(sys, tables, s.admin.username, s.admin.password);
    if (s.admin.password.empty()) // at once: nobody can find it out later
      std::cout << "souk: made the administrator " << s.admin.username << " with the password "
                << password << " (shown only now)" << std::endl;
    if (!std::cout)
      spdlog::error("the administrator's password cannot be told: souk recover makes another one");
  } else if (!s.admin.password.empty()) {
    spdlog::info("admin.password is for a shop without an administrator; this one has one, whose "
                 "password stays as it is");
  }
}

} // namespace souk::config
