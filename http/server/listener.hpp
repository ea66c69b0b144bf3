// The listening sockets.
#pragma once

#include "http/server/options.hpp"
#include "http/server/worker.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace souk::http {

/// Accepts on the first worker's thread and hands the connections to all workers in turn.
class listener {
public:
  /// Binds and listens; throws std::runtime_error with one clear line. The workers outlive it.
  listener(std::vector<std::unique_ptr<worker>>& workers, const server_options& options,
           connection_count& count);

  /// Begins to accept. After the workers have started.
  void start();

  /// Closes the sockets and waits until that is done. Not on a worker's thread.
  void stop();

  std::vector<uint16_t> ports() const;

private:
  using executor = boost::asio::io_context::executor_type;
  using acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, executor>;
  using timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, executor>;
  struct door {
    explicit door(const executor& on) : socket{on}, pause{on} {}
    acceptor socket;
    timer pause; ///< after an error that would come again at once
    uint16_t port = 0;
  };

  void open(const std::string& address, uint16_t port);
  void accept(door& at);
  void take(worker& to, tcp_socket&& socket);

  std::vector<std::unique_ptr<worker>>& workers_;
  const server_options& options_;
  connection_count& count_;
  std::vector<std::unique_ptr<door>> doors_;
  std::size_t next_ = 0;
  bool running_ = false;
};

} // namespace souk::http
