// All settings of Souk with their defaults. A setting `group.name` is `--group.name` on the command
// line, SOUK_GROUP_NAME in the environment and `[group] name` in souk.toml; that is also their
// precedence: defaults < file < environment < command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace souk::config {

struct settings {
  struct {
    std::string address = "127.0.0.1";
    std::vector<uint16_t> port{8080};  ///< each listens; 0: any free port
    uint32_t threads = 0;              ///< io threads; 0: one per two cores, at most 4
    uint32_t max_connections = 10'000; ///< more are answered 503 and closed
    uint32_t max_streams = 1'000;      ///< streamed answers at once; more are answered 503
    std::string trusted_proxies;       ///< networks, comma-separated: X-Forwarded-For is believed
    std::string cors_origins;          ///< comma-separated, or *; empty: none
    bool metrics = true;
    std::string tls_certificate;   ///< PEM file; empty: plain HTTP
    std::string tls_key;           ///< PEM file
    uint64_t max_body = 1'048'576; ///< bytes; more is 413
    std::chrono::milliseconds header_timeout{
      10'000}; ///< from a request's first byte to its last header
    std::chrono::milliseconds body_timeout{30'000}; ///< from the last header to the last byte
    std::chrono::milliseconds idle_timeout{60'000}; ///< between two requests of a connection
  } http;
  struct {
    std::string dir = "souk-data"; ///< the embedded database and what else Souk writes
  } data;
  struct {
    std::string url;      ///< `sqlite:PATH` or `postgresql://...`; empty: sqlite:<data.dir>/souk.db
    uint32_t readers = 2; ///< connections for reading, besides the one that writes
    uint32_t max_batch = 512; ///< commands in one transaction
  } database;
  struct {
    std::string secret; ///< signs tokens; empty: made once, kept in the database
    std::chrono::seconds token_lifetime{1800};
    std::chrono::seconds session_lifetime{30 * 24 * 3600}; ///< without any use
    uint32_t hash_threads = 2;                             ///< password workers
    uint32_t hash_queue = 64;                              ///< waiting per worker; more is 503
    std::string trusted_proxies; ///< networks, comma-separated, whose X-User-ID is believed
  } auth;
  struct {
    std::string from = "souk@localhost"; ///< the sender of mails
  } mail;
  struct {
    std::string username = "admin";
    std::string password; ///< of the first administrator; empty: generated and printed once
  } admin;
  struct {
    bool open_catalog = false; ///< `POST /products` and `POST /stock` need no ADMIN
  } aliases;
  struct {
    bool confirm = true; ///< placed orders, in the background
    std::chrono::milliseconds payment_window{30 * 60
                                             * 1'000}; ///< then a prepaid order is cancelled
  } orders;
  struct {
    std::string secret; ///< signs what the payment provider sends; empty: it sends nothing
  } payments;
  struct {
    std::string external_url;                ///< of products that others keep; empty: none
    std::chrono::seconds external_ttl{3600}; ///< how long what was read there is kept
    bool allow_private = false;              ///< it may lead to a private address
  } catalog;
  struct {
    std::string orders_per_user = "off";      ///< e.g. `3/5m`: at most 3 orders in any 5 minutes
    std::string logins = "30/1m";             ///< failed attempts from one address
    std::string logins_per_account = "10/1m"; ///< failed attempts at one account from one address
    std::string registrations = "off";        ///< new accounts from one address
    uint32_t in_flight = 4096;                ///< requests at work in one domain; more are 503
  } limits;
  struct {
    uint32_t threads = 0;            ///< scheduler threads; 0: one per core but one
    uint32_t shards = 64;            ///< read when a database is created, then fixed in it
    uint32_t cached_products = 4096; ///< per shard
    uint32_t cached_orders = 512;    ///< per shard
    uint32_t cached_users = 1024;    ///< per shard
    std::chrono::milliseconds request_timeout{5'000}; ///< for a read, actor to actor
    std::chrono::milliseconds write_deadline{10'000}; ///< a write not begun by then is dropped
  } actors;
  struct {
    std::string currency = "USD"; ///< ISO 4217; read when a database is created, then fixed in it
    bool demo = false;            ///< fill an empty catalog with 50 products at the start
  } shop;
  struct {
    std::string level = "info";  ///< trace, debug, info, warning, error
    std::string format = "auto"; ///< text, json; auto: text on a terminal
  } log;
  struct {
    std::string listen; ///< host:port for other nodes; empty: none
    std::string join;   ///< host:port of a running node; empty: none
    std::string pools;  ///< comma-separated domains that this node offers; empty: all
  } node;
};

/// A sliding limit: `count` in any `window`. count 0: off.
struct rate_limit {
  uint32_t count = 0;
  std::chrono::milliseconds window{0};
};

} // namespace souk::config
