#include "http/server/session.hpp"

#include "http/server/request_id.hpp"
#include "http/server/worker.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

namespace souk::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t first_read = 2'048;  ///< most requests fit, and idle connections are many
constexpr std::size_t large_read = 65'536; ///< of a body

/// A chunk's size line, or all trailers, may not be longer.
constexpr std::size_t max_unparsed_body = 16'384;

constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

/// Whether a header that is refused before it is whole asks for no body.
bool begins_with_head(std::string_view bytes) {
  const auto first = bytes.find_first_not_of("\r\n");
  return first != bytes.npos && bytes.substr(first).starts_with("HEAD ");
}

} // namespace

session::session(tcp_socket&& socket, worker& home, std::size_t place)
  : slot{place}, io_{std::move(socket), home.identity()}, home_{home}, held_{home.bodies()} {
  error_code ignored;
  auto& below = io_.socket();
  below.non_blocking(true, ignored);
  below.set_option(asio::ip::tcp::no_delay{true}, ignored);
  const auto other_end = below.remote_endpoint(ignored);
  peer_ = other_end.address().to_string();
}

void session::start() {
  if (!io_.encrypted())
    return begin();
  await(phase::idle, home_.options().header_timeout);
  io_.async_handshake(
    [self = shared_from_this()](const error_code& ec) { self->shaken_hands(ec); });
}

void session::shaken_hands(const error_code& ec) {
  if (phase_ == phase::closed)
    return;
  if (ec == asio::error::operation_not_supported)
    refuse({400, "bad_request", "This port speaks HTTPS."});
  else if (ec)
    linger(); // unread bytes would reset the connection, and lose what TLS has said
  else
    begin();
}

void session::begin() {
  await(phase::idle, home_.options().idle_timeout);
  read();
  if (home_.draining())
    drain();
}

void session::turn_away() {
  if (io_.encrypted())
    return close();
  refuse(too_many_connections);
}

void session::expire(clock::time_point now) {
  if (now < deadline_)
    return;
  if (phase_ == phase::header)
    head_ = begins_with_head(buffered());
  if (phase_ == phase::header || phase_ == phase::body)
    refuse(request_timeout);
  else
    close();
}

void session::drain() {
  if (phase_ == phase::streaming)
    return drain_stream();
  error_code ec;
  // A request that has reached this machine is still served.
  if (phase_ == phase::idle && (io_.available(ec) == 0 || ec))
    close();
}

void session::close() {
  if (phase_ == phase::closed)
    return;
  if (phase_ != phase::lingering)
    home_.count().finished();
  if (phase_ == phase::streaming)
    leave_stream();
  error_code ignored;
  io_.close(std::exchange(phase_, phase::closed) == phase::idle, ignored);
  home_.count().closed();
  home_.forget(*this);
}

void session::await(phase next, std::chrono::milliseconds limit) {
  phase_ = next;
  deadline_ = clock::now() + limit;
}

std::string_view session::buffered() const {
  return {static_cast<const char*>(in_.cdata().data()), in_.size()};
}

void session::read() {
  auto size = std::max(first_read, in_.capacity() - in_.size());
  if (phase_ == phase::lingering)
    size = large_read;
  if (phase_ == phase::body) {
    const auto left = parser_->chunked() ? large_read : declared_ - request_.body.size();
    size = std::max(size, std::min(left, large_read));
  }
  reading_ = true;
  io_.async_read_some(
    in_.prepare(size),
    [self = shared_from_this()](const error_code& ec, std::size_t n) { self->on_read(ec, n); });
}

void session::on_read(const error_code& ec, std::size_t n) {
  reading_ = false;
  if (phase_ == phase::closed)
    return;
  if (ec) {
    if (phase_ != phase::writing) // then the answer goes out first
      close();
    return;
  }
  in_.commit(n);
  if (phase_ == phase::writing || phase_ == phase::lingering) {
    in_.consume(in_.size());
    if (phase_ == phase::lingering)
      read();
    return;
  }
  advance();
}

void session::advance() {
  if (advancing_)
    return; // an answer that came at once: the loop below goes on with it
  advancing_ = true;
  try {
    bool more = true;
    while (more) {
      if (phase_ == phase::idle || phase_ == phase::header)
        more = take_header();
      else
        more = phase_ == phase::body && take_body();
    }
    advancing_ = false;
    if (!reading_ && phase_ <= phase::body)
      read();
  } catch (const std::exception&) { // out of memory: this connection pays for it
    advancing_ = false;
    close();
  }
}

