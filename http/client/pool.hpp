// Requests to one server over a bounded number of kept connections. Hides libcurl.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace souk::client {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// What the operator is told, on one line, before the command ends with exit code 1.
struct client_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct request {
  std::string method;
  std::string target; ///< path and query, from `/` on
  std::string body;   ///< JSON; empty: none
  std::vector<std::string> headers;
};

struct reply {
  unsigned status = 0; ///< 0: no answer came, `fault` says why
  std::string body;
  std::string link; ///< the header's value, as the next one
  std::string retry_after;
  std::string fault;
};

/// For one thread. Handlers are called by run_once() alone, may start further requests, call
/// run_once() themselves, and throw.
class pool {
public:
  using handler = std::function<void(reply)>;

  /// `url` is `http://host[:port][/prefix]`, or https. Throws client_error if it is no such thing.
  /// A request without an answer after `limit` is given up.
  pool(std::string url, unsigned connections, milliseconds limit = std::chrono::seconds{60});
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool();

  /// Sends it at `when` at the earliest, when a connection is free; the answer goes to `then`.
  void start(request what, handler then, clock::time_point when = {});

  /// Waits up to `longest` for something to happen, and calls at most one handler.
  void run_once(milliseconds longest = milliseconds{200});

  /// Requests without an answer yet, those that wait for their time included.
  size_t busy() const;

  unsigned connections() const;
  const std::string& url() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace souk::client
