// Drives the framing rules as plain functions, and each refusal with raw bytes against a real
// server on a free port: status, closing, and that a request smuggled behind it is never executed.
#include "http/server/framing.hpp"

#include "tests/http/server/raw_client.hpp"

#include <catch2/catch.hpp>

using namespace souk::http;
using namespace souk::http::test;

namespace {

const std::string canary = "GET /canary HTTP/1.1\r\nHost: shop\r\n\r\n";

struct bad_frame {
  std::string name;
  unsigned status;
  std::string bytes;
};

std::string with(const std::string& fields, const std::string& line = "POST /x HTTP/1.1") {
  return line + "\r\nHost: shop\r\n" + fields + "\r\n";
}

/// What Beast 1.81 would let through, with the rest of RFC 9112.
const std::vector<bad_frame> framings{
  {"gzip", 400, with("Transfer-Encoding: gzip\r\n")},
  {"identity", 400, with("Transfer-Encoding: identity\r\n")},
  {"xchunked", 400, with("Transfer-Encoding: xchunked\r\n")},
  {"quoted chunked", 400, with("Transfer-Encoding: \"chunked\"\r\n")},
  {"chunked, identity", 400, with("Transfer-Encoding: chunked, identity\r\n")},
  {"chunked, chunked", 400, with("Transfer-Encoding: chunked, chunked\r\n") + "0\r\n\r\n"},
  {"gzip, chunked", 400, with("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n"},
  {"chunked with a parameter", 400, with("Transfer-Encoding: chunked;q=1\r\n") + "0\r\n\r\n"},
  {"empty coding", 400, with("Transfer-Encoding:\r\n")},
  {"two codings", 400,
   with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"},
  {"identity, then chunked", 400,
   with("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"},
  {"coding on HTTP/1.0", 400,
   with("Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n", "POST /x HTTP/1.0")
     + "0\r\n\r\n"},
  {"length, then coding", 400,
   with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"},
  {"coding, then length", 400,
   with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") + "0\r\n\r\n"},
  {"length and unknown coding", 400, with("Content-Length: 0\r\nTransfer-Encoding: gzip\r\n")},
  {"folded coding", 400, with("Transfer-Encoding:\r\n chunked\r\n") + "0\r\n\r\n"},
  {"folded other field", 400, with("X-A: b\r\n\tc\r\n")},
  {"space before the first field", 400, "GET / HTTP/1.1\r\n Host: shop\r\n\r\n"},
  {"two equal lengths", 400, with("Content-Length: 0\r\nContent-Length: 0\r\n")},
  {"two lengths", 400, with("Content-Length: 0\r\nContent-Length: 5\r\n")},
  {"list of lengths", 400, with("Content-Length: 0, 0\r\n")},
  {"signed length", 400, with("Content-Length: +0\r\n")},
  {"negative length", 400, with("Content-Length: -1\r\n")},
  {"hexadecimal length", 400, with("Content-Length: 0x0\r\n")},
  {"empty length", 400, with("Content-Length:\r\n")},
  {"length beyond 64 bits", 400, with("Content-Length: 18446744073709551619\r\n")},
  {"space before the colon", 400, with("Content-Length : 0\r\n")},
  {"bare line feed", 400, "GET / HTTP/1.1\nHost: shop\n\n"},
  {"bare carriage return", 400, with("X-A: b\rX-B: c\r\n")},
  {"NUL in a value", 400, with(std::string{"X-A: b\0c\r\n", 10})},
  {"no colon", 400, with("X-A\r\n")},
};

const std::vector<bad_frame> heads{
  {"no Host", 400, "GET / HTTP/1.1\r\n\r\n"},
  {"two Hosts", 400, "GET / HTTP/1.1\r\nHost: shop\r\nHost: shop\r\n\r\n"},
  {"invalid Host", 400, "GET / HTTP/1.1\r\nHost: a b/..\r\n\r\n"},
  {"empty Host", 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
  {"two Hosts on HTTP/1.0", 400, "GET / HTTP/1.0\r\nHost: shop\r\nHost: evil\r\n\r\n"},
  {"invalid Host behind an absolute target", 400, "GET http://shop/ HTTP/1.1\r\nHost: @\r\n\r\n"},
  {"two Authorizations", 400, with("Authorization: a\r\nAuthorization: b\r\n")},
  {"two Idempotency-Keys", 400, with("Idempotency-Key: a\r\nidempotency-key: a\r\n")},
  {"two Content-Types", 400, with("Content-Type: a/b\r\nContent-Type: a/b\r\n")},
  {"a content coding", 415, with("Content-Encoding: gzip\r\n")},
  {"a second content coding", 415, with("Content-Encoding: identity\r\nContent-Encoding: br\r\n")},
  {"another expectation", 417, with("Expect: a-miracle\r\n")},
  {"lower-case method", 501, with("", "get / HTTP/1.1")},
  {"unknown method", 501, with("", "FROB / HTTP/1.1")},
  {"CONNECT", 501, "CONNECT shop:443 HTTP/1.1\r\nHost: shop:443\r\n\r\n"},
  {"TRACE", 501, with("", "TRACE / HTTP/1.1")},
  {"invalid method", 400, with("", "G(T / HTTP/1.1")},
  {"no method", 400, with("", "{} / HTTP/1.1")},
  {"raw UTF-8 in the target", 400, with("", "GET /caf\xC3\xA9 HTTP/1.1")},
  {"control byte in the target", 400, with("", "GET /a\x01 HTTP/1.1")},
  {"DEL in the target", 400, with("", "GET /a\x7F HTTP/1.1")},
  {"fragment in the target", 400, with("", "GET /a#b HTTP/1.1")},
  {"space in the target", 400, with("", "GET /a b HTTP/1.1")},
  {"no leading slash", 400, with("", "GET a HTTP/1.1")},
  {"asterisk with GET", 400, with("", "GET * HTTP/1.1")},
  {"absolute target of another scheme", 400, with("", "GET ftp://shop/ HTTP/1.1")},
  {"absolute target with user info", 400, with("", "GET http://me@shop/ HTTP/1.1")},
  {"absolute target without a host", 400, with("", "GET http:///a HTTP/1.1")},
  {"HTTP/2.0", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
  {"HTTP/1.2", 505, with("", "GET / HTTP/1.2")},
  {"no version", 400, with("", "GET /")},
  {"no HTTP at all", 400, "\x16\x03\x01"},
};

const std::vector<bad_frame> chunks{
  {"size with a sign", 400, "+5\r\nhello\r\n0\r\n\r\n"},
  {"size with 0x", 400, "0x5\r\nhello\r\n0\r\n\r\n"},
  {"size too large for 64 bits", 400, "10000000000000005\r\nhello\r\n0\r\n\r\n"},
  {"size ended by a bare line feed", 400, "5\nhello\r\n0\r\n\r\n"},
  {"data longer than its size", 400, "4\r\nhello\r\n0\r\n\r\n"},
  {"extension without end", 400, "5;a=" + std::string(40'000, 'b')},
  {"extensions that add up", 400,
   [] {
     std::string all;
     for (int i = 0; i < 100; ++i)
       all += "1;a=" + std::string(100, 'b') + "\r\nx\r\n";
     return all + "0\r\n\r\n";
   }()},
  {"trailers without end", 400, "0\r\nX-A: " + std::string(40'000, 'b')},
  {"a length as a trailer", 400, "0\r\nContent-Length: 50\r\n\r\n"},
  {"a coding as a trailer", 400, "0\r\nTransfer-Encoding: chunked\r\n\r\n"},
};

void check_refused(running_server& s, const bad_frame& x, const std::string& prefix = {}) {
  INFO(x.name);
  raw_client c{s.port()};
  c.send(prefix + x.bytes + canary);
  const auto a = c.read();
  CHECK(a.status == x.status);
  CHECK(a.header("connection") == "close");
  CHECK(a.header("content-type") == "application/problem+json");
  CHECK_FALSE(a.header("date").empty());
  CHECK_FALSE(a.header("x-request-id").empty());
  CHECK(a.body.find("\"instance\":\"" + a.header("x-request-id") + "\"") != std::string::npos);
  CHECK(c.closed());
  CHECK(s.seen.count() == 0);
}

} // namespace

TEST_CASE("an ambiguous framing is refused and what follows is not executed") {
  running_server s;
  for (const auto& x : framings)
    check_refused(s, x);
}

TEST_CASE("an invalid request line or field is refused and what follows is not executed") {
  running_server s;
  for (const auto& x : heads)
    check_refused(s, x);
}

TEST_CASE("a malformed chunked body is refused and what follows is not executed") {
  running_server s;
  for (const auto& x : chunks)
    check_refused(s, x, with("Transfer-Encoding: chunked\r\n"));
}

TEST_CASE("a body that looks like a request is a body") {
  running_server s;
  raw_client c{s.port()};
  c.send("POST /x HTTP/1.1\r\nHost: shop\r\nContent-Length: " + std::to_string(canary.size())
         + "\r\n\r\n" + canary + get("/next"));
  CHECK(c.read().body == "POST /x " + canary);
  CHECK(c.read().body == "GET /next ");
  CHECK(s.seen.count() == 2);
}

TEST_CASE("a trailer sets no field") {
  running_server s;
  raw_client c{s.port()};
  c.send("POST /x HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: Chunked\r\nTrailer: Host\r\n\r\n"
         "2\r\nhi\r\n0\r\nHost: evil\r\nAuthorization: Bearer x\r\nIdempotency-Key: k\r\n"
         "Content-Type: a/b\r\nIf-Match: \"1\"\r\n\r\n"
         + get("/next"));
  CHECK(c.read().body == "POST /x hi");
  CHECK(c.read().body == "GET /next ");
  const auto seen = s.seen.at(0);
  CHECK(seen.authorization.empty());
  CHECK(seen.content_type.empty());
  CHECK(seen.if_match.empty());
  CHECK_FALSE(seen.has_idempotency_key);
}

TEST_CASE("a host is a name or an address with an optional port") {
  for (const auto* good : {"shop", "shop.example:8080", "127.0.0.1", "[::1]:80", "[::1]", "a%20b",
                           "shop:", "xn--caf-dma.example"}) {
    INFO(good);
    CHECK(is_valid_host(good));
  }
  for (const auto* bad : {"", ":80", "a b", "a/b", "a@b", "a:b", "a:123456", "[::1", "[]", "a%2",
                          "a%zz", "[::1]x", "a,b c", "\"a\"", "caf\xC3\xA9", "a:80:80"}) {
    INFO(bad);
    CHECK_FALSE(is_valid_host(bad));
  }
}

TEST_CASE("a target is reduced to its origin form") {
  CHECK(origin_form("GET", "/a?b") == "/a?b");
  CHECK(origin_form("GET", "http://shop/a?b=/c") == "/a?b=/c");
  CHECK(origin_form("GET", "HTTPS://shop:443/a") == "/a");
  CHECK(origin_form("GET", "http://shop") == "/");
  CHECK(origin_form("GET", "http://shop?q=1") == "/?q=1");
  CHECK(origin_form("OPTIONS", "*") == "*");
  CHECK(origin_form("OPTIONS", "http://shop") == "*");
  CHECK_FALSE(origin_form("GET", "*"));
  CHECK_FALSE(origin_form("GET", "shop:80"));
  CHECK_FALSE(origin_form("GET", "http:/shop/a"));
  CHECK_FALSE(origin_form("GET", "://shop/a"));
}

TEST_CASE("the end of a header section is found in whatever pieces it arrives") {
  const server_options limits;
  const std::string text = "\r\nGET / HTTP/1.1\r\nHost: shop\r\n\r\n";
  header_scan scan;
  for (std::size_t n = 1; n < text.size(); ++n) {
    const auto r = scan.feed(std::string_view{text}.substr(0, n), limits);
    CHECK_FALSE(r.why);
    CHECK(r.end == 0);
  }
  const auto r = scan.feed(text + "rest", limits);
  CHECK(r.begin == 2);
  CHECK(r.end == text.size());
}
