#include "tests/system/support/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace souk::tests {

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

/// Both ends are closed on exec, so that no child holds another one's pipe open.
struct pipe_ends {
  int read = -1;
  int write = -1;

  pipe_ends() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      fail("pipe");
    read = ends[0];
    write = ends[1];
  }
};

std::vector<std::string> child_environment(const command& what) {
  const auto is_set_anew = [&what](std::string_view entry) {
    const auto name = entry.substr(0, entry.find('=') + 1);
    return std::any_of(what.environment.begin(), what.environment.end(),
                       [name](const std::string& x) { return x.starts_with(name); });
  };
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (!std::string_view{*entry}.starts_with("SOUK_") && !is_set_anew(*entry))
      result.emplace_back(*entry);
  result.insert(result.end(), what.environment.begin(), what.environment.end());
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

struct credentials {
  uid_t uid = 0;
  gid_t gid = 0;
};

std::optional<credentials> credentials_of(const std::string& user) {
  if (user.empty())
    return std::nullopt;
  const auto* entry = ::getpwnam(user.c_str());
  if (entry == nullptr)
    throw std::runtime_error{"no such user: " + user};
  return credentials{entry->pw_uid, entry->pw_gid};
}

} // namespace

process::process(const command& what) {
  auto arguments = what.argv;
  auto variables = child_environment(what);
  const auto argv = pointers(arguments);
  const auto envp = pointers(variables);
  const auto dir = what.dir.string();
  const auto user = credentials_of(what.user);
  const pipe_ends out;
  const pipe_ends err;
  pid_ = ::fork();
  if (pid_ < 0)
    fail("fork");
  if (pid_ == 0) {
    // Only calls that are safe after fork in a process with threads.
    ::dup2(out.write, STDOUT_FILENO);
    ::dup2(err.write, STDERR_FILENO);
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    if (user
        && (::setgroups(0, nullptr) != 0 || ::setgid(user->gid) != 0 || ::setuid(user->uid) != 0))
      ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL); // after setuid, which clears it
    if (!dir.empty() && ::chdir(dir.c_str()) != 0)
      ::_exit(126);
    ::execvpe(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(out.write);
  ::close(err.write);
  out_reader_ = std::thread{[this, fd = out.read] { collect(fd, out_); }};
  err_reader_ = std::thread{[this, fd = err.read] { collect(fd, err_); }};
}

process::~process() {
  if (running()) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  drain();
}

void process::collect(int fd, std::string& into) {
  char buffer[4096];
  for (;;) {
    const auto count = ::read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      break;
    const std::lock_guard lock{guard_};
    into.append(buffer, static_cast<size_t>(count));
  }
  ::close(fd);
}

bool process::running() {
  if (exit_code_)
    return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_)
    return true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

void process::signal(int number) {
  if (running())
    ::kill(pid_, number);
}

std::optional<int> process::wait(milliseconds limit) {
  eventually(limit, [this] { return !running(); });
  return exit_code_;
}

void process::drain() {
  if (out_reader_.joinable())
    out_reader_.join();
  if (err_reader_.joinable())
    err_reader_.join();
}

std::string process::out() const {
  const std::lock_guard lock{guard_};
  return out_;
}

std::string process::err() const {
  const std::lock_guard lock{guard_};
  return err_;
}

finished run(const command& what, milliseconds limit) {
  process child{what};
  const auto code = child.wait(limit);
  if (!code)
    throw std::runtime_error{what.argv.front() + " did not end in time; it wrote: " + child.out()
                             + child.err()};
  child.drain();
  return {*code, child.out(), child.err()};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in{text};
  std::vector<std::string> result;
  for (std::string line; std::getline(in, line);)
    if (!line.empty())
      result.push_back(line);
  return result;
}

std::string required_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0')
    throw std::runtime_error{std::string{name}
                             + " is not set: scripts/test sets it and starts what it names"};
  return value;
}

temporary_directory::temporary_directory() {
  auto name = (std::filesystem::temp_directory_path() / "souk-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    fail("mkdtemp");
  path_ = name;
}

temporary_directory::~temporary_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

} // namespace souk::tests
