#include "scripts/loadgen/driver.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>

namespace souk::loadgen {

namespace {

constexpr int64_t second_ns = 1'000'000'000;
constexpr int64_t chore_ns = 100'000'000; ///< between two looks at time-outs and lost connections
/// The shortest sleep between arrivals. Waking for each one would take CPU from the server on the
/// same machine; requests are sent up to this much late, and the delay counts as latency.
constexpr int64_t tick_ns = 200'000;
constexpr size_t buffer_size = 65'536;

/// The value of `"code"` in a problem; empty: none.
std::string_view problem_code(std::string_view body) {
  constexpr std::string_view name = "\"code\":";
  auto at = body.find(name);
  if (at == std::string_view::npos)
    return {};
  auto from = body.find('"', at + name.size());
  if (from == std::string_view::npos)
    return {};
  return body.substr(from + 1, body.find('"', from + 1) - from - 1);
}

/// The number at the end of `/api/v1/orders/42`; 0: none.
int64_t id_at_end(std::string_view location) {
  int64_t id = 0;
  auto digits = location.substr(location.rfind('/') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), id);
  return id;
}

} // namespace

int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

driver::driver(const options& opts, const endpoint& to, const plan& from, collector& sink,
               const std::atomic<bool>& stop, uint32_t number, uint32_t connections, double rate)
  : opts_{opts},
    to_{to},
    sink_{sink},
    stop_{stop},
    maker_{opts, from, number},
    gap_ns_{rate > 0 ? static_cast<double>(second_ns) / rate : 0},
    phase_{static_cast<double>(number) / opts.threads},
    random_{opts.seed ^ number},
    poll_{epoll_create1(EPOLL_CLOEXEC)},
    connections_(connections),
    buffer_{std::make_unique<char[]>(buffer_size)} {
  if (poll_ < 0)
    throw failure(std::string{"epoll_create1: "} + std::strerror(errno));
}

driver::~driver() {
  for (auto& c : connections_)
    close(c);
  if (poll_ >= 0)
    ::close(poll_);
}

void driver::connect() {
  ending_ = true; // nothing is sent yet
  auto until = now_ns() + 5 * second_ns;
  for (auto& c : connections_)
    open(c);
  auto there = [](const connection& c) { return c.at == phase::idle; };
  while (!std::all_of(connections_.begin(), connections_.end(), there)) {
    if (now_ns() > until || stop_)
      throw failure("cannot open " + std::to_string(connections_.size()) + " connections to "
                    + to_.host + " (is the server up? ulimit -n?)");
    wait(now_ns() + chore_ns);
    for (auto& c : connections_)
      if (c.at == phase::down)
        open(c);
  }
  now_part_.counts.clear();
}

void driver::run(const timetable& times) {
  times_ = times;
  ending_ = false;
  wait(times.start);
  while (now_ns() < times.start)
    wait(times.start);
  next_arrival_ = static_cast<double>(times.start) + gap_ns_ * phase_;
  if (gap_ns_ == 0)
    for (auto& c : connections_)
      if (c.at == phase::idle)
        send(c, now_ns());
  for (auto now = now_ns(); !over(now); now = now_ns()) {
    if (now >= next_chore_)
      housekeeping(now);
    if (gap_ns_ == 0) {
      wait(next_chore_);
      continue;
    }
    admit(now);
    auto next =
      ending_ ? next_chore_ : std::max<int64_t>(std::llround(next_arrival_), now + tick_ns);
    wait(std::min(next, next_chore_));
  }
  for (auto& c : connections_)
    unanswered_ += c.at == phase::busy ? 1 : 0;
  hand_over(now_part_.second);
}

bool driver::over(int64_t now) {
  if (!ending_ && (now >= times_.end || stop_)) {
    ending_ = true;
    // An interrupted run shows what it has: it does not wait long.
    drain_until_ = now + (stop_ ? 2 * second_ns : opts_.drain.count() * 1'000'000);
  }
  return ending_ && ((busy_ == 0 && queue_.empty()) || now >= drain_until_);
}

void driver::admit(int64_t now) {
  auto last = static_cast<double>(std::min(now, times_.end - 1));
  while (!ending_ && next_arrival_ <= last) {
    queue_.push_back(std::llround(next_arrival_));
    next_arrival_ +=
      opts_.poisson ? gap_ns_ * std::exponential_distribution<double>{1.0}(random_) : gap_ns_;
  }
  while (!queue_.empty()) {
    auto* c = idle_connection();
    if (c == nullptr)
      return;
    auto intended = queue_.front();
    queue_.pop_front();
    send(*c, intended);
  }
}

driver::connection* driver::idle_connection() {
  while (!idle_.empty()) {
    auto& c = connections_[idle_.front()];
    idle_.pop_front();
    c.listed = false;
    if (c.at == phase::idle)
      return &c;
  }
  return nullptr;
}

void driver::available(connection& c) {
  c.at = phase::idle;
  if (!queue_.empty()) {
    auto intended = queue_.front();
    queue_.pop_front();
    return send(c, intended);
  }
  if (gap_ns_ == 0 && !ending_)
    return send(c, now_ns());
  if (!c.listed) {
    c.listed = true;
    idle_.push_back(static_cast<uint32_t>(&c - connections_.data()));
  }
}

void driver::open(connection& c) {
  c.in.clear();
  ++c.opened;
  c.fd = start_connect(to_);
  if (c.fd < 0) {
    now_part_.counts.failed(trouble::connect);
    return;
  }
  c.at = phase::connecting;
  epoll_event want{};
  want.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  want.data.u32 = static_cast<uint32_t>(&c - connections_.data());
  epoll_ctl(poll_, EPOLL_CTL_ADD, c.fd, &want);
}

