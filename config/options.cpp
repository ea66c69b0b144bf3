#include "config/options.hpp"

#include "actors/domain/money.hpp"
#include "actors/domain/network.hpp"
#include "actors/domain/shards.hpp"
#include "config/checks.hpp"
#include "config/sources.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace souk::config {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Names a member of `settings`, both to read and to write it.
#define SOUK_MEMBER(name)                                                                          \
  [](auto& s) -> auto& {                                                                           \
    return s.name;                                                                                 \
  }

template <class Member>
option number(std::string_view key, Member member, uint64_t least, uint64_t most,
              std::string_view description) {
  option o{key, "N", description, {}, value_kind::number, false, {}, {}};
  o.expected = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  o.set = [=](settings& s, std::string_view text) {
    uint64_t value = 0;
    if (!parse_number(text, value) || value < least || value > most)
      return false;
    auto& to = member(s);
    to = static_cast<std::remove_reference_t<decltype(to)>>(value);
    return true;
  };
  o.get = [=](const settings& s) { return std::to_string(member(s)); };
  return o;
}

/// Of milliseconds or seconds, as the member is.
template <class Member>
option duration(std::string_view key, Member member, milliseconds least, milliseconds most,
                std::string_view description) {
  option o{key, "DURATION", description, {}, value_kind::text, false, {}, {}};
  o.expected = "a duration from " + format_duration(least) + " to " + format_duration(most)
               + ", such as 500ms, 10s, 30m, 24h";
  o.set = [=](settings& s, std::string_view text) {
    using unit = std::remove_reference_t<decltype(member(s))>;
    auto value = parse_duration(text);
    if (!value || *value < least || *value > most)
      return false;
    auto rounded = std::chrono::duration_cast<unit>(*value);
    if (rounded != *value)
      return false;
    member(s) = rounded;
    return true;
  };
  o.get = [=](const settings& s) { return format_duration(member(s)); };
  return o;
}

template <class Member>
option flag(std::string_view key, Member member, std::string_view description) {
  option o{key, "true|false", description, "true or false", value_kind::flag, false, {}, {}};
  o.set = [=](settings& s, std::string_view text) {
    if (text != "true" && text != "false")
      return false;
    member(s) = text == "true";
    return true;
  };
  o.get = [=](const settings& s) { return std::string{member(s) ? "true" : "false"}; };
  return o;
}

/// A string that `valid` accepts.
template <class Member>
option text(std::string_view key, Member member, std::string_view placeholder,
            std::string_view expected, bool (*valid)(std::string_view),
            std::string_view description) {
  option o{key, placeholder, description, std::string{expected}, value_kind::text, false, {}, {}};
  o.set = [=](settings& s, std::string_view value) {
    if (value.find('\0') != value.npos || !valid(value))
      return false;
    member(s) = value;
    return true;
  };
  o.get = [=](const settings& s) { return member(s); };
  return o;
}

template <class Member>
option secret(std::string_view key, Member member, std::string_view placeholder,
              std::string_view expected, bool (*valid)(std::string_view),
              std::string_view description) {
  auto o = text(key, member, placeholder, expected, valid, description);
  o.secret = true;
  return o;
}

option ports(std::string_view key, std::string_view description) {
  option o{key, "PORT[,PORT]", description, {}, value_kind::ports, false, {}, {}};
  o.expected = "a port (0 to 65535), or several, each once";
  o.set = [](settings& s, std::string_view value) {
    std::vector<uint16_t> read;
    bool valid = all_parts(
      value, [&](std::string_view part) { return parse_number(part, read.emplace_back()); });
    for (auto port : read) // 0 is any free one, each time another
      valid = valid && (port == 0 || std::count(read.begin(), read.end(), port) == 1);
    if (valid)
      s.http.port = std::move(read);
    return valid;
  };
  o.get = [](const settings& s) {
    std::string out;
    for (auto port : s.http.port)
      out += (out.empty() ? "" : ",") + std::to_string(port);
    return out;
  };
  return o;
}

bool anything(std::string_view) {
  return true;
}

// -- the table ------------------------------------------------------------------------------------

using table = std::vector<option>;

