// What the tests of streamed answers share: a server with one io thread, whose application keeps
// the streams and is told by the test what to write.
#pragma once

#include "tests/http/server/raw_client.hpp"

#include <atomic>
#include <future>
#include <type_traits>

namespace souk::http::test {

/// What the application has made. Its streams are touched on the io thread only.
struct stage {
  std::vector<std::shared_ptr<body_stream>> streams;
  std::vector<reply> held; ///< of `/hold`, to be answered with the stream of the same place
  std::atomic<int> asked{0};
  std::atomic<int> over{0};
  std::atomic<int> over_too_early{0}; ///< inside a call of the application's
  std::atomic<int> over_when_destroyed{-1};
  std::atomic<bool> calling{false};
  std::string last_event_id;

  std::shared_ptr<body_stream> make() {
    streams.push_back(std::make_shared<body_stream>([this] {
      ++over;
      if (calling)
        ++over_too_early;
    }));
    return streams.back();
  }
};

/// `/stream` is a stream that begins with what the query says; `/early` one that is complete before
/// the answer, `/flood` one with too much before it; `/hold` waits; all else is answered at once.
class streaming_application final : public application {
public:
  explicit streaming_application(stage& s) : stage_{s} {}
  ~streaming_application() override {
    stage_.over_when_destroyed = stage_.over.load();
    stage_.held.clear();
  }

  void handle(request&& r, reply to) override {
    const auto path = r.target.substr(0, r.target.find('?'));
    stage_.last_event_id = r.last_event_id;
    response a;
    a.content_type = "text/event-stream";
    if (path == "/stream" || path == "/nothing") {
      a.stream = stage_.make();
      a.status = path == "/nothing" ? 204 : 200;
      if (path != r.target)
        a.body.assign(std::stoul(r.target.substr(path.size() + 1)), 'b');
    } else if (path == "/early") {
      a.stream = stage_.make();
      a.stream->write("one");
      a.stream->write("two");
      a.stream->end();
    } else if (path == "/flood") {
      a.stream = stage_.make();
      a.stream->write(std::string(body_stream::max_backlog, 'x'));
      if (a.stream->write("y"))
        throw std::logic_error("took too much");
    } else if (path == "/hold") {
      stage_.held.push_back(to);
      ++stage_.asked;
      return;
    } else {
      a.body = r.target;
    }
    ++stage_.asked;
    stage_.calling = true;
    to(std::move(a));
    stage_.calling = false;
  }

private:
  stage& stage_;
};

class streaming_server {
public:
  explicit streaming_server(server_options o = any_port())
    : server_{std::move(o), [this](io_thread& on) {
                io_ = &on.context();
                return std::make_unique<streaming_application>(at);
              }} {
    server_.start();
  }
  uint16_t port() const { return server_.ports().front(); }
  server& get() { return server_; }

  /// Runs `f` on the io thread and returns what it returns.
  template <class F>
  auto run(F f) {
    std::packaged_task<std::invoke_result_t<F>()> task{[this, f] {
      at.calling = true;
      const auto done =
        std::unique_ptr<stage, void (*)(stage*)>{&at, [](stage* s) { s->calling = false; }};
      return f();
    }};
    auto result = task.get_future();
    boost::asio::post(*io_, [&task] { task(); });
    return result.get();
  }
  bool write(std::size_t i, const std::string& bytes) {
    return run([=, this] { return at.streams.at(i)->write(bytes); });
  }
  void end(std::size_t i) {
    run([=, this] { at.streams.at(i)->end(); });
  }
  bool open(std::size_t i) {
    return run([=, this] { return at.streams.at(i)->open(); });
  }
  bool over(int times) {
    return eventually([&] { return at.over == times; });
  }
  bool left() {
    return eventually([&] { return server_.streams() == 0 && server_.connections() == 0; });
  }

  stage at;

private:
  boost::asio::io_context* io_ = nullptr;
  server server_;
};

inline const std::string much = std::to_string(16u << 20); ///< more than the kernel takes

} // namespace souk::http::test
