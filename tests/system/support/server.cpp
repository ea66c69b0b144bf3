#include "tests/system/support/server.hpp"

#include <csignal>
#include <sstream>
#include <stdexcept>

namespace souk::tests {

namespace {

constexpr std::string_view ready_mark = "souk: ready on ";

/// The ports of `souk: ready on 127.0.0.1:PORT[,PORT]`; none before that whole line is there.
std::vector<uint16_t> ports_in(const std::string& out) {
  const auto begin = out.find(ready_mark);
  const auto end = out.find('\n', begin);
  if (begin == std::string::npos || end == std::string::npos)
    return {};
  const auto colon = out.find(':', begin + ready_mark.size());
  std::istringstream list{out.substr(colon + 1, end - colon - 1)};
  std::vector<uint16_t> result;
  for (std::string port; std::getline(list, port, ',');)
    result.push_back(static_cast<uint16_t>(std::stoi(port.substr(port.rfind(':') + 1))));
  return result;
}

} // namespace

settings server_settings(const database& on, const settings& more) {
  settings result{
    {"http.port", "0"},       {"data.dir", on.dir().string()}, {"database.url", on.url()},
    {"log.level", "warning"}, {"orders.confirm", "false"},     {"admin.password", admin_password},
  };
  for (const auto& [name, value] : more)
    if (value.empty())
      result.erase(name);
    else
      result[name] = value;
  return result;
}

command souk_command(const std::string& name, const settings& with) {
  command result{{required_variable("SOUK_TEST_BINARY"), name}, {}, {}, {}};
  for (const auto& [key, value] : with) {
    result.argv.push_back("--" + key);
    result.argv.push_back(value);
  }
  return result;
}

finished run_souk(const std::string& name, const settings& with, milliseconds limit) {
  const temporary_directory place; // so that no souk.toml is found
  auto what = souk_command(name, with);
  what.dir = place.path();
  return run(what, limit);
}

server::server(const database& on, const settings& more)
  : settings_{server_settings(on, more)}, dir_{on.dir()} {}

void server::start() {
  auto what = souk_command("serve", settings_);
  what.dir = dir_;
  child_ = std::make_unique<process>(what);
  const bool said = eventually(60s, [&] {
    ports_ = ports_in(child_->out());
    return !ports_.empty() || !child_->running();
  });
  if (ports_.empty()) {
    const std::string why = said ? "ended" : "did not become ready";
    throw std::runtime_error{"the server " + why + "; it wrote: " + output()};
  }
}

int server::stop() {
  child_->signal(SIGTERM);
  return wait_for_end();
}

int server::wait_for_end() {
  const auto code = child_->wait(30s);
  if (!code)
    throw std::runtime_error{"the server did not stop; it wrote: " + output()};
  child_->drain();
  return *code;
}

void server::kill() {
  child_->signal(SIGKILL);
  child_->wait(30s);
}

} // namespace souk::tests
