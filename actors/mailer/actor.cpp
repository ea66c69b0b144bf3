#include "actors/mailer/actor.hpp"

#include "actors/log.hpp"

#include <caf/all.hpp>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace souk::actors {

namespace {

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

std::string random_text() {
  std::array<unsigned char, 8> bytes{};
  std::array<char, 17> text{};
  randombytes_buf(bytes.data(), bytes.size());
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  return text.data();
}

/// Visible ASCII and inner spaces: nothing that could begin another header.
bool fits_header(std::string_view text) {
  return !text.empty() && text.size() <= 254
         && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; });
}

bool fits_address(std::string_view text) {
  return fits_header(text) && text.find_first_of(" ,;<>\"()") == text.npos;
}

/// The names of days and months in English, whatever the locale.
std::string date_text(int64_t now) {
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<std::time_t>(now / 1000);
  std::tm t{};
  ::gmtime_r(&seconds, &t);
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%s, %d %s %d %02d:%02d:%02d +0000", days[t.tm_wday],
                t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
  return out.data();
}

class open_file {
public:
  open_file(const std::string& path, int flags) : fd_{::open(path.c_str(), flags, 0600)} {}
  ~open_file() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  bool write(std::string_view text) const {
    while (!text.empty()) {
      const auto n = ::write(fd_, text.data(), text.size());
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return false;
      text.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }
  bool sync() const { return fd_ >= 0 && ::fsync(fd_) == 0; }
  bool good() const { return fd_ >= 0; }

private:
  int fd_;
};

bool make_directory(const std::string& dir) {
  std::error_code err;
  const auto parent = std::filesystem::path{dir}.parent_path();
  if (!parent.empty())
    std::filesystem::create_directories(parent, err);
  return ::mkdir(dir.c_str(), 0700) == 0 || errno == EEXIST;
}

/// The file appears whole under its name, and stays after a power failure.
bool write_file(const std::string& dir, const std::string& name, const std::string& text) {
  const auto path = dir + '/' + name;
  const auto draft = path + ".tmp";
  {
    const open_file file{draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC};
    if (!file.good())
      return false;
    if (!file.write(text) || !file.sync()) {
      ::unlink(draft.c_str());
      return false;
    }
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) {
    ::unlink(draft.c_str());
    return false;
  }
  return open_file{dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC}.sync();
}

} // namespace

std::string format_mail(const send_mail& mail, const std::string& from, const std::string& id,
                        int64_t now) {
  if (!fits_address(mail.to) || !fits_address(from) || !fits_header(mail.subject))
    return {};
  const auto host = from.substr(from.find('@') + 1);
  std::string out = "From: " + from + "\r\nTo: " + mail.to + "\r\nSubject: " + mail.subject
                    + "\r\nDate: " + date_text(now) + "\r\nMessage-ID: <" + id + '@' + host
                    + ">\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                      "Content-Transfer-Encoding: 8bit\r\nAuto-Submitted: auto-generated\r\n\r\n";
  for (const char c : mail.text)
    if (c == '\n')
      out += "\r\n";
    else if (c != '\r')
      out += c;
  return out;
}

mailer_actor::behavior_type mailer_behavior(mailer_actor::pointer self, mailer_config config) {
  return {
    [=](const send_mail& x) -> caf::result<bool> {
      if (self->mailbox().size() > config.max_queue) {
        spdlog::error("a mail is dropped: {} wait already", config.max_queue);
        return caf::make_error(ec::overloaded);
      }
      const auto now = now_ms();
      const auto id = std::to_string(now) + '-' + random_text();
      const auto text = format_mail(x, config.from, id, now);
      if (text.empty()) {
        spdlog::error("a mail cannot be addressed");
        return caf::make_error(ec::invalid_value);
      }
      if (!make_directory(config.dir) || !write_file(config.dir, id + ".eml", text)) {
        spdlog::error("a mail cannot be written to {}: {}", config.dir,
                      std::generic_category().message(errno));
        return caf::make_error(ec::write_failed);
      }
      return true;
    },
  };
}

} // namespace souk::actors