void add_http(table& to) {
  to.push_back(text("http.address", SOUK_MEMBER(http.address), "ADDRESS",
                    "an IP address such as 127.0.0.1, 0.0.0.0 or ::", ip_address,
                    "where to listen"));
  to.push_back(ports("http.port", "ports to listen on; 0: any free one"));
  to.push_back(number("http.threads", SOUK_MEMBER(http.threads), 0, 256,
                      "io threads; 0: one per two cores, at most 4"));
  to.push_back(text("http.trusted_proxies", SOUK_MEMBER(http.trusted_proxies), "NETWORK[,NETWORK]",
                    "a list of networks such as 10.0.0.0/8,::1", networks,
                    "whose X-Forwarded-For tells the client's address"));
  to.push_back(text("http.cors_origins", SOUK_MEMBER(http.cors_origins), "ORIGIN[,ORIGIN]",
                    "* or a list of origins such as https://shop.example", origins,
                    "whose pages may call the API from a browser; empty: none"));
  to.push_back(text("http.tls_certificate", SOUK_MEMBER(http.tls_certificate), "FILE", "a file",
                    anything, "serve HTTPS with this certificate chain (PEM); empty: HTTP"));
  to.push_back(text("http.tls_key", SOUK_MEMBER(http.tls_key), "FILE", "a file", anything,
                    "the certificate's key (PEM); both are read again on SIGHUP"));
  to.push_back(flag("http.metrics", SOUK_MEMBER(http.metrics), "whether anyone may read /metrics"));
  to.push_back(number("http.max_connections", SOUK_MEMBER(http.max_connections), 1, 1'000'000,
                      "open connections; more are closed, without TLS after a 503"));
  to.push_back(number("http.max_streams", SOUK_MEMBER(http.max_streams), 1, 1'000'000,
                      "streamed answers at once; more are answered 503"));
  to.push_back(number("http.max_body", SOUK_MEMBER(http.max_body), 1, 1'073'741'824,
                      "bytes of a request's body; more is answered 413"));
  to.push_back(duration("http.header_timeout", SOUK_MEMBER(http.header_timeout), 1ms, 1h,
                        "from a request's first byte to its last header; a TLS handshake"));
  to.push_back(duration("http.body_timeout", SOUK_MEMBER(http.body_timeout), 1ms, 1h,
                        "from the last header to the last byte"));
  to.push_back(duration("http.idle_timeout", SOUK_MEMBER(http.idle_timeout), 1ms, 24h,
                        "between two requests of a connection"));
}

void add_storage(table& to) {
  to.push_back(text("data.dir", SOUK_MEMBER(data.dir), "DIR", "a directory", not_empty,
                    "the embedded database and what else Souk writes"));
  to.push_back(secret("database.url", SOUK_MEMBER(database.url), "URL",
                      "sqlite:PATH or postgresql://...", database,
                      "the database; empty: sqlite:<data.dir>/souk.db"));
  to.push_back(number("database.readers", SOUK_MEMBER(database.readers), 1, 256,
                      "connections for reading, besides the one that writes"));
  to.push_back(number("database.max_batch", SOUK_MEMBER(database.max_batch), 1, 10'000,
                      "commands in one transaction"));
}

void add_accounts(table& to) {
  to.push_back(secret("auth.secret", SOUK_MEMBER(auth.secret), "SECRET",
                      "a secret of at least 32 bytes", token_secret,
                      "signs tokens; empty: made once and kept in the database"));
  to.push_back(duration("auth.token_lifetime", SOUK_MEMBER(auth.token_lifetime), 1s, 8760h,
                        "how long an access token is valid; whole seconds"));
  to.push_back(duration("auth.session_lifetime", SOUK_MEMBER(auth.session_lifetime), 1s, 87600h,
                        "how long a refresh token is good without being used; whole seconds"));
  to.push_back(number("auth.hash_threads", SOUK_MEMBER(auth.hash_threads), 1, 256,
                      "workers that hash passwords"));
  to.push_back(number("auth.hash_queue", SOUK_MEMBER(auth.hash_queue), 1, 100'000,
                      "passwords waiting for each worker; more are answered 503"));
  to.push_back(text("auth.trusted_proxies", SOUK_MEMBER(auth.trusted_proxies), "NETWORK[,NETWORK]",
                    "a list of networks such as 10.0.0.0/8,::1", networks,
                    "who may name a user by X-User-ID in place of a token"));
  to.push_back(text("mail.from", SOUK_MEMBER(mail.from), "ADDRESS", "an e-mail address",
                    mail_address, "the sender of mails, which are written to <data.dir>/mail"));
  to.push_back(text("admin.username", SOUK_MEMBER(admin.username), "NAME",
                    "3 to 64 letters a to z, digits and . _ - +, or an e-mail address", username,
                    "the first administrator, made at the first start"));
  to.push_back(secret("admin.password", SOUK_MEMBER(admin.password), "PASSWORD",
                      "a password of 8 to 128 characters", password,
                      "the first administrator's; empty: generated and printed once"));
  to.push_back(flag("aliases.open_catalog", SOUK_MEMBER(aliases.open_catalog),
                    "POST /products and POST /stock need no administrator"));
}

