// Drives a worker that is told to drain or to stop while a request waits between two stages.
#include "http/server/worker.hpp"
#include "tests/http/server/streaming_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <functional>
#include <future>

namespace souk::http::test {
namespace {

/// One io thread with one connection.
class lone_worker {
public:
  lone_worker() {
    using boost::asio::ip::tcp;
    on_.start([this](io_thread&) { return std::make_unique<streaming_application>(at); });
    tcp::acceptor door{on_.context(), {boost::asio::ip::address_v4::loopback(), 0}};
    client.emplace(door.local_endpoint().port());
    tcp_socket accepted{on_.context()};
    door.accept(accepted);
    count_.opened();
    on_.adopt(std::move(accepted), false);
  }

  /// Sends a request, and runs `what` when it has been read and not yet handed to the application:
  /// one round of the event loop reads it, and `what` is posted before it is read, to be behind it.
  void between_stages(const std::string& request, const std::function<void(worker&)>& what) {
    std::promise<void> begun;
    std::promise<void> sent;
    std::promise<void> done;
    boost::asio::post(on_.context(), [&] {
      begun.set_value();
      sent.get_future().wait();
      boost::asio::post(on_.context(), [&] {
        what(on_);
        asked_before_ = at.asked;
        done.set_value();
      });
    });
    begun.get_future().wait();
    client->send(request);
    sent.set_value();
    done.get_future().wait();
  }

  void join() {
    on_.stop();
    on_.join();
  }
  /// Requests that the application had been given when `what` had been called.
  int asked_before() const { return asked_before_; }

  stage at;
  std::optional<raw_client> client;

private:
  server_options options_;
  connection_count count_;
  worker on_{0, options_, count_};
  int asked_before_ = -1;
};

} // namespace

TEST_CASE("a request that waits for its turn as the worker drains is served") {
  lone_worker w;
  w.between_stages(get("/page"), [](worker& on) { on.drain(); });
  const auto got = w.client->read();
  CHECK(got.status == 200);
  CHECK(got.header("connection") == "close");
  CHECK(w.client->rest().empty());
  w.join();
  CHECK(w.asked_before() == 0);
}

TEST_CASE("a request that waits for its turn as the worker stops is answered") {
  lone_worker w;
  w.between_stages(get("/page"), [](worker& on) { on.stop(); });
  CHECK(w.client->read().status == 200);
  CHECK(w.client->rest().empty());
  w.join();
  CHECK(w.asked_before() == 0);
}

TEST_CASE("so is one that the application drops as it ends") {
  lone_worker w;
  w.between_stages(get("/hold"), [](worker& on) { on.stop(); });
  CHECK(w.client->read().status == 503);
  w.join();
  CHECK(w.asked_before() == 0);
}

TEST_CASE("a stream that is its answer then is over before the application is destroyed") {
  lone_worker w;
  w.between_stages(get("/stream"), [](worker& on) { on.stop(); });
  w.client->rest();
  w.join();
  CHECK(w.asked_before() == 0);
  CHECK(w.at.over_when_destroyed == 1);
  CHECK(w.at.over == 1);
  CHECK(w.at.over_too_early == 0);
}

} // namespace souk::http::test
