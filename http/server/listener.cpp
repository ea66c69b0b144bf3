#include "http/server/listener.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <stdexcept>
#include <string>
#include <utility>

namespace souk::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// So many connections beyond the limit are told so at a time; the others are just closed.
constexpr uint32_t max_turned_away = 128;

/// When the process has no file descriptor left, accepting fails until one is closed.
constexpr std::chrono::milliseconds accept_pause{50};

[[noreturn]] void fail(const std::string& address, uint16_t port, std::string why) {
  if (!why.empty() && why[0] >= 'A' && why[0] <= 'Z')
    why[0] = static_cast<char>(why[0] + 32);
  const bool v6 = address.find(':') != std::string::npos;
  throw std::runtime_error("cannot listen on " + (v6 ? "[" + address + "]" : address) + ":"
                           + std::to_string(port) + ": " + why);
}

} // namespace

listener::listener(std::vector<std::unique_ptr<worker>>& workers, const server_options& options,
                   connection_count& count)
  : workers_{workers}, options_{options}, count_{count} {
  for (const auto& address : options.addresses)
    for (const auto port : options.ports)
      open(address, port);
  if (doors_.empty())
    throw std::runtime_error("cannot listen: no address or no port is set");
}

void listener::open(const std::string& address, uint16_t port) {
  error_code ec;
  const auto ip = asio::ip::make_address(address, ec);
  if (ec)
    fail(address, port, "not an IP address");
  const tcp::endpoint where{ip, port};
  auto made = std::make_unique<door>(workers_.front()->context().get_executor());
  auto& s = made->socket;
  auto check = [&] {
    if (ec)
      fail(address, port, ec.message());
  };
  s.open(where.protocol(), ec);
  check();
  s.set_option(acceptor::reuse_address{true}, ec);
  check();
  if (ip.is_v6() && options_.addresses.size() > 1) { // so that 0.0.0.0 can be there beside ::
    s.set_option(asio::ip::v6_only{true}, ec);
    check();
  }
  s.bind(where, ec);
  check();
  s.listen(asio::socket_base::max_listen_connections, ec);
  check();
  made->port = s.local_endpoint(ec).port();
  check();
  doors_.push_back(std::move(made));
}

std::vector<uint16_t> listener::ports() const {
  std::vector<uint16_t> all;
  for (const auto& x : doors_)
    all.push_back(x->port);
  return all;
}

void listener::start() {
  running_ = true;
  asio::post(workers_.front()->context(), [this] {
    for (auto& x : doors_)
      accept(*x);
  });
}

void listener::stop() {
  if (!std::exchange(running_, false))
    return;
  std::promise<void> done;
  asio::post(workers_.front()->context(), [&] {
    error_code ignored;
    for (auto& x : doors_) {
      x->socket.close(ignored);
      x->pause.cancel();
    }
    done.set_value();
  });
  done.get_future().wait();
}

void listener::accept(door& at) {
  auto& to = *workers_[next_++ % workers_.size()];
  at.socket.async_accept(to.context().get_executor(),
                         [this, &at, &to](const error_code& ec, tcp_socket socket) {
                           if (!at.socket.is_open())
                             return;
                           if (!ec) {
                             take(to, std::move(socket));
                             return accept(at);
                           }
                           at.pause.expires_after(accept_pause);
                           at.pause.async_wait([this, &at](const error_code& stopped) {
                             if (!stopped && at.socket.is_open())
                               accept(at);
                           });
                         });
}

void listener::take(worker& to, tcp_socket&& socket) {
  const auto open = count_.open();
  if (open >= options_.max_connections + max_turned_away)
    return;
  count_.opened();
  to.adopt(std::move(socket), open >= options_.max_connections);
}

} // namespace souk::http
