// A connection's bytes, plain or through TLS.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

struct ssl_ctx_st;

namespace souk::http {

/// With the concrete executor: the type-erased one costs on every operation.
using tcp_socket =
  boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// TLS over a non-blocking socket, by OpenSSL. For the socket's thread. Handlers are never called
/// inside the function that was given them, but for `handshake`; they keep this object alive.
class tls_channel {
public:
  using error_code = boost::system::error_code;
  using done = std::function<void(const error_code&, std::size_t)>;

  /// `below` outlives this object and stays where it is. Throws std::bad_alloc.
  tls_channel(tcp_socket& below, const std::shared_ptr<ssl_ctx_st>& identity);
  tls_channel(const tls_channel&) = delete;
  tls_channel& operator=(const tls_channel&) = delete;
  ~tls_channel();

  /// `operation_not_supported`: the client speaks plain HTTP.
  void handshake(std::function<void(const error_code&)> then);

  /// As of a socket: `would_block` if it is not possible now. A write that took only a part must go
  /// on with the same bytes.
  std::size_t read_some(boost::asio::mutable_buffer to, error_code& ec);
  std::size_t write_some(boost::asio::const_buffer from, error_code& ec);
  void read(boost::asio::mutable_buffer to, done then);
  void write(boost::asio::const_buffer from, done then); ///< all of it
  std::size_t pending() const; ///< bytes that are deciphered and were not given to anyone
  void say_goodbye();          ///< nothing is written after it

private:
  struct state;
  error_code outcome(int result);
  void write_rest(boost::asio::const_buffer from, std::size_t all, done then);
  void wait(std::function<void(const error_code&)> then);

  tcp_socket& below_;
  std::unique_ptr<state> state_;
};

/// Belongs to one session, on its thread. Whoever waits must keep it alive by the handler.
class transport {
public:
  using error_code = boost::system::error_code;

  /// `identity`: null: plain. Throws std::bad_alloc.
  transport(tcp_socket&& socket, const std::shared_ptr<ssl_ctx_st>& identity)
    : socket_{std::move(socket)} {
    if (identity)
      tls_ = std::make_unique<tls_channel>(socket_, identity);
  }
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  bool encrypted() const { return tls_ != nullptr; }
  tcp_socket& socket() { return socket_; }

  /// Only if it is encrypted. After a failure, which the client may have been told by an alert,
  /// bytes are plain.
  void async_handshake(std::function<void(const error_code&)> then) {
    tls_->handshake([this, then = std::move(then)](const error_code& ec) {
      if (ec)
        over_ = std::move(tls_); // not destroyed: this is called by it
      then(ec);
    });
  }

  template <class Handler>
  void async_read_some(boost::asio::mutable_buffer to, Handler then) {
    if (tls_)
      tls_->read(to, std::move(then));
    else
      socket_.async_read_some(to, std::move(then));
  }

  template <class Handler>
  void async_write(boost::asio::const_buffer from, Handler then) {
    if (tls_)
      tls_->write(from, std::move(then));
    else
      boost::asio::async_write(socket_, boost::asio::buffer(from), std::move(then));
  }

  std::size_t write_some(boost::asio::const_buffer from, error_code& ec) {
    return tls_ ? tls_->write_some(from, ec) : socket_.write_some(boost::asio::buffer(from), ec);
  }

  std::size_t read_some(boost::asio::mutable_buffer to, error_code& ec) {
    return tls_ ? tls_->read_some(to, ec) : socket_.read_some(boost::asio::buffer(to), ec);
  }

  /// Until it may be read or written, or has failed.
  template <class Handler>
  void async_wait(tcp_socket::wait_type what, Handler then) {
    if (tls_ && what == tcp_socket::wait_read && tls_->pending() > 0)
      boost::asio::post(socket_.get_executor(), [then = std::move(then)] { then(error_code{}); });
    else
      socket_.async_wait(what, std::move(then));
  }

  /// Bytes that have reached this machine and were not read.
  std::size_t available(error_code& ec) const {
    return socket_.available(ec) + (tls_ ? tls_->pending() : 0);
  }

  void cancel(error_code& ec) { socket_.cancel(ec); }

  /// `orderly`: not in the middle of an answer. TLS says so, else it would look cut short (RFC
  /// 8446, 6.1).
  void close(bool orderly, error_code& ec) {
    if (orderly && tls_)
      tls_->say_goodbye();
    socket_.close(ec);
  }

  /// Nothing more is written; what comes can be read on.
  void shutdown_send(error_code& ec) {
    if (tls_)
      tls_->say_goodbye();
    socket_.shutdown(tcp_socket::shutdown_send, ec);
  }

private:
  tcp_socket socket_;
  std::unique_ptr<tls_channel> tls_; ///< null: plain
  std::unique_ptr<tls_channel> over_;
};

} // namespace souk::http
