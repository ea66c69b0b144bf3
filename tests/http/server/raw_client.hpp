// What the server tests share: a client that sends any bytes, and a server with a small application
// that notes what reached it.
#pragma once

#include "http/server/exchange.hpp"
#include "http/server/io_thread.hpp"
#include "http/server/server.hpp"

#include <arpa/inet.h>
#include <boost/asio/post.hpp>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace souk::http::test {

using namespace std::chrono_literals;

/// Waits for a condition that another thread brings about; false: not within 5 s.
template <class Condition>
bool eventually(Condition holds) {
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::yield();
  }
  return true;
}

struct answer {
  unsigned status = 0;
  std::map<std::string, std::string> headers; ///< names in lower case
  std::string body;

  std::string header(const std::string& name) const {
    const auto i = headers.find(name);
    return i == headers.end() ? std::string{} : i->second;
  }
};

/// A blocking connection to 127.0.0.1. Whatever takes longer than 5 s throws.
class raw_client {
public:
  explicit raw_client(uint16_t port, int receive_buffer = 0)
    : raw_client{port, receive_buffer, {}} {}

  /// Through TLS, with whatever certificate. Throws if there is no handshake.
  raw_client(uint16_t port, const std::shared_ptr<SSL_CTX>& with) : raw_client{port, 0, with} {}

  raw_client(uint16_t port, int receive_buffer, const std::shared_ptr<SSL_CTX>& with)
    : fd_{::socket(AF_INET, SOCK_STREAM, 0)} {
    const timeval limit{5, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (receive_buffer > 0)
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
      ::close(fd_);
      throw std::runtime_error("cannot connect");
    }
    if (!with)
      return;
    tls_.reset(SSL_new(with.get()));
    SSL_set_fd(tls_.get(), fd_);
    if (SSL_connect(tls_.get()) != 1) {
      ::close(fd_);
      throw std::runtime_error("no handshake");
    }
  }
  ~raw_client() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                          : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0)
        throw std::runtime_error("cannot send");
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  /// The name in the certificate that the server showed.
  std::string server_name() const {
    const std::unique_ptr<X509, void (*)(X509*)> shown{SSL_get1_peer_certificate(tls_.get()),
                                                       X509_free};
    char name[100] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name,
                              sizeof name);
    return name;
  }

  /// Says that nothing more is sent.
  void finish() { ::shutdown(fd_, SHUT_WR); }

  /// Reads one response; `head`: one without a body, whatever its headers say.
  answer read(bool head = false) {
    const auto end = until("\r\n\r\n");
    answer a = parse(take(end).substr(0, end - 2));
    const auto length = a.header("content-length");
    const std::size_t size = head || length.empty() ? 0 : std::stoul(length);
    while (buffer_.size() < size)
      if (!receive())
        throw std::runtime_error("closed inside a body");
    a.body = take(size);
    return a;
  }

  answer ask(std::string_view bytes) {
    send(bytes);
    return read();
  }

  /// Reads one chunk of a chunked body; empty: the last.
  std::string chunk() {
    const auto size = std::stoul(take(until("\r\n")), nullptr, 16);
    while (buffer_.size() < size + 2)
      if (!receive())
        throw std::runtime_error("closed inside a chunk");
    const auto all = take(size + 2);
    if (all.substr(size) != "\r\n")
      throw std::runtime_error("a chunk is longer than it says");
    return all.substr(0, size);
  }

  /// Reads what comes until the server closes.
  std::string rest() {
    while (receive()) {}
    return take(buffer_.size());
  }

  /// Reads just so many bytes that are no chunks.
  std::string bytes(std::size_t n) {
    while (buffer_.size() < n)
      if (!receive())
        throw std::runtime_error("closed instead of more");
    return take(n);
  }

  /// Closes at once; the server sees a reset.
  void abort() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(std::exchange(fd_, -1));
  }

  /// Whether the server closes in an orderly way without another byte.
  bool closed() { return buffer_.empty() && !receive(); }

