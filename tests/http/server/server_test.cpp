// Drives the server's start and end, against real sockets on free ports: listening, several io
// threads, draining, and that each application is made and destroyed on its own thread.
#include "http/server/server.hpp"

#include "tests/http/server/raw_client.hpp"

#include <catch2/catch.hpp>

#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <memory>
#include <vector>

using namespace souk::http;
using namespace souk::http::test;

namespace {

std::chrono::steady_clock::time_point in(std::chrono::milliseconds x) {
  return std::chrono::steady_clock::now() + x;
}

application_factory none() {
  return [](io_thread&) { return std::unique_ptr<application>{}; };
}

std::string failure(server& s) {
  try {
    s.start();
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return {};
}

/// Notes on which threads it lives, and asks its io_context for one more turn when it ends.
class traced_application final : public application {
public:
  struct trace {
    std::atomic<int> wrong_thread{0};
    std::atomic<int> made{0};
    std::atomic<int> last_words{0};
    std::mutex mutex;
    std::vector<std::thread> helpers;
  };
  traced_application(io_thread& on, trace& to)
    : on_{on}, to_{to}, thread_{std::this_thread::get_id()} {
    ++to_.made;
  }
  ~traced_application() override {
    check();
    // Like an actor that ends when another thread answers: the guard keeps the thread running.
    std::lock_guard lock{to_.mutex};
    to_.helpers.emplace_back([&to = to_, guard = boost::asio::make_work_guard(on_.context())] {
      std::this_thread::yield();
      boost::asio::post(guard.get_executor(), [&to, guard] { ++to.last_words; });
    });
  }
  void handle(request&&, reply answer) override {
    check();
    boost::asio::post(on_.context(), [this, answer] {
      check();
      answer(response{});
    });
  }

private:
  void check() {
    if (thread_ != std::this_thread::get_id())
      ++to_.wrong_thread;
  }
  io_thread& on_;
  trace& to_;
  std::thread::id thread_;
};

} // namespace

TEST_CASE("a port that is taken is one clear line") {
  running_server first;
  server_options o;
  o.ports = {first.port()};
  server second{o, none()};
  CHECK(failure(second)
        == "cannot listen on 127.0.0.1:" + std::to_string(first.port())
             + ": address already in use");
}

TEST_CASE("an address that is none is one clear line") {
  auto o = any_port();
  o.addresses = {"shop"};
  server s{o, none()};
  CHECK(failure(s) == "cannot listen on shop:0: not an IP address");
}

TEST_CASE("a server listens on several ports") {
  auto o = any_port();
  o.ports = {0, 0, 0};
  running_server s{o};
  REQUIRE(s.get().ports().size() == 3);
  for (const auto port : s.get().ports()) {
    raw_client c{port};
    CHECK(c.ask(get("/a")).status == 200);
  }
}

TEST_CASE("what the factory throws comes out of start") {
  auto o = any_port();
  o.threads = 3;
  observed seen;
  server s{o, [&](io_thread& on) -> std::unique_ptr<application> {
             if (on.index() == 2)
               throw std::runtime_error("no application");
             return std::make_unique<echo_application>(seen);
           }};
  CHECK(failure(s) == "no application");
  CHECK(seen.made == 2);
  CHECK(seen.destroyed == 2);
}

TEST_CASE("each io thread has an application that never leaves it") {
  traced_application::trace trace;
  {
    auto o = any_port();
    o.threads = 3;
    server s{o, [&](io_thread& on) { return std::make_unique<traced_application>(on, trace); }};
    s.start();
    CHECK(trace.made == 3);
    for (int i = 0; i < 9; ++i) {
      raw_client c{s.ports().front()};
      for (int k = 0; k < 10; ++k)
        CHECK(c.ask(get("/a")).status == 200);
    }
    s.stop();
    CHECK(trace.last_words == 3);
    s.stop();
    for (auto& x : trace.helpers)
      x.join();
  }
  CHECK(trace.wrong_thread == 0);
}

TEST_CASE("draining closes what is idle and finishes what is at work") {
  running_server s;
  raw_client idle{s.port()};
  CHECK(idle.ask(get("/a")).status == 200);
  raw_client busy{s.port()};
  busy.send(get("/hold") + get("/never"));
  REQUIRE(eventually([&] { return s.seen.count() == 2; }));
  s.get().stop_accepting();
  CHECK_THROWS(raw_client{s.port()});
  CHECK_FALSE(s.get().drain(in(50ms)));
  CHECK(idle.closed());
  s.release();
  const auto a = busy.read();
  CHECK(a.body == "held");
  CHECK(a.header("connection") == "close");
  CHECK(s.get().drain(in(5s)));
  CHECK(busy.closed());
  CHECK(s.seen.count() == 2);
  s.get().stop();
  CHECK(s.seen.destroyed == 1);
}

TEST_CASE("a request that has begun may arrive while draining") {
  running_server s;
  raw_client c{s.port()};
  CHECK(c.ask(get("/a")).status == 200);
  c.send("POST /x HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(c.read().status == 100);
  s.get().stop_accepting();
  CHECK_FALSE(s.get().drain(in(50ms)));
  const auto a = c.ask("hi");
  CHECK(a.body == "POST /x hi");
  CHECK(a.header("connection") == "close");
  CHECK(s.get().drain(in(5s)));
}

namespace {

/// Answers nobody: its end does.
class silent_application final : public application {
public:
  explicit silent_application(std::atomic<int>& asked) : asked_{asked} {}
  void handle(request&&, reply to) override {
    waiting_.push_back(std::move(to));
    ++asked_;
  }

private:
  std::vector<reply> waiting_;
  std::atomic<int>& asked_;
};

} // namespace

TEST_CASE("whoever still waits when a server stops is told that the outcome is unknown") {
  std::atomic<int> asked{0};
  server s{any_port(), [&](io_thread&) { return std::make_unique<silent_application>(asked); }};
  s.start();
  raw_client idle{s.ports().front()};
  std::vector<std::unique_ptr<raw_client>> waiting;
  for (int i = 0; i < 5; ++i) {
    waiting.push_back(std::make_unique<raw_client>(s.ports().front()));
    waiting.back()->send(get("/" + std::to_string(i)));
  }
  REQUIRE(eventually([&] { return asked == 5; }));
  s.stop();
  for (auto& c : waiting) {
    const auto a = c->read();
    CHECK(a.status == 503);
    CHECK(a.body.find("outcome_unknown") != std::string::npos);
    CHECK(a.header("connection") == "close");
    CHECK(c->closed());
  }
  CHECK(idle.closed());
  CHECK(s.connections() == 0);
}

TEST_CASE("stopping ends what is still at work") {
  running_server s;
  raw_client c{s.port()};
  c.send(get("/hold"));
  REQUIRE(eventually([&] { return s.seen.count() == 1; }));
  s.get().stop();
  CHECK(c.closed());
  CHECK(s.get().connections() == 0);
  s.seen.held.clear(); // answers nobody, harms nobody
}

TEST_CASE("large bodies that are being read have a common limit, small ones pass") {
  auto o = any_port();
  o.max_body = 100'000;
  o.max_bodies = 150'000;
  running_server s{o};
  const auto post = [](size_t length, size_t sent) {
    std::string text = "POST /x HTTP/1.1\r\nHost: shop\r\nContent-Length: ";
    text.append(std::to_string(length)).append("\r\n\r\n");
    return text.append(sent, 'x');
  };
  raw_client first{s.port()};
  first.send(post(100'000, 99'000));
  const auto refused = [&] {
    raw_client second{s.port()};
    second.send(post(100'000, 99'000));
    second.send(std::string(1'000, 'x'));
    const auto a = second.read();
    if (a.status == 200) // it was read before the first one's bytes
      return false;
    CHECK(a.status == 503);
    CHECK(a.body.find("\"overloaded\"") != std::string::npos);
    CHECK(a.header("connection") == "close");
    CHECK(a.header("retry-after") == "1");
    return true;
  };
  REQUIRE(eventually(refused));
  raw_client small{s.port()};
  CHECK(small.ask(post(16'384, 16'384)).status == 200);

  SECTION("until they are there") {
    first.send(std::string(1'000, 'x'));
    CHECK(first.read().status == 200);
    CHECK(small.ask(post(100'000, 100'000)).status == 200);
  }
  SECTION("or their connection is gone") {
    first.abort();
    CHECK(eventually([&] {
      raw_client again{s.port()};
      return again.ask(post(100'000, 100'000)).status == 200;
    }));
  }
}
