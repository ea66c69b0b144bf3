#include "tests/http/client/fake_shop_server.hpp"

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <sys/socket.h>

namespace souk::tests {

namespace beast = boost::beast;
namespace http = beast::http;
using tcp = boost::asio::ip::tcp;

fake_shop_server::fake_shop_server(responder answer)
  : answer_{std::move(answer)},
    acceptor_{io_, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}},
    acceptor_thread_{[this] { accept(); }} {}

fake_shop_server::~fake_shop_server() {
  {
    const std::lock_guard lock{guard_};
    stopping_ = true;
  }
  ::shutdown(acceptor_.native_handle(), SHUT_RDWR); // wakes a thread in accept()
  acceptor_thread_.join();
  for (auto& peer : peers_)
    ::shutdown(peer->native_handle(), SHUT_RDWR);
  threads_.clear();
}

std::string fake_shop_server::url() const {
  return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

std::vector<asked> fake_shop_server::requests() const {
  const std::lock_guard lock{guard_};
  return requests_;
}

size_t fake_shop_server::logins() const {
  const std::lock_guard lock{guard_};
  return logins_;
}

size_t fake_shop_server::connections() const {
  const std::lock_guard lock{guard_};
  return peers_.size();
}

void fake_shop_server::accept() {
  for (;;) {
    auto peer = std::make_shared<socket>(io_);
    boost::system::error_code failed;
    acceptor_.accept(*peer, failed);
    const std::lock_guard lock{guard_};
    if (failed || stopping_)
      return;
    peers_.push_back(peer);
    threads_.emplace_back([this, peer] { serve(*peer); });
  }
}

void fake_shop_server::serve(socket& peer) {
  beast::flat_buffer buffer;
  boost::system::error_code failed;
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(16U * 1024 * 1024);
    http::read(peer, buffer, parser, failed);
    if (failed)
      break;
    const auto& got = parser.get();
    const auto told =
      respond({std::string{got.method_string()}, std::string{got.target()}, got.body(),
               std::string{got["Idempotency-Key"]}, std::string{got[http::field::authorization]}});
    if (!told)
      break;
    http::response<http::string_body> out{static_cast<http::status>(told->status), 11};
    out.set(http::field::content_type, "application/json");
    for (const auto& [name, value] : told->headers)
      out.set(name, value);
    out.body() = told->body;
    out.prepare_payload();
    http::write(peer, out, failed);
    if (failed)
      break;
  }
  peer.shutdown(tcp::socket::shutdown_both, failed); // closed with this object
}

std::optional<told> fake_shop_server::respond(const asked& what) {
  const std::lock_guard lock{guard_};
  if (what.target != "/api/v1/auth/login") {
    requests_.push_back(what);
    return answer_(what);
  }
  ++logins_;
  if (what.body.find("\"right\"") == what.body.npos)
    return told{401, R"({"detail":"the name or the password is wrong"})"};
  return told{200, R"({"access_token":"t)" + std::to_string(logins_) + "\"}"};
}

} // namespace souk::tests