bool session::take_header() {
  if (in_.size() == 0) {
    if (in_.capacity() > kept_capacity)
      in_.shrink_to_fit();
    await(phase::idle, home_.options().idle_timeout);
    return false;
  }
  const bool begins = phase_ == phase::idle;
  if (begins) {
    scan_ = {};
    request_id_.clear();
    origin_.clear();
    head_ = http10_ = false;
  }
  const auto bytes = buffered();
  const auto found = scan_.feed(bytes, home_.options());
  if (found.why) {
    head_ = begins_with_head(bytes);
    refuse(found.why);
    return false;
  }
  if (found.end == 0) {
    if (begins)
      await(phase::header, home_.options().header_timeout);
    return false;
  }
  const bool accepted = accept_header(bytes.substr(found.begin, found.end - found.begin));
  if (!accepted)
    return false;
  in_.consume(found.end);
  if (parser_->is_done()) {
    hand_over();
    return false;
  }
  await(phase::body, home_.options().body_timeout);
  return home_.header().expect.count == 0 || http10_ || in_.size() > 0 || send_continue();
}

bool session::accept_header(std::string_view raw) {
  auto& header = home_.header();
  header = {};
  request_ = {};
  parser_.emplace(header, request_.body);
  parser_->header_limit(std::numeric_limits<uint32_t>::max()); // `scan_` has limited it
  parser_->body_limit(boost::none);
  error_code ec;
  parser_->put(asio::const_buffer{raw.data(), raw.size()}, ec);
  head_ = begins_with_head(raw); // the parser names no method if it cannot read the rest
  http10_ = header.version == 10;
  const auto& id = header.request_id;
  request_id_ =
    id.count == 1 && is_valid_request_id(id.value) ? std::string{id.value} : make_request_id();
  if (header.origin.count == 1)
    origin_ = header.origin.value;
  auto why = ec || !parser_->is_header_done() ? unreadable_header(raw)
                                              : check_header(header, home_.options());
  declared_ = why ? 0 : declared_length(header);
  if (declared_ > home_.options().max_body)
    why = body_too_large;
  auto target = why ? std::nullopt : origin_form(header.method, header.target);
  if (!why && !target)
    why = {400, "bad_request", "The request target is not of a form for this method."};
  if (why) {
    refuse(why);
    return false;
  }
  parser_->body_limit(home_.options().max_body);
  keep_alive_ = parser_->keep_alive();
  request_.method = header.method;
  request_.target = std::move(*target);
  request_.content_type = header.content_type.value;
  request_.authorization = header.authorization.value;
  if (header.user_id.count == 1) // of two, one may be the client's and not the proxy's
    request_.user_id = header.user_id.value;
  request_.idempotency_key = header.idempotency_key.value;
  request_.has_idempotency_key = header.idempotency_key.count > 0;
  request_.if_match = std::move(header.if_match);
  request_.if_none_match = std::move(header.if_none_match);
  request_.payment_signature = header.payment_signature.value;
  request_.last_event_id = header.last_event_id.value;
  request_.request_id = request_id_;
  request_.origin = origin_;
  request_.forwarded_for = std::move(header.forwarded_for);
  request_.peer = peer_;
  return true;
}

bool session::send_continue() {
  error_code ec;
  // Nothing else is on its way to the peer, so it fits into the socket's buffer.
  if (io_.write_some(asio::buffer(continue_line), ec) == continue_line.size())
    return true;
  close();
  return false;
}

bool session::take_body() {
  if (in_.size() == 0)
    return false;
  error_code ec;
  parser_->eager(true);
  const auto n = parser_->put(in_.cdata(), ec);
  in_.consume(n);
  if (!ec && parser_->is_done())
    hand_over();
  else if (ec == boost::beast::http::error::body_limit)
    refuse(body_too_large);
  else if (ec && ec != boost::beast::http::error::need_more)
    refuse(malformed_body);
  else if (in_.size() > max_unparsed_body)
    refuse(malformed_body);
  else if (!held_.grow_to(request_.body.size()))
    refuse(too_many_bodies);
  return false;
}

} // namespace souk::http
