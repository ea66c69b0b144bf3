// A small HTTP server on 127.0.0.1 that answers as a test says, and remembers what it was asked.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace souk::tests {

struct asked {
  std::string method;
  std::string target;
  std::string body;
  std::string key;   ///< Idempotency-Key
  std::string token; ///< Authorization
};

struct told {
  unsigned status = 200;
  std::string body = "{}";
  std::map<std::string, std::string> headers = {};
};

/// A thread a connection, until the end of this object. It logs in whoever has the password `right`
/// with the tokens t1, t2, ...
class fake_shop_server {
public:
  /// Called for one request at a time, on the server's threads. Nothing: the connection is lost.
  using responder = std::function<std::optional<told>(const asked&)>;

  explicit fake_shop_server(responder answer);
  fake_shop_server(const fake_shop_server&) = delete;
  fake_shop_server& operator=(const fake_shop_server&) = delete;
  ~fake_shop_server();

  std::string url() const;

  /// What it was asked so far, without the logins.
  std::vector<asked> requests() const;
  size_t logins() const;
  size_t connections() const;

private:
  using socket = boost::asio::ip::tcp::socket;

  void accept();
  void serve(socket& peer);
  std::optional<told> respond(const asked& what);

  responder answer_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  mutable std::mutex guard_;
  bool stopping_ = false;
  size_t logins_ = 0;
  std::vector<asked> requests_;
  std::vector<std::shared_ptr<socket>> peers_;
  std::vector<std::jthread> threads_;
  std::jthread acceptor_thread_;
};

} // namespace souk::tests
