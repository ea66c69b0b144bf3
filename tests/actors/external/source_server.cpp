#include "tests/actors/external/source_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string_view>

namespace souk::external::test {

std::string response(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status
         + "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string redirect_to(const std::string& url) {
  return "HTTP/1.1 302 Found\r\nLocation: " + url
         + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
}

source_server::source_server() : listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(listener_, 16) != 0
      || ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
    ::close(listener_);
    throw std::runtime_error("cannot listen on 127.0.0.1");
  }
  port_ = ntohs(at.sin_port);
  thread_ = std::thread{[this] { serve(); }};
}

source_server::~source_server() {
  ::shutdown(listener_, SHUT_RDWR); // wakes `accept`
  thread_.join();
  ::close(listener_);
}

void source_server::answer(const std::string& target, std::string bytes) {
  std::lock_guard lock{guard_};
  answers_[target] = std::move(bytes);
}

std::vector<std::string> source_server::asked() const {
  std::lock_guard lock{guard_};
  return asked_;
}

void source_server::serve() {
  for (;;) {
    int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0)
      return;
    const timeval limit{10, 0};
    ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    talk(client);
    ::close(client);
  }
}

void source_server::talk(int client) {
  std::string request;
  char bytes[4096];
  auto receive = [&] {
    auto n = ::recv(client, bytes, sizeof bytes, 0);
    if (n > 0)
      request.append(bytes, static_cast<size_t>(n));
    return n > 0;
  };
  while (request.find("\r\n\r\n") == std::string::npos)
    if (!receive())
      return;
  auto begin = request.find(' ') + 1;
  auto target = request.substr(begin, request.find(' ', begin) - begin);
  std::string answer = response("404 Not Found", "{}");
  {
    std::lock_guard lock{guard_};
    asked_.push_back(target);
    if (auto i = answers_.find(target); i != answers_.end())
      answer = i->second;
  }
  for (std::string_view left = answer; !left.empty();) {
    auto n = ::send(client, left.data(), left.size(), MSG_NOSIGNAL);
    if (n <= 0)
      return; // the client has heard enough
    left.remove_prefix(static_cast<size_t>(n));
  }
  if (!answer.empty())
    ::shutdown(client, SHUT_WR);
  while (receive()) {}
}

} // namespace souk::external::test
