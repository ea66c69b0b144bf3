// How the external catalog is asked.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace souk::actors {

struct external_config {
  std::string url;                ///< `{url}/products/{id}` is asked for; see external::usable_url
  int currency_digits = 2;        ///< decimal digits of the shop's currency
  std::chrono::seconds ttl{3600}; ///< how long a product is kept
  std::chrono::seconds not_found_ttl{60}; ///< how long it is known that there is none
  std::chrono::seconds unusable_ttl{30};  ///< how long one with an unusable answer is left alone
  size_t kept_bytes = 16 * 1024 * 1024;   ///< of answers, per worker
  bool allow_private = false; ///< whether names and redirects may lead into private networks
  size_t max_queue = 64;      ///< waiting; more fail with `overloaded`
  std::chrono::milliseconds connect_timeout{1000};
  std::chrono::milliseconds timeout{3000}; ///< of one request with its redirects
  size_t max_body = 256 * 1024;            ///< bytes
  long max_redirects = 3;
  int max_failures = 5;                    ///< in a row; then the catalog is left alone ...
  std::chrono::milliseconds pause{10'000}; ///< ... for so long
};

} // namespace souk::actors
