#include "tests/system/support/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace souk::tests {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

bool answer::has(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (beast::iequals({key.data(), key.size()}, {name.data(), name.size()}))
      return true;
  return false;
}

std::string answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (beast::iequals({key.data(), key.size()}, {name.data(), name.size()}))
      return value;
  return {};
}

json answer::as_json() const {
  return json::parse(body);
}

std::string answer::code() const {
  const auto value = json::parse(body, nullptr, false);
  return value.is_object() ? value.value("code", "") : "";
}

/// Beast's time limits work on asynchronous operations only, so each step is one that is run to its
/// end here.
struct client::connection {
  asio::io_context io{1};
  beast::tcp_stream stream{io};
  beast::flat_buffer buffer;

  template <class Start>
  void step(const char* what, milliseconds limit, Start start) {
    beast::error_code failed;
    stream.expires_after(limit);
    start([&failed](beast::error_code e, auto&&...) { failed = e; });
    io.restart();
    io.run();
    if (failed)
      throw transport_error{std::string{what} + ": " + failed.message()};
  }
};

client::client(uint16_t port, std::string token, milliseconds limit)
  : port_{port}, token_{std::move(token)}, limit_{limit} {}
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;
client::~client() = default;

answer client::send(const std::string& method, const std::string& target, const std::string& body,
                    const header_list& headers) {
  if (!connection_) {
    auto fresh = std::make_unique<connection>();
    const tcp::endpoint to{asio::ip::address_v4::loopback(), port_};
    fresh->step("connect", limit_, [&](auto done) { fresh->stream.async_connect(to, done); });
    fresh->stream.socket().set_option(tcp::no_delay{true});
    connection_ = std::move(fresh);
  }
  // Given back below if the connection stays usable.
  auto line = std::move(connection_);
  http::request<http::string_body> request;
  request.version(11);
  request.method_string(method);
  request.target(target);
  request.set(http::field::host, "127.0.0.1:" + std::to_string(port_));
  if (!token_.empty())
    request.set(http::field::authorization, "Bearer " + token_);
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    request.set(http::field::content_type, "application/json");
    request.body() = body;
    request.content_length(body.size());
  }
  for (const auto& [name, value] : headers)
    request.set(name, value);
  line->step("write", limit_, [&](auto done) { http::async_write(line->stream, request, done); });
  http::response_parser<http::string_body> parser;
  parser.body_limit(64u << 20);
  parser.skip(method == "HEAD");
  line->step("read", limit_,
             [&](auto done) { http::async_read(line->stream, line->buffer, parser, done); });
  auto& message = parser.get();
  answer result{message.result_int(), std::move(message.body()), {}};
  for (const auto& field : message)
    result.headers.emplace_back(field.name_string(), field.value());
  if (message.keep_alive())
    connection_ = std::move(line);
  return result;
}

answer client::get(const std::string& target, const header_list& headers) {
  return send("GET", target, {}, headers);
}
answer client::head(const std::string& target, const header_list& headers) {
  return send("HEAD", target, {}, headers);
}
answer client::post(const std::string& target, const json& body, const header_list& headers) {
  return send("POST", target, body.dump(), headers);
}
answer client::put(const std::string& target, const json& body, const header_list& headers) {
  return send("PUT", target, body.dump(), headers);
}
answer client::patch(const std::string& target, const json& body, const header_list& headers) {
  return send("PATCH", target, body.dump(), headers);
}
answer client::remove(const std::string& target, const header_list& headers) {
  return send("DELETE", target, {}, headers);
}

namespace {

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void write_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0)
      return; // the server has closed; its answer may be there all the same
    bytes.remove_prefix(static_cast<size_t>(count));
  }
}

} // namespace

std::string exchange_bytes(uint16_t port, std::string_view bytes, milliseconds limit) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket);
    throw transport_error{std::string{"connect: "} + std::strerror(errno)};
  }
  write_all(socket, bytes);
  std::string result;
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left =
      std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
    pollfd ready{socket, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0)
      break;
    char buffer[4096];
    const auto count = ::recv(socket, buffer, sizeof buffer, 0);
    if (count <= 0)
      break;
    result.append(buffer, static_cast<size_t>(count));
  }
  ::close(socket);
  return result;
}

std::string next_page(const answer& page) {
  const auto link = page.header("Link");
  const auto relation = link.find("rel=\"next\"");
  if (relation == std::string::npos)
    return {};
  const auto begin = link.rfind('<', relation);
  const auto end = link.find('>', begin);
  auto url = link.substr(begin + 1, end - begin - 1);
  if (const auto scheme = url.find("://"); scheme != std::string::npos)
    url = url.substr(url.find('/', scheme + 3));
  return url;
}

taken_port::taken_port() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket_, generic, size) != 0 || ::listen(socket_, 1) != 0
      || ::getsockname(socket_, generic, &size) != 0)
    throw transport_error{std::string{"listen: "} + std::strerror(errno)};
  number_ = ntohs(address.sin_port);
}

taken_port::~taken_port() {
  ::close(socket_);
}

uint16_t free_port() {
  return taken_port{}.number();
}

} // namespace souk::tests
