// One io thread with its application and its connections.
#pragma once

#include "http/server/body_budget.hpp"
#include "http/server/exchange.hpp"
#include "http/server/framing.hpp"
#include "http/server/io_thread.hpp"
#include "http/server/options.hpp"
#include "http/server/response_text.hpp"
#include "http/server/server.hpp"
#include "http/server/session.hpp"
#include "http/server/stage.hpp"
#include "http/server/tls_identity.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace souk::http {

/// Counts the connections of all threads, and the streams among them. Any thread; touched when one
/// begins and ends, not per request.
class connection_count {
public:
  uint32_t open() const;
  void opened();   ///< accepted
  void finished(); ///< answers nothing any more; once for each
  void closed();
  bool stream_opened(uint32_t limit); ///< false: too many, not counted
  void stream_closed();
  uint32_t streams() const;
  /// True: all are finished.
  bool wait_until_finished(std::chrono::steady_clock::time_point deadline);

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  uint32_t open_ = 0;
  uint32_t unfinished_ = 0;
  uint32_t streams_ = 0;
};

/// Owned by the server. `start` to `join` are called by the server's owner, `adopt` by any thread,
/// the rest by the sessions on the worker's own thread.
class worker final : public io_thread {
public:
  worker(unsigned index, const server_options& options, connection_count& count);
  ~worker();

  /// Runs the thread; returns when the application is made, or throws what the factory threw.
  void start(const application_factory& make);
  void drain();
  void stop();
  void join();

  /// Takes over a connection, already counted; beyond the limit only to say so.
  void adopt(tcp_socket&& socket, bool beyond_limit);

  boost::asio::io_context& context() override { return context_; }
  unsigned index() const override { return index_; }

  const server_options& options() const { return options_; }
  application& app() { return *app_; }
  /// Of a refusal that the server makes itself, also when the application is gone.
  void complete(response& refusal, const std::string& origin) const {
    if (app_)
      app_->complete(refusal, origin);
  }
  /// What a new connection shows; null: it is plain.
  std::shared_ptr<ssl_ctx_st> identity() const {
    return options_.tls ? options_.tls->current() : nullptr;
  }
  std::string_view date() { return date_.now(); }
  bool draining() const { return draining_; }
  connection_count& count() { return count_; }
  body_budget& bodies() { return bodies_; }
  void forget(session& s);

  /// Calls `ask` and `send_answer` soon, with those of other sessions.
  void ask_soon(std::shared_ptr<session> s) { to_ask_.add(std::move(s)); }
  void answer_soon(std::shared_ptr<session> s) { to_answer_.add(std::move(s)); }

  /// For one connection, until another takes its turn: the same few cache lines for all, where each
  /// one's own would be cold. What its header section says; an empty text for its answer.
  header_fields& header() { return header_; }
  std::string& answer_text();

  /// Calls `over` soon, while the application is there; empty, or without an application: not.
  void tell(std::function<void()> over);

private:
  using timer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>,
                                      boost::asio::io_context::executor_type>;

  void run();
  void shut_down();
  void tell_all();
  void sweep_later();
  void sweep();

  const unsigned index_;
  const server_options& options_;
  connection_count& count_;
  body_budget bodies_;
  boost::asio::io_context context_{1}; // run by one thread
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  timer timer_;
  date_text date_;
  std::vector<std::shared_ptr<session>> sessions_;
  stage<std::shared_ptr<session>> to_ask_;
  stage<std::shared_ptr<session>> to_answer_;
  header_fields header_;
  std::string answer_text_;
  std::vector<std::function<void()>> to_tell_; ///< of streams that are over
  std::unique_ptr<application> app_;
  bool draining_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace souk::http
