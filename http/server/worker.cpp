#include "http/server/worker.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <future>
#include <new>
#include <utility>

namespace souk::http {

namespace asio = boost::asio;

uint32_t connection_count::open() const {
  std::lock_guard guard{mutex_};
  return open_;
}

void connection_count::opened() {
  std::lock_guard guard{mutex_};
  ++open_;
  ++unfinished_;
}

void connection_count::finished() {
  std::lock_guard guard{mutex_};
  if (--unfinished_ == 0)
    changed_.notify_all();
}

void connection_count::closed() {
  std::lock_guard guard{mutex_};
  --open_;
}

bool connection_count::stream_opened(uint32_t limit) {
  std::lock_guard guard{mutex_};
  if (streams_ >= limit)
    return false;
  ++streams_;
  return true;
}

void connection_count::stream_closed() {
  std::lock_guard guard{mutex_};
  --streams_;
}

uint32_t connection_count::streams() const {
  std::lock_guard guard{mutex_};
  return streams_;
}

bool connection_count::wait_until_finished(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock guard{mutex_};
  return changed_.wait_until(guard, deadline, [this] { return unfinished_ == 0; });
}

namespace {

void step(session& s, void (session::*taken)()) {
  try {
    try {
      (s.*taken)();
    } catch (const std::exception&) { // out of memory: this connection pays for it
      s.close();
    }
  } catch (const std::exception&) {
    // Not even that; the others of the round must not suffer from it.
  }
}

} // namespace

worker::worker(unsigned index, const server_options& options, connection_count& count)
  : index_{index},
    options_{options},
    count_{count},
    bodies_{std::max(options.max_bodies, options.max_body)},
    guard_{context_.get_executor()},
    timer_{context_.get_executor()},
    to_ask_{context_, [](const auto& s) { step(*s, &session::ask); }},
    to_answer_{context_, [](const auto& s) { step(*s, &session::send_answer); }} {}

worker::~worker() {
  stop();
  join();
}

void worker::start(const application_factory& make) {
  std::promise<void> made;
  auto ready = made.get_future();
  thread_ = std::thread{[this, &make, made = std::move(made)]() mutable {
    try {
      app_ = make(*this);
      sweep_later();
      made.set_value();
    } catch (...) {
      guard_.reset();
      made.set_exception(std::current_exception());
    }
    run();
  }};
  ready.get();
}

void worker::run() {
  for (;;) {
    try {
      context_.run();
      return;
    } catch (const std::exception&) {
      // Out of memory in one handler: the other connections go on, and the sweep ends its own.
    }
  }
}

void worker::drain() {
  asio::post(context_, [this] {
    draining_ = true;
    for (auto i = sessions_.size(); i-- > 0;) {
      const auto s = sessions_[i]; // may leave the table
      s->drain();
    }
  });
}

void worker::stop() {
  asio::post(context_, [this] { shut_down(); });
}

void worker::shut_down() {
  if (std::exchange(stopping_, true))
    return;
  draining_ = true;
  to_ask_.run();
  to_answer_.run(); // all of them last answers, so nobody asks anew
  // Whoever waits for an answer is given one by the application's end; the others go before it.
  for (auto i = sessions_.size(); i-- > 0;) {
    const auto s = sessions_[i]; // leaves the table
    if (!s->is_waiting())
      s->close();
  }
  tell_all();
  timer_.cancel();
  guard_.reset();
  app_.reset();
  to_answer_.run();
  while (!sessions_.empty()) {
    const auto s = sessions_.back();
    s->close();
  }
}

void worker::join() {
  if (thread_.joinable())
    thread_.join();
}

void worker::adopt(tcp_socket&& socket, bool beyond_limit) {
  asio::post(context_, [this, beyond_limit, s = std::move(socket)]() mutable {
    if (stopping_) {
      count_.finished();
      count_.closed();
      return;
    }
    std::shared_ptr<session> guest;
    try {
      guest = std::make_shared<session>(std::move(s), *this, sessions_.size());
      sessions_.push_back(guest);
    } catch (const std::bad_alloc&) { // this connection pays for it
      count_.finished();
      count_.closed();
      return;
    }
    if (beyond_limit)
      guest->turn_away();
    else
      guest->start();
  });
}

void worker::forget(session& s) {
  const auto slot = s.slot;
  if (slot + 1 != sessions_.size()) {
    sessions_[slot] = std::move(sessions_.back());
    sessions_[slot]->slot = slot;
  }
  sessions_.pop_back();
}

std::string& worker::answer_text() {
  constexpr std::size_t kept_capacity = 65'536; // most pages fit
  if (answer_text_.capacity() > kept_capacity)
    answer_text_ = {};
  answer_text_.clear();
  return answer_text_;
}

void worker::tell(std::function<void()> over) {
  if (!over || !app_)
    return;
  to_tell_.push_back(std::move(over));
  if (to_tell_.size() == 1)
    asio::post(context_, [this] { tell_all(); });
}

void worker::tell_all() {
  while (!to_tell_.empty())
    for (const auto& over : std::exchange(to_tell_, {}))
      over();
}

void worker::sweep_later() {
  using std::chrono::milliseconds;
  const auto shortest =
    std::min({options_.header_timeout, options_.body_timeout, options_.idle_timeout,
              options_.write_timeout, options_.linger_timeout, milliseconds{1'000}});
  timer_.expires_after(std::max(shortest, milliseconds{10}));
  timer_.async_wait([this](const boost::system::error_code& ec) {
    if (ec || stopping_)
      return;
    sweep();
    sweep_later();
  });
}

void worker::sweep() {
  const auto now = std::chrono::steady_clock::now();
  // Backwards: whoever leaves the table is replaced by its last, who has had its turn.
  for (auto i = sessions_.size(); i-- > 0;) {
    const auto s = sessions_[i];
    s->expire(now);
  }
}

} // namespace souk::http
