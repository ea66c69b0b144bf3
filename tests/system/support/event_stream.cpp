#include "tests/system/support/event_stream.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sstream>

namespace souk::tests {

namespace {

/// The rest of a line after its name and one blank, e.g. of `id: 3`.
bool take_field(const std::string& line, const std::string& name, std::string& value) {
  if (!line.starts_with(name + ":"))
    return false;
  value = line.substr(name.size() + 1);
  if (value.starts_with(' '))
    value.erase(0, 1);
  return true;
}

int connect_to(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int result = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(result, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(result);
    throw transport_error{"connect"};
  }
  return result;
}

std::string request_text(const std::string& target, const header_list& headers) {
  auto result = "GET " + target + " HTTP/1.1\r\nHost: shop.test\r\nAccept: text/event-stream\r\n";
  for (const auto& [name, value] : headers)
    result.append(name).append(": ").append(value).append("\r\n");
  return result + "\r\n";
}

} // namespace

event_stream::event_stream(uint16_t port, const std::string& target, const header_list& headers)
  : socket_{connect_to(port)} {
  const auto text = request_text(target, headers);
  const auto end = std::chrono::steady_clock::now() + 10s;
  const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
  while (sent == static_cast<ssize_t>(text.size()) && raw_.find("\r\n\r\n") == std::string::npos)
    if (!receive(end))
      break;
  if (raw_.find("\r\n\r\n") == std::string::npos) {
    ::close(socket_);
    throw transport_error{"no head of a stream"};
  }
  read_head();
  decode();
}

event_stream::~event_stream() {
  ::close(socket_);
}

bool event_stream::receive(deadline end) {
  const auto left =
    std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
  pollfd ready{socket_, POLLIN, 0};
  if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0)
    return false;
  char buffer[4096];
  const auto count = ::recv(socket_, buffer, sizeof buffer, 0);
  if (count <= 0)
    return false;
  raw_.append(buffer, static_cast<size_t>(count));
  return true;
}

void event_stream::read_head() {
  const auto end = raw_.find("\r\n\r\n");
  std::istringstream lines{raw_.substr(0, end)};
  raw_.erase(0, end + 4);
  std::string line;
  std::getline(lines, line);
  head_.status = static_cast<unsigned>(std::stoi(line.substr(line.find(' ') + 1)));
  while (std::getline(lines, line)) {
    if (line.ends_with('\r'))
      line.pop_back();
    const auto colon = line.find(':');
    std::string value;
    take_field(line, line.substr(0, colon), value);
    head_.headers.emplace_back(line.substr(0, colon), value);
  }
}

/// Moves whole chunks from `raw_` to `text_`.
void event_stream::decode() {
  for (;;) {
    const auto line = raw_.find("\r\n");
    if (complete_ || line == std::string::npos)
      return;
    const auto size = std::stoul(raw_.substr(0, line), nullptr, 16);
    if (raw_.size() < line + 2 + size + 2)
      return;
    complete_ = size == 0;
    text_.append(raw_, line + 2, size);
    raw_.erase(0, line + 2 + size + 2);
  }
}

std::optional<stream_event> event_stream::take_event() {
  for (auto end = text_.find("\n\n"); end != std::string::npos; end = text_.find("\n\n")) {
    std::istringstream lines{text_.substr(0, end)};
    text_.erase(0, end + 2);
    stream_event result;
    std::string data;
    for (std::string line; std::getline(lines, line);)
      if (!take_field(line, "id", result.id) && !take_field(line, "event", result.kind))
        take_field(line, "data", data);
    if (data.empty())
      continue; // a comment
    result.data = json::parse(data);
    return result;
  }
  return std::nullopt;
}

std::optional<stream_event> event_stream::next(milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (auto event = take_event())
      return event;
    if (complete_ || !receive(end))
      return std::nullopt;
    decode();
  }
}

std::vector<stream_event> event_stream::take(size_t count) {
  std::vector<stream_event> result;
  while (result.size() < count) {
    auto event = next();
    if (!event)
      break;
    result.push_back(std::move(*event));
  }
  return result;
}

bool event_stream::ends(milliseconds limit) {
  return !next(limit) && complete_;
}

} // namespace souk::tests
