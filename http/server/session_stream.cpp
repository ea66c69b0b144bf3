// The part of a session that carries a streamed answer.
#include "http/server/response_text.hpp"
#include "http/server/session.hpp"
#include "http/server/worker.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace souk::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// What a client may send while it reads a stream is kept up to here; the rest stays in the kernel.
constexpr std::size_t max_read_ahead = 16'384;
constexpr std::size_t one_read = 2'048;

/// A peer that vanished in silence acknowledges nothing: then the kernel reports an error, which
/// `watch` sees. Else a stream that says little would last until the kernel gives up, in a quarter
/// of an hour.
void limit_silence(tcp_socket& socket, std::chrono::milliseconds limit) {
  const auto ms = static_cast<unsigned>(std::clamp<int64_t>(limit.count(), 1, 86'400'000));
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
}

} // namespace

void session::begin_stream(const response& r) {
  phase_ = phase::streaming;
  stream_ = r.stream;
  stream_ended_ = false;
  sent_ = 0;
  // Without chunks only the connection's end can say where the answer ends.
  last_ = !keep_alive_ || http10_ || home_.draining();
  limit_silence(io_.socket(), home_.options().write_timeout);
  out_.clear();
  append_answer(out_, r);
  append_piece(r.body);
  const auto early = r.stream->attach(weak_from_this());
  if (early.too_much)
    return close();
  append_piece(early.bytes);
  if (home_.draining())
    return drain_stream();
  if (early.ended)
    carry_end();
  else
    pump();
  if (phase_ == phase::streaming)
    watch();
}

void session::append_piece(std::string_view bytes) {
  if (http10_)
    out_ += bytes;
  else if (!bytes.empty()) // an empty chunk would be the last
    append_chunk(out_, bytes);
}

void session::carry(std::string_view bytes) {
  if (phase_ != phase::streaming || stream_ended_)
    return;
  try {
    append_piece(bytes);
    pump();
  } catch (const std::exception&) { // out of memory: this connection pays for it
    close();
  }
  if (phase_ == phase::streaming && out_.size() - sent_ > body_stream::max_backlog)
    close();
}

void session::carry_end() {
  if (phase_ != phase::streaming || stream_ended_)
    return;
  stream_ended_ = true;
  if (!http10_)
    out_ += last_chunk;
  pump();
}

void session::abandoned() {
  asio::post(home_.context(), [self = shared_from_this()] {
    if (self->phase_ == phase::streaming && !self->stream_ended_ && self->stream_.expired())
      self->close();
  });
}

void session::pump() {
  if (blocked_)
    return;
  const auto before = sent_;
  while (sent_ < out_.size()) {
    error_code ec;
    sent_ += io_.write_some(asio::buffer(out_) + sent_, ec);
    if (ec == asio::error::would_block)
      return pump_later(sent_ > before);
    if (ec)
      return close();
  }
  sent_ = 0;
  out_.clear();
  if (out_.capacity() > kept_capacity)
    out_ = {};
  if (!home_.draining())
    deadline_ = clock::time_point::max();
  // Later, for this may be a call of the application's, which the next request must not interrupt.
  if (stream_ended_)
    asio::post(home_.context(), [self = shared_from_this()] { self->stream_done(); });
}

void session::pump_later(bool progress) {
  // A drain has set a deadline that holds for all that is left.
  if (!home_.draining() && (progress || deadline_ == clock::time_point::max()))
    deadline_ = clock::now() + home_.options().write_timeout;
  if (sent_ > out_.size() / 2) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
  blocked_ = true;
  // Waiting refers to no buffer, so that the application may go on appending.
  io_.async_wait(tcp_socket::wait_write, [self = shared_from_this()](const error_code& ec) {
    self->blocked_ = false;
    if (self->phase_ != phase::streaming)
      return;
    if (ec)
      self->close();
    else
      self->pump();
  });
}

void session::watch() {
  // With a full buffer nothing more is read, and only a reset can be noticed.
  const bool full = in_.size() >= max_read_ahead;
  io_.async_wait(full ? tcp_socket::wait_error : tcp_socket::wait_read,
                 [self = shared_from_this()](const error_code& ec) {
                   if (ec != asio::error::operation_aborted)
                     self->on_watch();
                 });
}

void session::on_watch() {
  if (phase_ != phase::streaming)
    return;
  error_code ec;
  const auto room = max_read_ahead - std::min(in_.size(), max_read_ahead);
  if (room == 0)
    return close();
  const auto n = io_.read_some(in_.prepare(std::min(room, one_read)), ec);
  in_.commit(n);
  if (ec && ec != asio::error::would_block) {
    if (!stream_ended_) // else the rest of the answer goes out first
      close();
    return;
  }
  watch();
}

void session::drain_stream() {
  last_ = true;
  deadline_ = clock::now() + home_.options().linger_timeout;
  if (stream_ended_)
    return;
  tell_over();
  carry_end();
}

void session::tell_over() {
  if (const auto s = stream_.lock())
    home_.tell(s->detach());
}

void session::stream_done() {
  if (phase_ != phase::streaming)
    return;
  error_code ignored;
  io_.cancel(ignored); // ends `watch`
  leave_stream();
  written();
  advance();
}

void session::leave_stream() {
  home_.count().stream_closed();
  tell_over();
  stream_.reset();
}

} // namespace souk::http
