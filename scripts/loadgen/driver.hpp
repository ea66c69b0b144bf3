// One thread's connections: sends, reads answers, measures.
#pragma once

#include "scripts/loadgen/collector.hpp"
#include "scripts/loadgen/net.hpp"
#include "scripts/loadgen/scenario.hpp"

#include <atomic>
#include <deque>
#include <memory>

namespace souk::loadgen {

/// When what happens, in nanoseconds of the steady clock; the same for all threads.
struct timetable {
  int64_t start = 0;   ///< of the warm-up
  int64_t measure = 0; ///< requests meant to be sent from here on count
  int64_t end = 0;     ///< nothing is meant to be sent from here on
};

/// Nanoseconds of the steady clock.
int64_t now_ns();

/// Drives a share of the connections by epoll, one request at a time on each. Open loop: a request
/// has the time at which it was meant to be sent; while all connections are busy it waits in a
/// queue, and its latency counts from that time on, so a stalled server cannot hide behind requests
/// that were not sent. Belongs to one thread after `connect`.
class driver {
public:
  /// Drives `connections` of them at `rate` requests a second (0: closed loop). All references
  /// outlive the driver. `stop` ends the run early.
  driver(const options& opts, const endpoint& to, const plan& from, collector& sink,
         const std::atomic<bool>& stop, uint32_t number, uint32_t connections, double rate);
  ~driver();
  driver(const driver&) = delete;
  driver& operator=(const driver&) = delete;

  /// Opens the connections. Throws `failure` if they are not there after five seconds.
  void connect();

  /// Sends and reads until the end and until all answers are there or the drain time is over.
  void run(const timetable& times);

  const tally& measured() const { return measured_; }
  uint64_t in_window() const { return in_window_; }       ///< answers between measure and end
  uint64_t ok_in_window() const { return ok_in_window_; } ///< of these, 2xx
  uint64_t unsent() const { return queue_.size(); }       ///< meant to be sent, but never were
  uint64_t unanswered() const { return unanswered_; } ///< sent, no answer by the end of the drain

private:
  enum class phase : uint8_t { down, connecting, idle, busy };

  struct connection {
    int fd = -1;
    uint64_t opened = 0; ///< how often: tells a new socket from the one before
    phase at = phase::down;
    bool listed = false;  ///< is in `idle_`
    int64_t intended = 0; ///< when its request was meant to be sent
    int64_t sent = 0;
    size_t written = 0; ///< bytes of `out` that the kernel took
    std::string out;
    std::string in; ///< the beginning of an answer that came in parts
  };

  void open(connection& c);
  void close(connection& c);
  void reopen(connection& c);
  void on_event(connection& c, uint32_t events);
  void on_connected(connection& c);
  void read(connection& c, bool to_the_end);
  bool take(connection& c, std::string_view bytes);
  void finish(connection& c, const answer_head& head, std::string_view body);
  void fail(connection& c, trouble what);
  void send(connection& c, int64_t intended);
  void flush(connection& c);
  void available(connection& c);
  connection* idle_connection();
  void admit(int64_t now);
  void housekeeping(int64_t now);
  void hand_over(int64_t second);
  void wait(int64_t until);
  bool over(int64_t now);

  const options& opts_;
  const endpoint& to_;
  collector& sink_;
  const std::atomic<bool>& stop_;
  request_maker maker_;
  double gap_ns_; ///< mean time between two arrivals; 0: closed loop
  double phase_;  ///< this thread's share of the first gap, so that threads do not send together
  std::mt19937_64 random_;
  int poll_ = -1;
  std::vector<connection> connections_;
  std::deque<uint32_t> idle_; ///< oldest first, so that all connections are used in turn
  std::deque<int64_t> queue_; ///< intended times that wait for a connection
  std::unique_ptr<char[]> buffer_;
  timetable times_;
  double next_arrival_ = 0;
  int64_t drain_until_ = 0;
  int64_t next_chore_ = 0;
  bool ending_ = false;
  uint32_t busy_ = 0;
  interval now_part_; ///< of the running second
  tally measured_;
  uint64_t in_window_ = 0;
  uint64_t ok_in_window_ = 0;
  uint64_t unanswered_ = 0;
};

} // namespace souk::loadgen