private:
  /// Behind the first `mark`, which may have to be received.
  std::size_t until(std::string_view mark) {
    std::size_t at = 0;
    while ((at = buffer_.find(mark)) == std::string::npos)
      if (!receive())
        throw std::runtime_error("closed instead of an answer");
    return at + mark.size();
  }

  std::string take(std::size_t n) {
    auto taken = buffer_.substr(0, n);
    buffer_.erase(0, n);
    return taken;
  }

  static answer parse(std::string_view text) {
    answer a;
    a.status = static_cast<unsigned>(std::stoul(std::string{text.substr(9, 3)}));
    auto line = text.find("\r\n") + 2;
    while (line < text.size()) {
      const auto end = text.find("\r\n", line);
      const auto colon = text.find(": ", line);
      std::string name{text.substr(line, colon - line)};
      std::transform(name.begin(), name.end(), name.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      a.headers[name] = text.substr(colon + 2, end - colon - 2);
      line = end + 2;
    }
    return a;
  }

  /// False: the server has closed.
  bool receive() {
    char bytes[4096];
    const auto n =
      tls_ ? SSL_read(tls_.get(), bytes, sizeof bytes) : ::recv(fd_, bytes, sizeof bytes, 0);
    if (tls_ && n <= 0 && SSL_get_error(tls_.get(), static_cast<int>(n)) == SSL_ERROR_ZERO_RETURN)
      return false;
    if (n < 0 || (tls_ && n == 0)) // without a goodbye someone may have cut it short
      throw std::runtime_error(std::string{"cannot receive: "} + std::strerror(errno));
    buffer_.append(bytes, static_cast<std::size_t>(n));
    return n > 0;
  }

  int fd_;
  std::unique_ptr<SSL, void (*)(SSL*)> tls_{nullptr, SSL_free};
  std::string buffer_;
};

/// What the applications of all io threads have seen, and the replies that they hold back.
struct observed {
  std::mutex mutex;
  std::vector<request> seen;
  std::vector<reply> held; ///< of `/hold`
  int made = 0;
  int destroyed = 0;

  std::size_t count() {
    std::lock_guard guard{mutex};
    return seen.size();
  }
  request at(std::size_t i) {
    std::lock_guard guard{mutex};
    return seen.at(i);
  }
};

/// Answers with what it was asked, at once; but `/hold` when told to, `/drop` never, `/empty` with
/// 204, `/same` with 304 and `/large` with 16 MiB.
class echo_application final : public application {
public:
  explicit echo_application(observed& o) : seen_{o} {
    std::lock_guard guard{seen_.mutex};
    ++seen_.made;
  }
  ~echo_application() override {
    std::lock_guard guard{seen_.mutex};
    ++seen_.destroyed;
  }
  void handle(request&& r, reply to) override {
    {
      std::lock_guard guard{seen_.mutex};
      seen_.seen.push_back(r);
      if (r.target == "/hold")
        seen_.held.push_back(to);
    }
    if (r.target == "/hold" || r.target == "/drop")
      return;
    response a;
    a.content_type = "text/plain";
    a.body = r.method + " " + r.target + " " + r.body;
    if (r.target == "/empty")
      a.status = 204;
    if (r.target == "/same")
      a.status = 304;
    if (r.target == "/large")
      a.body.assign(16u << 20, 'x');
    a.headers.emplace_back("ETag", "\"1\"");
    a.headers.emplace_back("X-Split", "a\r\nX-Injected: b");
    to(std::move(a));
  }

private:
  observed& seen_;
};

inline server_options any_port() {
  server_options o;
  o.ports = {0};
  return o;
}

/// A server that runs for one test.
class running_server {
public:
  explicit running_server(server_options o = any_port())
    : server_{std::move(o), [this](io_thread& on) {
                {
                  std::lock_guard guard{seen.mutex};
                  threads_.push_back(&on);
                }
                return std::make_unique<echo_application>(seen);
              }} {
    server_.start();
  }

  uint16_t port() const { return server_.ports().front(); }
  server& get() { return server_; }

  /// Answers the first request held back; of a server with one thread.
  void release() {
    boost::asio::post(threads_.front()->context(), [this] {
      reply to = [this] {
        std::lock_guard guard{seen.mutex};
        auto first = seen.held.front();
        seen.held.erase(seen.held.begin());
        return first;
      }();
      response a;
      a.body = "held";
      to(std::move(a));
    });
  }

  observed seen;

private:
  std::vector<io_thread*> threads_;
  server server_;
};

inline std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: shop\r\n\r\n";
}

} // namespace souk::http::test
