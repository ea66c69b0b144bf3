#include "tests/system/support/curl.hpp"

#include <regex>
#include <sstream>
#include <stdexcept>

namespace souk::tests {

namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// What `curl -i` prints.
answer parse(const std::string& out) {
  const auto end = out.find("\r\n\r\n");
  if (end == std::string::npos || !out.starts_with("HTTP/1.1 "))
    throw std::runtime_error{"curl printed no answer: " + out};
  answer result;
  result.status = static_cast<unsigned>(std::stoi(out.substr(9, 3)));
  result.body = out.substr(end + 4);
  std::istringstream head{out.substr(0, end)};
  std::string line;
  std::getline(head, line);
  while (std::getline(head, line)) {
    if (!line.empty() && line.back() == '\r')
      line.pop_back();
    const auto colon = line.find(": ");
    if (colon != std::string::npos)
      result.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return result;
}

} // namespace

answer curl(const shop& at, std::string line, const replacements& replace) {
  for (const auto& [from, to] : replace)
    replace_all(line, from, to);
  static const std::regex host{R"(http://localhost(:\d+)?)"};
  const auto here = "http://127.0.0.1:" + std::to_string(at.server.port());
  line = std::regex_replace(line, host, here);
  if (!line.starts_with("curl "))
    throw std::runtime_error{"no curl command: " + line};
  line.replace(0, 5, "curl -sS -i --noproxy '*' --max-time 30 ");
  const auto done = run({{"sh", "-c", line}, {}, {}, {}});
  if (done.exit_code != 0)
    throw std::runtime_error{"curl failed: " + done.all() + "\n" + line};
  return parse(done.out);
}

} // namespace souk::tests
