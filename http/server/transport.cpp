#include "http/server/transport.hpp"

#include <boost/asio/post.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <climits>
#include <new>

namespace souk::http {

namespace asio = boost::asio;
using boost::system::error_code;

struct tls_channel::state {
  std::unique_ptr<SSL, void (*)(SSL*)> ssl{nullptr, SSL_free};
  std::shared_ptr<SSL_CTX> identity;
  tcp_socket::wait_type wanted = tcp_socket::wait_read;
  std::size_t undelivered = 0; ///< bytes that were read for a handler that is yet to be called
  bool broken = false;         ///< OpenSSL must not be asked for anything more
};

tls_channel::tls_channel(tcp_socket& below, const std::shared_ptr<ssl_ctx_st>& identity)
  : below_{below}, state_{std::make_unique<state>()} {
  state_->identity = identity;
  state_->ssl.reset(SSL_new(identity.get()));
  if (!state_->ssl || SSL_set_fd(state_->ssl.get(), below.native_handle()) != 1)
    throw std::bad_alloc{};
}

tls_channel::~tls_channel() = default;

/// What a call of OpenSSL's that did not succeed came to. The queue of errors is the thread's, so
/// it is emptied before each call and here.
error_code tls_channel::outcome(int result) {
  auto& s = *state_;
  switch (SSL_get_error(s.ssl.get(), result)) {
  case SSL_ERROR_WANT_READ: s.wanted = tcp_socket::wait_read; return asio::error::would_block;
  case SSL_ERROR_WANT_WRITE: s.wanted = tcp_socket::wait_write; return asio::error::would_block;
  case SSL_ERROR_ZERO_RETURN: return asio::error::eof;
  default: break;
  }
  const bool plain = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
  ERR_clear_error();
  s.broken = true;
  return plain ? asio::error::operation_not_supported : asio::error::connection_reset;
}

void tls_channel::wait(std::function<void(const error_code&)> then) {
  below_.async_wait(state_->wanted, [this, then = std::move(then)](error_code ec) {
    // A wait that was over before the socket was closed tells of no error; the number of the closed
    // socket may be another one's by now.
    if (!ec && !below_.is_open())
      ec = asio::error::operation_aborted;
    then(ec);
  });
}

void tls_channel::handshake(std::function<void(const error_code&)> then) {
  ERR_clear_error();
  const int result = SSL_accept(state_->ssl.get());
  if (result == 1)
    return then({});
  const auto ec = outcome(result);
  if (ec != asio::error::would_block)
    return then(ec);
  wait([this, then = std::move(then)](const error_code& failed) {
    if (failed)
      then(failed);
    else
      handshake(then);
  });
}

std::size_t tls_channel::read_some(asio::mutable_buffer to, error_code& ec) {
  ec = {};
  if (state_->broken) {
    ec = asio::error::connection_reset;
    return 0;
  }
  ERR_clear_error();
  const auto size = static_cast<int>(std::min<std::size_t>(to.size(), INT_MAX));
  const int n = SSL_read(state_->ssl.get(), to.data(), size);
  if (n > 0)
    return static_cast<std::size_t>(n);
  ec = outcome(n);
  return 0;
}

std::size_t tls_channel::write_some(asio::const_buffer from, error_code& ec) {
  ec = {};
  std::size_t taken = 0;
  while (from.size() > 0) { // a record, 16 KiB at most, each time
    if (state_->broken) {
      ec = asio::error::connection_reset;
      break;
    }
    ERR_clear_error();
    const auto size = static_cast<int>(std::min<std::size_t>(from.size(), INT_MAX));
    const int n = SSL_write(state_->ssl.get(), from.data(), size);
    if (n <= 0) {
      ec = outcome(n);
      break;
    }
    taken += static_cast<std::size_t>(n);
    from += static_cast<std::size_t>(n);
  }
  return taken;
}

void tls_channel::read(asio::mutable_buffer to, done then) {
  error_code ec;
  const auto n = read_some(to, ec);
  if (ec != asio::error::would_block) {
    state_->undelivered = n;
    return asio::post(below_.get_executor(), [this, then = std::move(then), ec, n] {
      state_->undelivered = 0;
      then(ec, n);
    });
  }
  wait([this, to, then = std::move(then)](const error_code& failed) mutable {
    if (failed)
      then(failed, 0);
    else
      read(to, std::move(then));
  });
}

void tls_channel::write(asio::const_buffer from, done then) {
  write_rest(from, from.size(), std::move(then));
}

void tls_channel::write_rest(asio::const_buffer from, std::size_t all, done then) {
  error_code ec;
  from += write_some(from, ec);
  if (ec != asio::error::would_block)
    return asio::post(below_.get_executor(), [then = std::move(then), ec, all] { then(ec, all); });
  wait([this, from, all, then = std::move(then)](const error_code& failed) mutable {
    if (failed)
      then(failed, 0);
    else
      write_rest(from, all, std::move(then));
  });
}

std::size_t tls_channel::pending() const {
  return static_cast<std::size_t>(SSL_pending(state_->ssl.get())) + state_->undelivered;
}

void tls_channel::say_goodbye() {
  if (state_->broken || SSL_is_init_finished(state_->ssl.get()) != 1)
    return;
  ERR_clear_error();
  SSL_shutdown(state_->ssl.get()); // a full socket does not take it, and nobody waits for that
  ERR_clear_error();
}

} // namespace souk::http
