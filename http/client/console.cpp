#include "http/client/console.hpp"

#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

namespace souk::client {
namespace {

/// The terminal byte by byte and without echo. Ctrl-C arrives as a byte, so that no signal can end
/// the process before the terminal is as it was.
class silent_terminal {
public:
  silent_terminal() : fd_{::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)} {
    if (fd_ < 0 || ::tcgetattr(fd_, &before_) != 0)
      return;
    auto now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    changed_ = ::tcsetattr(fd_, TCSAFLUSH, &now) == 0;
  }
  silent_terminal(const silent_terminal&) = delete;
  silent_terminal& operator=(const silent_terminal&) = delete;
  ~silent_terminal() {
    if (changed_)
      ::tcsetattr(fd_, TCSAFLUSH, &before_);
    if (fd_ >= 0)
      ::close(fd_);
  }

  bool ready() const { return changed_; }

  void write(const std::string& text) const {
    // A prompt that cannot be written is not asked again.
    [[maybe_unused]] const auto count = ::write(fd_, text.data(), text.size());
  }

  std::optional<char> read() const {
    char c = 0;
    ssize_t count = 0;
    do
      count = ::read(fd_, &c, 1);
    while (count < 0 && errno == EINTR);
    return count == 1 ? std::optional{c} : std::nullopt;
  }

private:
  int fd_;
  termios before_{};
  bool changed_ = false;
};

volatile sig_atomic_t was_interrupted = 0;

} // namespace

void catch_interrupts() {
  struct sigaction how {};
  how.sa_handler = [](int) {
    was_interrupted = 1;
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGTERM, SIG_DFL);
  };
  how.sa_flags = SA_RESTART; // else a pipe that is being read would look as if it had ended
  for (int x : {SIGINT, SIGTERM})
    ::sigaction(x, &how, nullptr);
}

bool interrupted() {
  return was_interrupted != 0;
}

std::optional<std::string> ask_password(const std::string& prompt) {
  constexpr char ctrl_c = 3, ctrl_d = 4, ctrl_u = 21, backspace = 8, del = 127;
  constexpr size_t longest = 1024;
  const silent_terminal terminal;
  if (!terminal.ready())
    return std::nullopt;
  terminal.write(prompt);
  std::optional<std::string> out{""};
  while (out->size() < longest) {
    const auto c = terminal.read();
    if (!c || *c == ctrl_c || (*c == ctrl_d && out->empty())) {
      out.reset();
      break;
    }
    if (*c == '\n' || *c == '\r' || *c == ctrl_d)
      break;
    if (*c == ctrl_u)
      out->clear();
    else if (*c == backspace || *c == del) {
      while (!out->empty() && (static_cast<unsigned char>(out->back()) & 0xc0) == 0x80)
        out->pop_back();
      if (!out->empty())
        out->pop_back();
    } else
      *out += *c;
  }
  terminal.write("\n");
  return out;
}

} // namespace souk::client
