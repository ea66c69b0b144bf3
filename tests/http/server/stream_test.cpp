// Drives streamed answers with raw bytes: their pieces, their order, slow clients, clients that go,
// time-outs.
#include "tests/http/server/streaming_server.hpp"

#include <catch2/catch.hpp>

using namespace souk::http;
using namespace souk::http::test;

namespace {

server_options hasty() {
  auto o = any_port();
  o.header_timeout = o.body_timeout = o.idle_timeout = o.write_timeout = 300ms;
  return o;
}

} // namespace

TEST_CASE("a stream's pieces arrive as they are written, then the next answer") {
  streaming_server s;
  raw_client c{s.port()};
  const auto a = c.ask("GET /stream HTTP/1.1\r\nHost: shop\r\nLast-Event-ID: 7\r\n\r\n");
  CHECK(a.status == 200);
  CHECK(a.header("transfer-encoding") == "chunked");
  CHECK(a.header("content-type") == "text/event-stream");
  CHECK(a.headers.count("content-length") == 0);
  CHECK(a.headers.count("connection") == 0);
  CHECK(s.run([&] { return s.at.last_event_id; }) == "7");
  CHECK(s.get().streams() == 1);
  for (const std::string piece : {"id: 1\n\n", "id: 2\n\n"}) {
    CHECK(s.write(0, piece));
    CHECK(c.chunk() == piece);
  }
  CHECK(s.write(0, {})); // which must not end it
  const std::string large(100'000, 'x');
  CHECK(s.write(0, large));
  CHECK(c.chunk() == large);
  s.end(0);
  CHECK(c.chunk().empty());
  CHECK_FALSE(s.write(0, "late"));
  s.end(0);
  CHECK(c.ask(get("/next")).body == "/next");
  CHECK(s.get().streams() == 0);
  CHECK(s.at.over == 0);
}

TEST_CASE("a stream begins with the body and with what was written before the answer") {
  streaming_server s;
  raw_client c{s.port()};
  c.ask(get("/stream?3"));
  CHECK(c.chunk() == "bbb");
  CHECK(s.open(0));
  s.end(0);
  CHECK(c.chunk().empty());
  c.ask(get("/early"));
  CHECK(c.chunk() == "onetwo");
  CHECK(c.chunk().empty());
  CHECK(c.ask(get("/next")).status == 200);
  CHECK(s.at.over == 0);
}

TEST_CASE("too much before the answer ends the connection") {
  streaming_server s;
  raw_client c{s.port()};
  c.send(get("/flood"));
  CHECK(s.over(1));
  CHECK(s.left());
}

TEST_CASE("requests behind a stream wait for its end") {
  streaming_server s;
  raw_client c{s.port()};
  c.send(get("/stream") + get("/a"));
  c.read();
  std::string many;
  for (int i = 0; i < 2'000; ++i)
    many += get("/" + std::to_string(i)); // more than is read ahead
  c.send(many);
  CHECK(s.write(0, "still here"));
  CHECK(c.chunk() == "still here");
  CHECK(s.at.asked == 1);
  s.end(0);
  CHECK(c.chunk().empty());
  CHECK(c.read().body == "/a");
  for (int i = 0; i < 2'000; ++i)
    REQUIRE(c.read().body == "/" + std::to_string(i));
}

TEST_CASE("streams may follow each other on a connection, and the last sees the client go") {
  streaming_server s;
  {
    raw_client c{s.port()};
    for (std::size_t i = 0; i < 50; ++i) {
      c.ask(get("/stream"));
      CHECK(s.write(i, "x"));
      CHECK(c.chunk() == "x");
      s.end(i);
      CHECK(c.chunk().empty());
    }
    c.ask(get("/stream"));
  }
  CHECK(s.over(1));
  CHECK(s.left());
}

TEST_CASE("the application learns that the client has gone") {
  streaming_server s;
  auto c = std::make_unique<raw_client>(s.port());
  c->ask(get("/stream"));
  SECTION("closed") {
    c.reset();
  }
  SECTION("half closed") {
    c->finish();
  }
  SECTION("closed with a request behind") {
    c->send(get("/a"));
    c.reset();
  }
  SECTION("reset") {
    c->abort();
  }
  SECTION("reset with more behind than is read ahead") {
    c->send(std::string(100'000, 'x'));
    CHECK(s.write(0, "x"));
    CHECK(c->chunk() == "x");
    c->abort();
  }
  CHECK(s.over(1));
  CHECK_FALSE(s.open(0));
  CHECK_FALSE(s.write(0, "x"));
  s.end(0);
  CHECK(s.left());
  CHECK(s.at.over == 1);
  CHECK(s.at.over_too_early == 0);
}

TEST_CASE("a client that reads nothing is cut off when too much waits for it") {
  streaming_server s;
  raw_client c{s.port(), 4'096};
  c.ask(get("/stream"));
  const std::string piece(16'384, 'x');
  int taken = 0;
  while (taken < 16'384 && s.write(0, piece)) // up to 256 MiB
    ++taken;
  CHECK(taken >= 16);
  CHECK(taken < 16'384);
  CHECK(s.over(1));
  CHECK(s.left());
  CHECK(s.at.over_too_early == 0);
}

TEST_CASE("a client that reads slowly gets all within the bound, in order") {
  streaming_server s;
  raw_client c{s.port(), 4'096};
  c.ask(get("/stream"));
  // Each round is below the bound, and read before the next.
  for (int round = 0; round < 20; ++round) {
    for (char x = 'a'; x <= 'k'; ++x)
      REQUIRE(s.write(0, std::string(20'000, x)));
    for (char x = 'a'; x <= 'k'; ++x)
      REQUIRE(c.chunk() == std::string(20'000, x));
  }
  s.end(0);
  CHECK(c.chunk().empty());
}

TEST_CASE("the end of a stream waits until the client has taken all") {
  streaming_server s;
  raw_client c{s.port(), 4'096};
  c.ask(get("/stream?" + much));
  s.end(0);
  CHECK(s.get().streams() == 1);
  CHECK(c.chunk().size() == std::stoul(much));
  CHECK(c.chunk().empty());
  CHECK(c.ask(get("/next")).body == "/next");
}

TEST_CASE("a write that makes no progress ends the stream") {
  streaming_server s{hasty()};
  raw_client c{s.port(), 4'096};
  c.ask(get("/stream?" + much));
  CHECK(s.over(1));
  CHECK(s.left());
}

TEST_CASE("a stream that has nothing to say has no time-out") {
  streaming_server s{hasty()};
  raw_client c{s.port()};
  c.ask(get("/stream"));
  for (int i = 0; i < 2; ++i) {
    raw_client idle{s.port()};
    CHECK(idle.closed()); // so the sweep has come by
  }
  CHECK(s.write(0, "here"));
  CHECK(c.chunk() == "here");
  CHECK(s.at.over == 0);
}

TEST_CASE("HEAD and a status without a body end a stream before it begins") {
  streaming_server s;
  raw_client c{s.port()};
  c.send("HEAD /stream?5 HTTP/1.1\r\nHost: shop\r\n\r\n");
  const auto a = c.read(true);
  CHECK(a.status == 200);
  CHECK(a.header("transfer-encoding") == "chunked");
  CHECK(a.header("content-type") == "text/event-stream");
  CHECK(s.over(1));
  CHECK_FALSE(s.write(0, "x"));
  const auto none = c.ask(get("/nothing"));
  CHECK(none.status == 204);
  CHECK(none.headers.count("transfer-encoding") == 0);
  CHECK(s.over(2));
  CHECK(c.ask(get("/next")).body == "/next");
  CHECK(s.get().streams() == 0);
  CHECK(s.at.over_too_early == 0);
}

TEST_CASE("to HTTP/1.0 a stream is plain bytes until the connection's end") {
  auto o = any_port();
  o.linger_timeout = 100ms;
  streaming_server s{o};
  raw_client c{s.port()};
  const auto a = c.ask("GET /stream?2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(a.headers.count("transfer-encoding") == 0);
  CHECK(a.headers.count("content-length") == 0);
  CHECK(a.header("connection") == "close");
  CHECK(c.bytes(2) == "bb");
  CHECK(s.write(0, "data: 1\n\n"));
  CHECK(c.bytes(9) == "data: 1\n\n");
  CHECK(s.write(0, "data: 2\n\n"));
  s.end(0);
  CHECK(c.rest() == "data: 2\n\n");
  CHECK(s.left());
  CHECK(s.at.over == 0);
}

TEST_CASE("Connection: close ends the connection after its stream") {
  streaming_server s;
  raw_client c{s.port()};
  const auto a = c.ask("GET /stream HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
  CHECK(a.header("connection") == "close");
  CHECK(s.write(0, "x"));
  s.end(0);
  CHECK(c.rest() == "1\r\nx\r\n0\r\n\r\n");
}
