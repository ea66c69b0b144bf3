// What the load test is asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace souk::loadgen {

enum class scenario_kind : uint8_t {
  orders,       ///< POST /api/v1/orders
  product_read, ///< GET /api/v1/products/{id}, without a token
  register_,    ///< POST /api/v1/auth/register, a new name each
  get,          ///< GET of one of `targets`, in random order
  mixed,        ///< 80 % product reads, 15 % orders, 5 % own orders
};

std::string to_string(scenario_kind kind);

struct options {
  std::string target = "http://127.0.0.1:8080";
  scenario_kind scenario = scenario_kind::orders;
  double rate = 0;                            ///< requests a second, open loop; 0: closed loop
  bool poisson = false;                       ///< open loop: exponential gaps instead of even ones
  std::chrono::milliseconds duration{30'000}; ///< measured, after the warm-up
  std::chrono::milliseconds warmup{2'000};
  std::chrono::milliseconds timeout{30'000}; ///< of one request, from its sending
  std::chrono::milliseconds drain{10'000};   ///< for what is under way at the end
  uint32_t connections = 64;
  uint32_t threads = 1;
  uint32_t users = 100;

  uint64_t spread = 0;       ///< how many products; 0: all that are known
  int64_t hot = 0;           ///< the one product of every line; 0: spread
  int64_t first_product = 0; ///< with last_product: ids without asking the server
  int64_t last_product = 0;
  uint32_t lines = 2;
  int64_t quantity = 1;
  bool idempotency_keys = false;

  std::string targets;  ///< scenario get: a file of paths with their queries, one a line
  std::string secret;   ///< mint tokens with it; empty: register and log in; scenario get: no token
  std::string user_ids; ///< a file of UUIDs, one a line, for minted tokens
  uint64_t seed = 0;    ///< of all random choices; 0: from the clock

  std::string json;              ///< file of the summary; `-`: standard output
  std::string plot;              ///< SVG file
  std::string placed;            ///< file of the ids of all placed orders, one a line
  bool yes_this_is_mine = false; ///< targets beyond loopback allowed
};

/// Reads the command line. Returns -1 to go on, or the exit code (0 after --help); errors are one
/// line on stderr.
int parse_options(int argc, char** argv, options& out);

} // namespace souk::loadgen
