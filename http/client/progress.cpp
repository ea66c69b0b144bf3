#include "http/client/progress.hpp"

#include <algorithm>

namespace souk::client {

progress::progress(std::ostream& to, bool bar, std::string what, uint64_t total)
  : to_{to}, bar_{bar}, what_{std::move(what)}, total_{total} {}

void progress::show(uint64_t count, uint64_t bytes) {
  using namespace std::chrono_literals;
  const auto now = clock::now();
  if (now - last_ < (bar_ ? 200ms : 5'000ms))
    return;
  last_ = now;
  const auto ms = std::max<int64_t>(1, elapsed().count());
  const auto rate = count * 1000 / static_cast<uint64_t>(ms);
  auto text = with_commas(count) + " " + what_ + ", " + with_commas(rate) + "/s";
  if (total_ > 0) {
    const auto percent = std::min<uint64_t>(100, bytes * 100 / total_);
    text = std::to_string(percent) + " %, " + text;
    constexpr size_t width = 30;
    if (bar_) {
      const auto full = static_cast<size_t>(percent) * width / 100;
      text = "[" + std::string(full, '#') + std::string(width - full, '.') + "] " + text;
    }
  }
  if (bar_)
    to_ << "\r\x1b[K" << text << std::flush;
  else
    to_ << text << std::endl;
  shown_ = bar_;
}

void progress::line(const std::string& text) {
  end();
  to_ << text << '\n';
}

void progress::end() {
  if (shown_)
    to_ << "\r\x1b[K" << std::flush;
  shown_ = false;
}

std::chrono::milliseconds progress::elapsed() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begin_);
}

std::string with_commas(uint64_t x) {
  auto out = std::to_string(x);
  for (auto i = static_cast<int64_t>(out.size()) - 3; i > 0; i -= 3)
    out.insert(static_cast<size_t>(i), ",");
  return out;
}

std::string in_seconds(std::chrono::milliseconds x) {
  const auto tenths = (x.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

} // namespace souk::client
