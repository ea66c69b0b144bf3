// The REST API as an application for the server: who it asks, and under which rules.
#pragma once

#include "actors/domain/network.hpp"
#include "actors/interfaces.hpp"
#include "actors/runtime/router.hpp"
#include "actors/user/revocations.hpp"
#include "http/admission.hpp"
#include "http/aliases/decorator.hpp"
#include "http/attempts.hpp"
#include "http/cors.hpp"
#include "http/routes/auth.hpp"
#include "http/routes/views.hpp"
#include "http/server/exchange.hpp"
#include "http/stream_places.hpp"

#include <boost/asio/io_context.hpp>
#include <prometheus/registry.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace souk::http {

class io_thread;
struct server_load;

/// Open at once by one user: no one shall take those of all (`http.max_streams`).
inline constexpr unsigned max_streams_each = 50;

/// Each domain's door, and that to streams; shared by all io threads.
struct doors {
  explicit doors(uint32_t in_flight)
    : user{in_flight}, product{in_flight}, stock{in_flight}, order{in_flight} {}

  admission user;
  admission product;
  admission stock;
  admission order;
  stream_places streams{max_streams_each};
};

/// Everything that one io thread's API needs. Routers are not thread-safe: make each io thread's
/// own from the shared tables.
struct backend {
  actors::router<actors::user_actor> users;
  actors::router<actors::product_actor> products;
  actors::router<actors::stock_actor> stock;
  actors::router<actors::order_actor> orders;
  actors::router<actors::reader_actor> readers; ///< for what no shard keeps in memory
  std::shared_ptr<http::doors> doors;           ///< never null
  shop_currency currency;
  token_rules tokens;
  std::chrono::milliseconds request_timeout{5'000}; ///< for a read
  std::chrono::milliseconds write_deadline{
    10'000};                      ///< for a change; its answer may take 1 s longer
  uint32_t orders_per_window = 0; ///< for RateLimit-Policy; 0: no limit
  std::chrono::seconds order_window{0};
  std::string payment_secret; ///< of the payment provider's signatures; empty: none are accepted
  std::shared_ptr<actors::revocations> revocations; ///< null: no token is refused early
  std::shared_ptr<attempt_limits> attempts;         ///< null: none are counted
  actors::router<actors::external_actor> external;  ///< empty: there is no external catalog
  std::chrono::seconds external_ttl{3600};          ///< how long a product from there is believed
  std::function<bool()> ready; ///< a further condition of /readyz, e.g. not stopping; may be empty
  aliases::rules forms = {};   ///< of the request forms of existing shops
  std::vector<domain::network> forwarders = {}; ///< whose X-Forwarded-For is believed
  cors_rules cors = {};
  std::shared_ptr<prometheus::Registry> registry = {}; ///< of what is counted; null: nobody asks
  std::function<server_load()> load = {};              ///< for /metrics; empty: it is not served
  std::vector<domain::network> trusted_proxies = {}; ///< whose X-User-ID stands in place of a token
};

/// The application of one io thread, with the request forms of existing shops. Make it, use it and
/// destroy it on that thread, which must run on until the actor behind it has ended; whoever still
/// waits for an answer then gets 503.
std::unique_ptr<application> make_api(backend shop, caf::actor_system& system, io_thread& thread);
std::unique_ptr<application> make_api(backend shop, caf::actor_system& system,
                                      boost::asio::io_context& io);

} // namespace souk::http
