// The HTTP server: listens, frames, limits; what a request means is the application's business.
#pragma once

#include "http/server/exchange.hpp"
#include "http/server/options.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace souk::http {

class io_thread;

/// Makes one io thread's application; called on that thread before it takes connections. Include
/// "http/server/io_thread.hpp" to use the argument, which lives as long as the server.
using application_factory = std::function<std::unique_ptr<application>(io_thread&)>;

/// Owns the io threads, their applications and all connections. An orderly end is
/// `stop_accepting`, `drain`, `stop`. Its functions are called by one thread, which is none of the
/// io threads; `connections` and `streams` by any. Destroy it after everything that posts to its
/// io_contexts (the actor system).
class server {
public:
  using options = server_options;

  server(options what, application_factory make);
  ~server(); ///< stops
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Listens on every address and port, then starts the threads. Once. Throws std::runtime_error
  /// with one clear line ("cannot listen on 127.0.0.1:8080: address already in use"), or what the
  /// factory threw; nothing runs then.
  void start();

  /// The ports really bound: for each address in turn, each of its ports.
  std::vector<uint16_t> ports() const;

  /// Connections that are open at this moment.
  uint32_t connections() const;

  /// Streamed answers that are under way.
  uint32_t streams() const;

  /// Closes the listening sockets; connections go on.
  void stop_accepting();

  /// Closes idle connections at once and lets the others finish the request they are at, answered
  /// with `Connection: close`. Streams are completed and closed at once; what a client does not
  /// take within `linger_timeout` is lost. True: all are finished; false: the deadline passed
  /// before.
  bool drain(std::chrono::steady_clock::time_point deadline);

  /// Closes what is left, ends the applications and joins the threads. May be called again.
  void stop();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace souk::http
