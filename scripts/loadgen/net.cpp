#include "scripts/loadgen/net.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

namespace souk::loadgen {

namespace {

bool is_loopback(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    auto ip = ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr);
    return ip >> 24 == 127;
  }
  return address->sa_family == AF_INET6
         && IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
}

bool same_name(std::string_view name, std::string_view lower) {
  return name.size() == lower.size() && strncasecmp(name.data(), lower.data(), lower.size()) == 0;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

/// False if the field makes the answer unusable.
bool take_field(std::string_view line, answer_head& out, bool& framed) {
  auto first = line.empty() ? '\0' : static_cast<char>(line[0] | 0x20);
  if (first != 'c' && first != 'l' && first != 't')
    return true;
  auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return false;
  auto name = line.substr(0, colon);
  auto value = trim(line.substr(colon + 1));
  if (same_name(name, "content-length")) {
    auto [rest, error] =
      std::from_chars(value.data(), value.data() + value.size(), out.content_length);
    framed = true;
    return error == std::errc{} && rest == value.data() + value.size();
  }
  if (same_name(name, "connection"))
    out.close = same_name(value, "close");
  else if (same_name(name, "location"))
    out.location = value;
  else if (same_name(name, "link"))
    out.link = value;
  return !same_name(name, "transfer-encoding");
}

} // namespace

endpoint resolve(const std::string& target) {
  constexpr std::string_view scheme = "http://";
  if (target.compare(0, scheme.size(), scheme) != 0)
    throw failure("--target must begin with http:// (TLS is not spoken): " + target);
  auto authority = target.substr(scheme.size());
  authority = authority.substr(0, authority.find('/'));
  auto colon = authority.rfind(':');
  if (colon != std::string::npos && authority.find(']', colon) != std::string::npos)
    colon = std::string::npos;
  auto name = authority.substr(0, colon);
  auto port = colon == std::string::npos ? std::string{"80"} : authority.substr(colon + 1);
  if (name.size() > 2 && name.front() == '[' && name.back() == ']')
    name = name.substr(1, name.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (auto error = getaddrinfo(name.c_str(), port.c_str(), &hints, &found); error != 0)
    throw failure("cannot resolve " + authority + ": " + gai_strerror(error));
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{found, freeaddrinfo};
  endpoint out;
  std::memcpy(&out.address, found->ai_addr, found->ai_addrlen);
  out.size = found->ai_addrlen;
  out.host = authority;
  out.loopback = is_loopback(found->ai_addr);
  return out;
}

head_state parse_head(std::string_view bytes, answer_head& out) {
  auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return bytes.size() > 65'536 ? head_state::unusable : head_state::incomplete;
  if (end < 12 || bytes.compare(0, 7, "HTTP/1.") != 0)
    return head_state::unusable;
  out = answer_head{};
  auto [rest, error] = std::from_chars(bytes.data() + 9, bytes.data() + 12, out.status);
  if (error != std::errc{} || rest != bytes.data() + 12 || out.status < 200 || out.status > 599)
    return head_state::unusable;
  bool framed = out.status == 204 || out.status == 304;
  auto bodiless = framed;
  out.size = end + 4;
  auto lines = bytes.substr(0, end + 2);
  auto at = lines.find("\r\n") + 2;
  while (at < lines.size()) {
    auto next = lines.find("\r\n", at);
    if (!take_field(lines.substr(at, next - at), out, framed))
      return head_state::unusable;
    at = next + 2;
  }
  if (bodiless)
    out.content_length = 0;
  return framed ? head_state::complete : head_state::unusable;
}

int start_connect(const endpoint& to) {
  auto fd = socket(to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to.address), to.size) == 0
      || errno == EINPROGRESS)
    return fd;
  auto error = errno;
  close(fd);
  errno = error;
  return -1;
}

blocking_client::~blocking_client() {
  disconnect();
}

void blocking_client::disconnect() {
  if (fd_ >= 0)
    close(fd_);
  fd_ = -1;
}

void blocking_client::connect() {
  fd_ = socket(to_.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  timeval limit{10, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to_.address), to_.size) != 0) {
    std::string why = std::strerror(errno);
    disconnect();
    throw failure("cannot connect to " + to_.host + ": " + why);
  }
}

answer blocking_client::send(std::string_view method, std::string_view path,
                             std::string_view headers, std::string_view body) {
  if (fd_ < 0)
    connect();
  std::string out;
  out.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: ").append(to_.host);
  out.append("\r\n").append(headers).append("Content-Length: ").append(std::to_string(body.size()));
  out.append("\r\n\r\n").append(body);
  std::string in;
  answer_head head;
  auto state = head_state::incomplete;
  auto sent = ::send(fd_, out.data(), out.size(), MSG_NOSIGNAL);
  char buffer[16'384];
  while (sent == static_cast<ssize_t>(out.size())) {
    state = parse_head(in, head);
    if (state == head_state::unusable
        || (state == head_state::complete && in.size() >= head.size + head.content_length))
      break;
    auto n = recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) {
      state = head_state::incomplete;
      break;
    }
    in.append(buffer, static_cast<size_t>(n));
  }
  if (state != head_state::complete) {
    disconnect();
    throw failure("no usable answer to " + std::string{method} + " " + std::string{path});
  }
  answer result{head.status, in.substr(head.size, head.content_length), std::string{head.link}};
  if (head.close)
    disconnect();
  return result;
}

} // namespace souk::loadgen