void add_shop(table& to) {
  to.push_back(
    flag("orders.confirm", SOUK_MEMBER(orders.confirm), "confirm placed orders in the background"));
  to.push_back(duration("orders.payment_window", SOUK_MEMBER(orders.payment_window), 100ms, 8760h,
                        "a prepaid order that is not paid by then is cancelled"));
  to.push_back(secret("payments.secret", SOUK_MEMBER(payments.secret), "SECRET",
                      "a secret of at least 32 bytes", token_secret,
                      "signs what the payment provider sends; empty: only administrators may"));
  to.push_back(text("catalog.external_url", SOUK_MEMBER(catalog.external_url), "URL",
                    "http://... or https://...", web_url,
                    "asked for products that are not known here; empty: none"));
  to.push_back(duration("catalog.external_ttl", SOUK_MEMBER(catalog.external_ttl), 1s, 8760h,
                        "how long what was read there is kept; whole seconds"));
  to.push_back(flag("catalog.allow_private", SOUK_MEMBER(catalog.allow_private),
                    "the external catalog may lead to private addresses"));
}

void add_work(table& to) {
  constexpr uint64_t most_cached = 10'000'000;
  to.push_back(text("limits.orders_per_user", SOUK_MEMBER(limits.orders_per_user), "RATE",
                    "a rate such as 3/5m (3 in any 5 minutes) or off", rate,
                    "orders that one user may place"));
  to.push_back(text("limits.logins", SOUK_MEMBER(limits.logins), "RATE",
                    "a rate such as 30/1m or off", rate,
                    "failed attempts to log in, or to use a password, from one address"));
  to.push_back(text("limits.logins_per_account", SOUK_MEMBER(limits.logins_per_account), "RATE",
                    "a rate such as 10/1m or off", rate,
                    "the same at one account from one address"));
  to.push_back(text("limits.registrations", SOUK_MEMBER(limits.registrations), "RATE",
                    "a rate such as 10/1h or off", rate, "new accounts from one address"));
  to.push_back(number("limits.in_flight", SOUK_MEMBER(limits.in_flight), 1, 1'000'000,
                      "requests at work in one domain; more are answered 503"));
  to.push_back(number("actors.threads", SOUK_MEMBER(actors.threads), 0, 1024,
                      "scheduler threads; 0: one per core but one"));
  to.push_back(number("actors.shards", SOUK_MEMBER(actors.shards), 1, 1024,
                      "shards of each domain; fixed when a database is created"));
  to.push_back(number("actors.cached_products", SOUK_MEMBER(actors.cached_products), 200,
                      most_cached, "products that each shard keeps in memory"));
  to.push_back(number("actors.cached_orders", SOUK_MEMBER(actors.cached_orders), 1, most_cached,
                      "orders that each shard keeps in memory"));
  to.push_back(number("actors.cached_users", SOUK_MEMBER(actors.cached_users), 1, most_cached,
                      "users that each shard keeps in memory"));
  to.push_back(duration("actors.request_timeout", SOUK_MEMBER(actors.request_timeout), 1ms, 1h,
                        "for a read from actor to actor"));
  to.push_back(duration("actors.write_deadline", SOUK_MEMBER(actors.write_deadline), 1ms, 1h,
                        "a write that has not begun by then is dropped"));
}

void add_rest(table& to) {
  to.push_back(text("shop.currency", SOUK_MEMBER(shop.currency), "CODE",
                    "a currency of ISO 4217 such as USD", currency,
                    "the currency of all prices; fixed when a database is created"));
  to.push_back(flag("shop.demo", SOUK_MEMBER(shop.demo),
                    "fill an empty catalog with 50 products at the start"));
  to.push_back(text("log.level", SOUK_MEMBER(log.level), "LEVEL",
                    "trace, debug, info, warning or error", log_level, "the least that is logged"));
  to.push_back(text("log.format", SOUK_MEMBER(log.format), "FORMAT", "auto, text or json",
                    log_format, "auto: text on a terminal, JSON lines otherwise"));
  to.push_back(text("node.listen", SOUK_MEMBER(node.listen), "HOST:PORT", "host:port", endpoint,
                    "where other nodes connect; empty: nowhere"));
  to.push_back(text("node.join", SOUK_MEMBER(node.join), "HOST:PORT", "host:port", endpoint,
                    "a running node to connect to; empty: none"));
  to.push_back(text("node.pools", SOUK_MEMBER(node.pools), "POOL[,POOL]",
                    "a list of user, product, stock, order", pools,
                    "the domains that this node offers; empty: all"));
}

#undef SOUK_MEMBER

table make_options() {
  table out;
  add_http(out);
  add_storage(out);
  add_accounts(out);
  add_shop(out);
  add_work(out);
  add_rest(out);
  return out;
}

} // namespace

std::string option::environment_name() const {
  std::string out = "SOUK_";
  for (char c : key)
    out += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return out;
}

const std::vector<option>& options() {
  static const auto all = make_options();
  return all;
}

const option* find_option(std::string_view key) {
  for (const auto& o : options())
    if (o.key == key)
      return &o;
  return nullptr;
}

std::string database_url(const settings& x) {
  return x.database.url.empty() ? "sqlite:" + x.data.dir + "/souk.db" : x.database.url;
}

} // namespace souk::config
