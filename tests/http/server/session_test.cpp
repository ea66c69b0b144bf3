// Drives the connections' life with raw bytes, against a real server on a free port with an
// application that notes what reaches it: order, keep-alive, bodies, limits, time-outs, the end.
#include "http/server/request_id.hpp"

#include "tests/http/server/raw_client.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <set>

using namespace souk::http;
using namespace souk::http::test;

namespace {

std::string post(const std::string& fields, const std::string& body = {}) {
  return "POST /x HTTP/1.1\r\nHost: shop\r\n" + fields + "\r\n" + body;
}

server_options hasty() {
  auto o = any_port();
  o.header_timeout = o.body_timeout = o.idle_timeout = o.write_timeout = 300ms;
  return o;
}

} // namespace

TEST_CASE("a connection serves one request after the other") {
  running_server s;
  raw_client c{s.port()};
  for (int i = 0; i < 3; ++i) {
    const auto a = c.ask(get("/a?" + std::to_string(i)));
    CHECK(a.status == 200);
    CHECK(a.body == "GET /a?" + std::to_string(i) + " ");
    CHECK(a.header("content-length") == std::to_string(a.body.size()));
    CHECK(a.header("content-type") == "text/plain");
    CHECK(a.header("connection").empty());
    CHECK(a.header("etag") == "\"1\"");
    CHECK(a.header("date").size() == 29);
  }
  CHECK(s.seen.count() == 3);
}

TEST_CASE("a request carries its fields and its peer") {
  running_server s;
  raw_client c{s.port()};
  c.ask(post("Content-Length: 2\r\ncontent-type: application/json\r\nAUTHORIZATION: Bearer x\r\n"
             "Idempotency-Key:\r\nIf-Match: \"1\"\r\nIf-Match: \"2\"\r\nIf-None-Match: *\r\n"
             "X-Request-Id: my-id.1\r\n",
             "{}"));
  const auto r = s.seen.at(0);
  CHECK(r.method == "POST");
  CHECK(r.target == "/x");
  CHECK(r.body == "{}");
  CHECK(r.content_type == "application/json");
  CHECK(r.authorization == "Bearer x");
  CHECK(r.has_idempotency_key);
  CHECK(r.idempotency_key.empty());
  CHECK(r.if_match == "\"1\", \"2\"");
  CHECK(r.if_none_match == "*");
  CHECK(r.request_id == "my-id.1");
  CHECK(r.peer == "127.0.0.1");
}

TEST_CASE("pipelined requests are answered in order, each after the one before") {
  running_server s;
  raw_client c{s.port()};
  c.send(get("/hold") + post("Content-Length: 1\r\n", "b") + get("/c") + get("/d"));
  REQUIRE(eventually([&] { return s.seen.count() == 1; }));
  s.release();
  CHECK(c.read().body == "held");
  CHECK(c.read().body == "POST /x b");
  CHECK(c.read().body == "GET /c ");
  CHECK(c.read().body == "GET /d ");
}

TEST_CASE("a thousand pipelined requests are all answered") {
  running_server s;
  raw_client c{s.port()};
  std::string all;
  for (int i = 0; i < 1000; ++i)
    all += get("/" + std::to_string(i));
  c.send(all);
  for (int i = 0; i < 1000; ++i)
    REQUIRE(c.read().body == "GET /" + std::to_string(i) + " ");
}

TEST_CASE("a request that arrives byte by byte is read") {
  running_server s;
  raw_client c{s.port()};
  const std::string body = "3;a=b\r\nabc\r\n0\r\nX-A: b\r\n\r\n";
  for (char x : "\r\n" + post("Transfer-Encoding: chunked\r\n", body))
    c.send({&x, 1});
  CHECK(c.read().body == "POST /x abc");
  CHECK(c.ask(get("/next")).status == 200);
}

