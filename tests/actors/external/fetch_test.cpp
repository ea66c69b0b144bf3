// Drives the HTTP client of the external catalog,
// against a server on 127.0.0.1 that the test starts.
#include "actors/external/fetch.hpp"

#include "tests/actors/external/source_server.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

using namespace souk::external;
using namespace souk::external::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using souk::actors::external_config;

namespace {

struct fetch_fixture {
  source_server server;

  external_config config(const std::string& url) const {
    external_config c;
    c.url = url;
    c.timeout = 20s; // no test waits for it, unless it says so
    c.connect_timeout = 20s;
    return c;
  }

  fetched get(const std::string& id) const { return fetcher{config(server.url())}.get(id); }
};

} // namespace

TEST_CASE_METHOD(fetch_fixture, "a product is fetched, and the next one by the same client") {
  server.answer("/api/products/1", response("200 OK", R"({"id": 1})"));
  server.answer("/api/products/2", response("200 OK", R"({"id": 2})"));
  fetcher f{config(server.url("/api/"))};
  for (const std::string id : {"1", "2", "1"}) {
    auto answer = f.get(id);
    CHECK(answer.why.empty());
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"id": )" + id + "}");
  }
}

TEST_CASE_METHOD(fetch_fixture, "an id stays one segment of the path") {
  get("a/../b?c=1#d %\xc3\xa9");
  CHECK(server.asked() == std::vector<std::string>{"/products/a%2F..%2Fb%3Fc%3D1%23d%20%25%C3%A9"});
}

TEST_CASE_METHOD(fetch_fixture, "statuses are handed on") {
  server.answer("/products/500", response("500 Internal Server Error", "oh"));
  CHECK(get("500").status == 500);
  CHECK(get("500").body == "oh");
  CHECK(get("404").status == 404);
}

TEST_CASE_METHOD(fetch_fixture, "a slow source is given up in time, and the client still works") {
  server.answer("/products/slow", "");
  server.answer("/products/stuck", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
  server.answer("/products/1", response("200 OK", "{}"));
  auto c = config(server.url());
  c.timeout = 200ms;
  fetcher f{c};
  const auto begin = std::chrono::steady_clock::now();
  auto answer = f.get("slow");
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  CHECK(answer.status == 0);
  CHECK_FALSE(answer.refused);
  CHECK_THAT(answer.why, Contains("timed out"));
  const auto stuck = f.get("stuck"); // closed before its nine bytes
  CHECK(stuck.status == 0);
  CHECK_FALSE(stuck.refused);
  c.timeout = 20s;
  CHECK(fetcher{c}.get("1").status == 200);
}

TEST_CASE_METHOD(fetch_fixture, "what is too large is not read to its end") {
  const size_t limit = 256 * 1024;
  server.answer("/products/fits", response("200 OK", std::string(limit, 'x')));
  server.answer("/products/large", response("200 OK", std::string(limit + 1, 'x')));
  server.answer("/products/unknown", "HTTP/1.1 200 OK\r\n\r\n" + std::string(limit + 1, 'x'));
  std::string headers = "HTTP/1.1 200 OK\r\n";
  while (headers.size() < limit)
    headers += "X-Filler: " + std::string(1000, 'x') + "\r\n";
  server.answer("/products/headers", headers + "\r\n");
  CHECK(get("fits").body.size() == limit);
  auto large = get("large");
  CHECK(large.status == 0);
  CHECK_THAT(large.why, Contains("exceeded"));
  CHECK_THAT(get("unknown").why, Contains("too large"));
  CHECK_THAT(get("headers").why, Contains("headers are too large"));
  for (const std::string id : {"large", "unknown", "headers"})
    CHECK(get(id).refused);
}

TEST_CASE_METHOD(fetch_fixture, "redirects within the source are followed, three of them") {
  server.answer("/products/1", redirect_to("/second"));
  server.answer("/second", redirect_to(server.url("/third")));
  server.answer("/third", redirect_to("/fourth"));
  server.answer("/fourth", response("200 OK", "here"));
  server.answer("/products/0", redirect_to("/products/1"));
  CHECK(get("1").body == "here");
  auto endless = get("0");
  CHECK(endless.status == 0);
  CHECK(endless.refused);
  CHECK_THAT(endless.why, Contains("redirects"));
}

TEST_CASE_METHOD(fetch_fixture, "a redirect to a private address is refused unless allowed") {
  source_server hidden;
  hidden.answer("/secret", response("200 OK", "secret"));
  for (const std::string host : {"127.0.0.1", "localhost", "127.1", "2130706433", "0.0.0.0",
                                 "[::ffff:127.0.0.1]", "catalog.localhost"}) {
    CAPTURE(host);
    server.answer("/products/1", redirect_to(hidden.url("/secret", host)));
    auto answer = get("1");
    CHECK(answer.status == 0);
    CHECK(answer.refused);
    CHECK_THAT(answer.why, Contains("refused to connect"));
  }
  CHECK(hidden.asked().empty());
  server.answer("/products/1", redirect_to(hidden.url("/secret")));
  auto c = config(server.url());
  c.allow_private = true;
  CHECK(fetcher{c}.get("1").body == "secret");
  CHECK(hidden.asked().size() == 1);
}

TEST_CASE_METHOD(fetch_fixture, "redirects leave neither HTTP nor the machine's own files alone") {
  for (const std::string url :
       {"file:///etc/hostname", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x"}) {
    CAPTURE(url);
    server.answer("/products/1", redirect_to(url));
    auto answer = get("1");
    CHECK(answer.status == 0);
    CHECK(answer.refused);
    CHECK_THAT(answer.why, Contains("not supported") || Contains("disabled"));
  }
}

TEST_CASE_METHOD(fetch_fixture, "a private first address must be named by the configured URL") {
  server.answer("/products/1", response("200 OK", "{}"));
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    CAPTURE(host);
    CHECK(fetcher{config(server.url("", host))}.get("1").status == 200);
  }
  // A name that merely resolves to it, as any name may from one moment to the next.
  auto c = config(server.url("", "catalog.localhost"));
  const auto nowhere = fetcher{c}.get("1");
  CHECK_THAT(nowhere.why, Contains("refused to connect"));
  CHECK_FALSE(nowhere.refused); // so it is with every product
  c.allow_private = true;
  CHECK(fetcher{c}.get("1").status == 200);
}

TEST_CASE("a source that is not there is told", "[external]") {
  external_config c;
  c.url = [] { return std::make_unique<source_server>()->url(); }(); // its port is free again
  auto answer = fetcher{c}.get("1");
  CHECK(answer.status == 0);
  CHECK_FALSE(answer.refused);
  CHECK_FALSE(answer.why.empty());
  c.url = "not an address";
  CHECK_THAT(fetcher{c}.get("1").why, Contains("no usable address"));
}

TEST_CASE("only web addresses can be a catalog's") {
  for (auto url : {"http://a", "https://a.example:8443/api/v1/", "http://[::1]:80",
                   "http://10.0.0.1", "HTTP://user:secret@a/b"}) {
    CAPTURE(url);
    CHECK(usable_url(url));
  }
  for (auto url : {"", "a.example", "ftp://a", "file:///etc/passwd", "http://", "http://a?b",
                   "http://a#b", "http://a:0", "http://a b/", "http://a:99999"}) {
    CAPTURE(url);
    CHECK_FALSE(usable_url(url));
  }
}