void driver::close(connection& c) {
  if (c.at == phase::busy)
    --busy_;
  if (c.fd >= 0)
    ::close(c.fd);
  c.fd = -1;
  c.at = phase::down;
}

void driver::reopen(connection& c) {
  close(c);
  open(c);
}

void driver::wait(int64_t until) {
  epoll_event events[256];
  auto left = std::max<int64_t>(0, until - now_ns());
  timespec limit{left / second_ns, left % second_ns};
  auto n = epoll_pwait2(poll_, events, 256, &limit, nullptr);
  for (int i = 0; i < n; ++i)
    on_event(connections_[events[i].data.u32], events[i].events);
}

void driver::on_event(connection& c, uint32_t events) {
  if (c.at == phase::connecting) {
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0)
      on_connected(c);
    return;
  }
  if (c.at == phase::busy && c.written < c.out.size() && (events & EPOLLOUT) != 0)
    flush(c);
  auto ended = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (c.fd >= 0 && (ended || (events & EPOLLIN) != 0))
    read(c, ended);
}

void driver::on_connected(connection& c) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(c.fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0)
    return available(c);
  now_part_.counts.failed(trouble::connect);
  close(c);
}

void driver::send(connection& c, int64_t intended) {
  maker_.next(c.out);
  c.at = phase::busy;
  ++busy_;
  c.intended = intended;
  c.sent = now_ns();
  c.written = 0;
  flush(c);
}

void driver::flush(connection& c) {
  auto n = ::send(c.fd, c.out.data() + c.written, c.out.size() - c.written, MSG_NOSIGNAL);
  if (n >= 0)
    c.written += static_cast<size_t>(n);
  else if (errno != EAGAIN)
    fail(c, trouble::closed);
}

void driver::read(connection& c, bool to_the_end) {
  for (;;) {
    auto n = recv(c.fd, buffer_.get(), buffer_size, 0);
    if (n < 0 && errno == EAGAIN)
      return;
    if (n <= 0)
      return c.at == phase::busy ? fail(c, trouble::closed) : reopen(c);
    std::string_view bytes{buffer_.get(), static_cast<size_t>(n)};
    if (!c.in.empty()) {
      c.in.append(bytes);
      bytes = c.in;
    }
    // Edge-triggered: a short read means that there is nothing more, unless the end has come too.
    if (!take(c, bytes) || (!to_the_end && static_cast<size_t>(n) < buffer_size))
      return;
  }
}

/// False if the connection is another one now.
bool driver::take(connection& c, std::string_view bytes) {
  answer_head head;
  auto state = c.at == phase::busy ? parse_head(bytes, head) : head_state::unusable;
  auto size = head.size + head.content_length;
  if (state == head_state::unusable || (state == head_state::complete && bytes.size() > size)) {
    c.at == phase::busy ? fail(c, trouble::unusable) : reopen(c);
    return false;
  }
  if (state == head_state::incomplete || bytes.size() < size) {
    if (c.in.empty())
      c.in.assign(bytes);
    return true;
  }
  auto opened = c.opened;
  finish(c, head, bytes.substr(head.size));
  return c.opened == opened;
}

void driver::finish(connection& c, const answer_head& head, std::string_view body) {
  auto now = now_ns();
  auto micros = (now - c.intended) / 1'000;
  auto measured = c.intended >= times_.measure;
  now_part_.counts.answered(head.status);
  now_part_.counts.latency.record(micros);
  if (measured) {
    measured_.answered(head.status);
    measured_.latency.record(micros);
  }
  auto ok = head.status >= 200 && head.status < 300;
  if (now >= times_.measure && now < times_.end) {
    ++in_window_;
    ok_in_window_ += ok ? 1 : 0;
  }
  if (!ok) {
    auto code = problem_code(body);
    now_part_.counts.problem(code.empty() ? "none" : code);
    if (measured)
      measured_.problem(code.empty() ? "none" : code);
  } else if (head.status == 201 && !opts_.placed.empty() && !head.location.empty()) {
    now_part_.placed.push_back(id_at_end(head.location));
  }
  --busy_;
  c.at = phase::idle;
  c.in.clear();
  if (head.close)
    reopen(c);
  else
    available(c);
}

void driver::fail(connection& c, trouble what) {
  now_part_.counts.failed(what);
  auto measured = c.intended >= times_.measure;
  if (measured)
    measured_.failed(what);
  // A request that timed out waited at least this long: leaving it out would hide the worst.
  if (what == trouble::timeout) {
    auto micros = (now_ns() - c.intended) / 1'000;
    now_part_.counts.latency.record(micros);
    if (measured)
      measured_.latency.record(micros);
  }
  reopen(c);
}

void driver::housekeeping(int64_t now) {
  next_chore_ = now + chore_ns;
  auto limit = now - opts_.timeout.count() * 1'000'000;
  for (auto& c : connections_) {
    if (c.at == phase::busy && c.sent < limit)
      fail(c, trouble::timeout);
    else if (c.at == phase::down)
      open(c);
  }
  auto second = (now - times_.start) / second_ns;
  if (second != now_part_.second)
    hand_over(second);
}

void driver::hand_over(int64_t second) {
  sink_.take(now_part_);
  now_part_.counts.clear();
  now_part_.placed.clear();
  now_part_.second = second;
}

} // namespace souk::loadgen
