// Drives the ends of streamed answers that are nobody's wish: draining, stopping, limits, answers
// that come too late, streams that are let go of.
#include "tests/http/server/streaming_server.hpp"

#include <catch2/catch.hpp>

#include <optional>

using namespace souk::http;
using namespace souk::http::test;

namespace {

std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + 5s;
}

} // namespace

TEST_CASE("draining completes the streams at once") {
  auto o = any_port();
  o.linger_timeout = 200ms;
  streaming_server s{o};
  raw_client c{s.port()};
  c.send(get("/stream") + get("/never"));
  c.read();
  raw_client old{s.port()};
  old.ask("GET /stream HTTP/1.0\r\n\r\n");
  raw_client deaf{s.port(), 4'096};
  deaf.ask(get("/stream?" + much));
  raw_client late{s.port()};
  late.send(get("/hold"));
  REQUIRE(eventually([&] { return s.at.asked == 4; }));
  CHECK(s.get().streams() == 3);
  s.get().stop_accepting();
  CHECK_FALSE(s.get().drain(std::chrono::steady_clock::now() + 50ms));
  CHECK(c.rest() == "0\r\n\r\n");
  CHECK(old.rest().empty());
  CHECK(s.over(3));
  CHECK_FALSE(s.write(0, "x"));
  // What is answered with a stream now is complete with what it has.
  s.run([&] {
    response a;
    a.body = "history";
    a.stream = s.at.make();
    s.at.held.front()(std::move(a));
  });
  CHECK(late.read().header("connection") == "close");
  CHECK(late.rest() == "7\r\nhistory\r\n0\r\n\r\n");
  CHECK(s.over(4));
  CHECK(s.get().drain(soon()));
  CHECK(s.left());
  CHECK(s.at.asked == 4);
  CHECK(s.at.over_too_early == 0);
}

TEST_CASE("stopping tells the application of its streams before it is destroyed") {
  std::vector<std::shared_ptr<body_stream>> kept;
  {
    streaming_server s;
    raw_client c{s.port()};
    c.ask(get("/stream"));
    s.get().stop();
    CHECK(s.at.over_when_destroyed == 1);
    CHECK(c.closed());
    CHECK(s.get().streams() == 0);
    kept.swap(s.at.streams);
  }
  REQUIRE(kept.size() == 1);
  CHECK_FALSE(kept[0]->write("x"));
  kept[0]->end();
}

TEST_CASE("a stream that is let go of breaks its answer off") {
  streaming_server s;
  raw_client c{s.port()};
  c.ask(get("/stream"));
  CHECK(s.write(0, "x"));
  SECTION("by the io thread") {
    s.run([&] { s.at.streams.clear(); });
  }
  SECTION("by another thread") {
    auto last = s.run([&] { return std::exchange(s.at.streams, {}); });
    REQUIRE(last.front().use_count() == 1);
    last.clear();
  }
  CHECK(c.rest() == "1\r\nx\r\n"); // no last chunk
  CHECK(s.left());
  CHECK(s.at.over == 0);
}

TEST_CASE("a stream as an answer that comes too late is over") {
  streaming_server s;
  std::optional<raw_client> c{std::in_place, s.port()};
  c->send(get("/hold"));
  REQUIRE(eventually([&] { return s.at.asked == 1; }));
  const auto answer = [&] {
    s.run([&] {
      response a;
      a.stream = s.at.make();
      s.at.held.front()(std::move(a));
    });
  };
  SECTION("the client has gone") {
    c->abort();
    answer();
    CHECK(s.over(1));
    CHECK(s.left());
  }
  SECTION("there was another answer") {
    s.run([&] { s.at.held.front()(response{}); });
    CHECK(c->read().status == 200);
    answer();
    CHECK(s.at.over == 0);
  }
  CHECK_FALSE(s.write(0, "x"));
  CHECK(s.at.over_too_early == 0);
}

TEST_CASE("one stream too many is told so") {
  auto o = any_port();
  o.max_streams = 1;
  streaming_server s{o};
  raw_client a{s.port()};
  raw_client b{s.port()};
  a.ask(get("/stream"));
  const auto r = b.ask(get("/stream"));
  CHECK(r.status == 503);
  CHECK(r.header("retry-after") == "1");
  CHECK(r.header("content-type") == "application/problem+json");
  CHECK(r.headers.count("transfer-encoding") == 0);
  CHECK(r.body.find("\"code\":\"overloaded\"") != std::string::npos);
  CHECK(s.over(1));
  CHECK_FALSE(s.open(1));
  CHECK(s.open(0));
  s.end(0);
  CHECK(a.chunk().empty());
  REQUIRE(eventually([&] { return s.get().streams() == 0; }));
  CHECK(b.ask(get("/stream")).status == 200);
  CHECK(s.open(2));
  CHECK(s.at.over_too_early == 0);
}
