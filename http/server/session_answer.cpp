// The part of a session between the end of a request and the end of its answer.
#include "http/server/problem_text.hpp"
#include "http/server/request_id.hpp"
#include "http/server/response_text.hpp"
#include "http/server/session.hpp"
#include "http/server/worker.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace souk::http {

namespace asio = boost::asio;
using boost::system::error_code;

void session::hand_over() {
  parser_.reset();
  held_.release(); // who may be at work, and with how much, is for the application to say
  phase_ = phase::at_work;
  deadline_ = clock::time_point::max(); // the application's requests have time-outs of their own
  home_.ask_soon(shared_from_this());
}

void session::ask() {
  if (phase_ != phase::at_work)
    return;
  reply to{[weak = weak_from_this(), home = &home_](response&& r) {
    const auto self = weak.lock();
    if (!self) {
      if (r.stream)
        home->tell(r.stream->detach());
      return;
    }
    auto& io = self->home_.context();
    if (io.get_executor().running_in_this_thread())
      self->answer(std::move(r));
    else // dropped by another thread
      asio::post(io, [self, r = std::move(r)]() mutable { self->answer(std::move(r)); });
  }};
  home_.app().handle(std::move(request_), std::move(to));
}

void session::answer(response&& r) {
  answer_ = std::move(r);
  try {
    home_.answer_soon(shared_from_this());
  } catch (const std::exception&) { // out of memory: this connection pays for it
    if (answer_.stream)
      home_.tell(answer_.stream->detach());
    close();
  }
}

void session::send_answer() {
  auto r = std::exchange(answer_, {});
  if (phase_ != phase::at_work) {
    if (r.stream)
      home_.tell(r.stream->detach());
    return;
  }
  if (r.status == 503 && r.body == unanswered_body({}))
    r.body = unanswered_body(request_id_);
  if (r.stream && !head_ && !bodiless(r.status)) {
    if (home_.count().stream_opened(home_.options().max_streams))
      return begin_stream(r);
    home_.tell(r.stream->detach());
    r = make_refusal(too_many_streams);
  } else if (r.stream) {
    home_.tell(r.stream->detach());
  }
  write(r, !keep_alive_ || home_.draining());
  advance();
}

void session::refuse(const refusal& why) {
  if (request_id_.empty())
    request_id_ = make_request_id();
  parser_.reset();
  request_.body = {};
  held_.release();
  write(make_refusal(why), true);
}

response session::make_refusal(const refusal& why) const {
  auto r = refusal_response(why, request_id_);
  home_.complete(r, origin_);
  return r;
}

void session::write(const response& r, bool last) {
  last_ = last;
  auto& text = home_.answer_text();
  append_answer(text, r);
  phase_ = phase::writing;
  error_code ec;
  // Nearly always the socket takes it at once: no handler, no second round through the event loop.
  const auto n = io_.write_some(asio::buffer(text), ec);
  if (n == text.size())
    return written();
  if (ec && ec != asio::error::would_block)
    return close();
  await(phase::writing, home_.options().write_timeout);
  out_.assign(text, n);
  io_.async_write(asio::buffer(out_),
                  [self = shared_from_this()](const error_code& failed, std::size_t) {
                    if (self->phase_ == phase::closed)
                      return;
                    if (failed)
                      return self->close();
                    self->written();
                    self->advance();
                  });
}

void session::append_answer(std::string& out, const response& r) {
  append_response(out, r,
                  {.date = home_.date(),
                   .request_id = request_id_,
                   .head = head_,
                   .close = last_,
                   .http10 = http10_});
}

void session::written() {
  if (last_)
    return linger();
  if (out_.capacity() > kept_capacity)
    out_ = {};
  phase_ = phase::idle;
}

void session::linger() {
  await(phase::lingering, home_.options().linger_timeout);
  home_.count().finished();
  in_.consume(in_.size());
  error_code ec;
  io_.shutdown_send(ec);
  if (ec)
    close();
  else if (!reading_)
    read();
}

} // namespace souk::http
