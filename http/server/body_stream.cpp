#include "http/server/body_stream.hpp"

#include <utility>

namespace souk::http {

body_stream::~body_stream() {
  if (!open_)
    return;
  if (const auto to = carrier_.lock())
    to->abandoned();
}

bool body_stream::write(std::string_view bytes) {
  if (!open_ || bytes.empty())
    return open_;
  if (attached_) {
    if (const auto to = carrier_.lock())
      to->carry(bytes);
    else
      open_ = false;
  } else if (early_.bytes.size() + bytes.size() <= max_backlog) {
    early_.bytes += bytes;
  } else {
    early_ = {{}, false, true};
    open_ = false;
  }
  return open_;
}

void body_stream::end() {
  if (!std::exchange(open_, false))
    return;
  early_.ended = true;
  const auto over = std::exchange(over_, nullptr); // may own this stream: goes last
  if (const auto to = carrier_.lock())
    to->carry_end();
}

body_stream::beginning body_stream::attach(std::weak_ptr<stream_carrier> to) {
  attached_ = true;
  carrier_ = std::move(to);
  return std::exchange(early_, {});
}

std::function<void()> body_stream::detach() {
  open_ = false;
  carrier_.reset();
  early_ = {};
  return std::exchange(over_, nullptr);
}

} // namespace souk::http