TEST_CASE("chunked bodies are put together") {
  running_server s;
  raw_client c{s.port()};
  std::string body;
  std::string chunks;
  for (int i = 1; i < 300; ++i) {
    const std::string part(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    char size[16];
    std::snprintf(size, sizeof size, "%X\r\n", i);
    chunks += size + part + "\r\n";
    body += part;
  }
  c.send(post("Transfer-Encoding: chunked\r\n", chunks + "0\r\n\r\n") + get("/next"));
  CHECK(c.read().body == "POST /x " + body);
  CHECK(c.read().body == "GET /next ");
}

TEST_CASE("HEAD is answered like GET without the body") {
  running_server s;
  raw_client c{s.port()};
  c.send("HEAD /a HTTP/1.1\r\nHost: shop\r\n\r\n");
  const auto a = c.read(true);
  CHECK(a.status == 200);
  CHECK(a.header("content-length") == "8");
  CHECK(a.header("content-type") == "text/plain");
  CHECK(c.ask(get("/next")).body == "GET /next ");
  c.send("HEAD /" + std::string(9'000, 'a')); // refused before it is read
  CHECK(c.read(true).status == 414);
  CHECK(c.closed());
  raw_client other{s.port()};
  other.send("HEAD / HTTP/2.0\r\nHost: shop\r\n\r\n");
  CHECK(other.read(true).status == 505);
  CHECK(other.closed());
}

TEST_CASE("204 and 304 have neither a length nor a body") {
  running_server s;
  raw_client c{s.port()};
  for (const auto& [target, status] : {std::pair{"/empty", 204u}, std::pair{"/same", 304u}}) {
    const auto a = c.ask(get(target));
    CHECK(a.status == status);
    CHECK(a.headers.count("content-length") == 0);
    CHECK(a.headers.count("content-type") == 0);
    CHECK(a.header("etag") == "\"1\"");
  }
  CHECK(c.ask(get("/next")).body == "GET /next ");
}

TEST_CASE("a header that would break out of its line is left out") {
  running_server s;
  raw_client c{s.port()};
  const auto a = c.ask(get("/a"));
  CHECK(a.headers.count("x-split") == 0);
  CHECK(a.headers.count("x-injected") == 0);
}

TEST_CASE("Connection: close ends the connection after its answer") {
  running_server s;
  raw_client c{s.port()};
  c.send("GET /a HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n" + get("/b"));
  CHECK(c.read().header("connection") == "close");
  CHECK(c.closed());
  CHECK(s.seen.count() == 1);
}

TEST_CASE("HTTP/1.0 closes unless it asks to be kept") {
  running_server s;
  raw_client c{s.port()};
  const auto kept = c.ask("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(kept.header("connection") == "keep-alive");
  const auto last = c.ask("GET /b HTTP/1.0\r\nExpect: 100-continue\r\n\r\n");
  CHECK(last.status == 200);
  CHECK(last.header("connection") == "close");
  CHECK(c.closed());
}

TEST_CASE("a client that stops sending still gets its answer") {
  running_server s;
  raw_client c{s.port()};
  c.send(get("/hold"));
  c.finish();
  REQUIRE(eventually([&] { return s.seen.count() == 1; }));
  s.release();
  CHECK(c.read().body == "held");
  CHECK(c.closed());
}

TEST_CASE("OPTIONS * and absolute targets reach the application") {
  running_server s;
  raw_client c{s.port()};
  CHECK(c.ask("OPTIONS * HTTP/1.1\r\nHost: shop\r\n\r\n").body == "OPTIONS * ");
  CHECK(c.ask("GET http://other:80/a?b HTTP/1.1\r\nHost: shop\r\n\r\n").body == "GET /a?b ");
}

TEST_CASE("100 Continue is sent when a body may come") {
  running_server s;
  raw_client c{s.port()};
  CHECK(c.ask(post("Content-Length: 2\r\nExpect: 100-Continue\r\n")).status == 100);
  CHECK(c.ask("hi").body == "POST /x hi");
  CHECK(c.ask(post("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n")).status == 100);
  CHECK(c.ask("0\r\n\r\n").body == "POST /x ");
  // Not when it has come already, nor when there is none.
  CHECK(c.ask(post("Content-Length: 2\r\nExpect: 100-continue\r\n", "ho")).body == "POST /x ho");
  CHECK(c.ask(post("Content-Length: 0\r\nExpect: 100-continue\r\n")).status == 200);
  // Nor when the header is refused.
  CHECK(c.ask(post("Content-Length: 9999999\r\nExpect: 100-continue\r\n")).status == 413);
  CHECK(c.closed());
}

TEST_CASE("a body beyond the limit is refused before it is read") {
  running_server s;
  SECTION("by its length") {
    raw_client c{s.port()};
    CHECK(c.ask(post("Content-Length: 1048577\r\n")).status == 413);
    CHECK(c.closed());
  }
  SECTION("while the client goes on sending") {
    raw_client c{s.port()};
    c.send(post("Content-Length: 4194304\r\n"));
    c.send(std::string(4u << 20, 'x'));
    CHECK(c.read().status == 413);
    CHECK(c.closed());
  }
  SECTION("by its chunks") {
    raw_client c{s.port()};
    c.send(post("Transfer-Encoding: chunked\r\n",
                "FFFFF\r\n" + std::string(0xFFFFF, 'x') + "\r\n2\r\n"));
    CHECK(c.read().status == 413);
    CHECK(c.closed());
  }
  CHECK(s.seen.count() == 0);
}

TEST_CASE("a body of just the limit is accepted") {
  running_server s;
  raw_client c{s.port()};
  const std::string body(1'048'576, 'x');
  CHECK(c.ask(post("Content-Length: 1048576\r\n", body)).body.size() == body.size() + 8);
  CHECK(c.ask(post("Transfer-Encoding: chunked\r\n", "100000\r\n" + body + "\r\n0\r\n\r\n")).status
        == 200);
}

TEST_CASE("header sections have limits, and each says which") {
  running_server s;
  const auto status = [&](const std::string& bytes) {
    raw_client c{s.port()};
    const auto a = c.ask(bytes);
    if (a.status != 200) {
      CHECK(a.header("connection") == "close");
      CHECK(c.closed());
    }
    return a.status;
  };
  const auto text = [](std::size_t n) { return std::string(n, 'a'); };
  const auto fields = [](int n) {
    std::string all;
    for (int i = 0; i < n; ++i)
      all += "X:\r\n";
    return all;
  };
  CHECK(status(get("/" + text(7'999))) == 200);
  CHECK(status(get("/" + text(8'000))) == 414);
  CHECK(status(get("/" + text(20'000))) == 414);
  CHECK(status("GET /" + text(20'000)) == 414);
  CHECK(status("FROB /" + text(20'000)) == 414);
  CHECK(status(text(9'000)) == 501);
  CHECK(status(text(9'000) + " / HTTP/1.1\r\nHost: shop\r\n\r\n") == 501);
  CHECK(status(text(900) + " / HTTP/1.1\r\nHost: shop\r\n\r\n") == 501);
  CHECK(status(post("X-A: " + text(16'000) + "\r\n")) == 200);
  CHECK(status(post("X-A: " + text(16'384) + "\r\n")) == 431);
  CHECK(status("GET / HTTP/1.1\r\nX-A: " + text(17'000)) == 431);
  CHECK(status(post(fields(99))) == 200);
  CHECK(status(post(fields(100))) == 431);
  CHECK(status("GET / HTTP/1.1\r\n" + fields(1'000)) == 431);
  CHECK(s.seen.count() == 3);
}

TEST_CASE("request ids are taken over if valid, else made, and are unique") {
  running_server s;
  raw_client c{s.port()};
  const auto sent = [&](const std::string& id) {
    const auto a = c.ask("GET / HTTP/1.1\r\nHost: shop\r\nX-Request-Id: " + id + "\r\n\r\n");
    return a.header("x-request-id");
  };
  CHECK(sent("Az09._-") == "Az09._-");
  CHECK(sent(std::string(64, 'a')) == std::string(64, 'a'));
  std::set<std::string> made{sent(""), sent("a b"), sent("a\"b"), sent(std::string(65, 'a')),
                             sent("a\r\nX-Request-Id: b")};
  CHECK(made.size() == 5);
  for (const auto& x : made)
    CHECK(is_valid_request_id(x));
  for (int i = 0; i < 10'000; ++i)
    made.insert(make_request_id());
  CHECK(made.size() == 10'005);
}

TEST_CASE("a reply that is dropped is a 503") {
  running_server s;
  raw_client c{s.port()};
  const auto a = c.ask(get("/drop"));
  CHECK(a.status == 503);
  CHECK(a.header("retry-after") == "1");
  CHECK(a.header("content-type") == "application/problem+json");
  CHECK(a.body.find("\"code\":\"outcome_unknown\"") != std::string::npos);
  CHECK(a.body.find("\"instance\":\"" + a.header("x-request-id") + "\"") != std::string::npos);
  CHECK(c.ask(get("/next")).status == 200);
}

TEST_CASE("a reply dropped by another thread is a 503 too") {
  running_server s;
  raw_client c{s.port()};
  c.send(get("/hold"));
  REQUIRE(eventually([&] { return s.seen.count() == 1; }));
  auto held = [&] {
    std::lock_guard guard{s.seen.mutex};
    return std::exchange(s.seen.held, {});
  }();
  // The io thread lets go of its own copy when `handle` returns.
  raw_client other{s.port()};
  CHECK(other.ask(get("/b")).status == 200);
  held.clear();
  CHECK(c.read().status == 503);
}

TEST_CASE("whoever is late is told so, or closed when nothing was asked") {
  running_server s{hasty()};
  SECTION("idle") {
    raw_client c{s.port()};
    CHECK(c.closed());
  }
  SECTION("idle after a request") {
    raw_client c{s.port()};
    CHECK(c.ask(get("/a")).status == 200);
    CHECK(c.closed());
  }
  SECTION("in the header") {
    raw_client c{s.port()};
    const auto a = c.ask("GET / HTTP/1.1\r\nHost:");
    CHECK(a.status == 408);
    CHECK(a.header("connection") == "close");
    CHECK(c.closed());
  }
  SECTION("in the body") {
    raw_client c{s.port()};
    const auto a = c.ask(post("Content-Length: 2\r\n", "a"));
    CHECK(a.status == 408);
    CHECK(a.header("connection") == "close");
    CHECK(c.closed());
  }
  SECTION("in taking the answer") {
    raw_client c{s.port(), 4'096};
    c.send(get("/large"));
    REQUIRE(eventually([&] { return s.seen.count() == 1; }));
    CHECK(eventually([&] { return s.get().connections() == 0; }));
  }
}

TEST_CASE("a request at work has no time-out of the connection's") {
  running_server s{hasty()};
  raw_client c{s.port()};
  c.send(get("/hold"));
  REQUIRE(eventually([&] { return s.seen.count() == 1; }));
  raw_client idle{s.port()};
  CHECK(idle.closed()); // so the sweep has come by
  s.release();
  CHECK(c.read().body == "held");
}

TEST_CASE("a large answer arrives whole") {
  running_server s;
  raw_client c{s.port(), 4'096};
  CHECK(c.ask(get("/large")).body == std::string(16u << 20, 'x'));
  CHECK(c.ask(get("/next")).status == 200);
}

TEST_CASE("one connection too many is told so") {
  auto o = any_port();
  o.max_connections = 2;
  o.linger_timeout = 100ms;
  running_server s{o};
  {
    raw_client a{s.port()};
    raw_client b{s.port()};
    CHECK(a.ask(get("/a")).status == 200);
    CHECK(b.ask(get("/b")).status == 200);
    raw_client c{s.port()};
    c.send(get("/c"));
    const auto r = c.read();
    CHECK(r.status == 503);
    CHECK(r.header("retry-after") == "1");
    CHECK(r.header("connection") == "close");
    CHECK(r.body.find("\"code\":\"overloaded\"") != std::string::npos);
    CHECK(c.closed());
    CHECK(s.seen.count() == 2);
  }
  REQUIRE(eventually([&] { return s.get().connections() == 0; }));
  raw_client d{s.port()};
  CHECK(d.ask(get("/d")).status == 200);
}
