#include "tests/system/support/postgres_server.hpp"

#include "tests/system/support/client.hpp"

#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace souk::tests {

namespace {

/// The processes whose parent is `parent`.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> result;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos)
      continue;
    std::ifstream file{entry.path() / "stat"};
    std::string text;
    std::getline(file, text);
    // pid (name, which may hold anything) state parent ...
    const auto end = text.rfind(')');
    if (end == std::string::npos)
      continue;
    std::istringstream rest{text.substr(end + 1)};
    char state = 0;
    pid_t its_parent = 0;
    if (rest >> state >> its_parent && its_parent == parent)
      result.push_back(static_cast<pid_t>(std::stoi(name)));
  }
  return result;
}

std::string optional_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

} // namespace

postgres_server::postgres_server() : user_{optional_variable("SOUK_TEST_PG_USER")} {
  const auto data = directory_.path() / "data";
  std::filesystem::create_directory(data);
  if (!user_.empty()) {
    const auto* entry = ::getpwnam(user_.c_str());
    if (entry == nullptr)
      throw std::runtime_error{"SOUK_TEST_PG_USER names no user: " + user_};
    for (const auto& path : {directory_.path(), data})
      if (::chown(path.c_str(), entry->pw_uid, entry->pw_gid) != 0)
        throw std::runtime_error{"cannot give " + path.string() + " to " + user_};
  }
  const auto made = run({{program("initdb"), "-D", data.string(), "-U", "postgres", "-A", "trust",
                          "-E", "UTF8", "--locale=C"},
                         directory_.path(),
                         user_,
                         {}},
                        120s);
  if (made.exit_code != 0)
    throw std::runtime_error{"initdb failed: " + made.all()};
  port_ = free_port();
  start();
}

postgres_server::~postgres_server() {
  if (frozen_)
    thaw();
  if (postmaster_ && postmaster_->running())
    stop_immediately();
}

std::string postgres_server::program(const std::string& name) const {
  return (std::filesystem::path{required_variable("SOUK_TEST_PG_BIN")} / name).string();
}

std::string postgres_server::url() const {
  return "postgresql://postgres@127.0.0.1:" + std::to_string(port_) + "/postgres";
}

bool postgres_server::answers() const {
  return run({{program("psql"), "-X", "-q", "-c", "select 1", url()}, directory_.path(), user_, {}})
           .exit_code
         == 0;
}

void postgres_server::start() {
  const command server{{program("postgres"), "-D", (directory_.path() / "data").string(), "-p",
                        std::to_string(port_), "-c", "listen_addresses=127.0.0.1", "-c",
                        "unix_socket_directories="},
                       directory_.path(),
                       user_,
                       {}};
  const bool up = eventually(60s, [&] {
    if (!postmaster_ || !postmaster_->running())
      postmaster_.emplace(server);
    return answers();
  });
  if (!up)
    throw std::runtime_error{"PostgreSQL did not start: " + postmaster_->err()};
}

void postgres_server::stop_immediately() {
  postmaster_->signal(SIGQUIT);
  if (!postmaster_->wait(30s))
    throw std::runtime_error{"PostgreSQL did not stop"};
}

void postgres_server::kill() {
  postmaster_->signal(SIGKILL);
  if (!postmaster_->wait(30s))
    throw std::runtime_error{"PostgreSQL did not end"};
}

void postgres_server::signal_all(int number) {
  postmaster_->signal(number);
  for (const auto child : children_of(postmaster_->pid()))
    ::kill(child, number);
}

void postgres_server::freeze() {
  frozen_ = true;
  signal_all(SIGSTOP);
}

void postgres_server::thaw() {
  signal_all(SIGCONT);
  frozen_ = false;
}

} // namespace souk::tests
