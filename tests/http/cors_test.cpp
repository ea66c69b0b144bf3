// Drives the CORS headers around an application that answers at once; no server.
#include "http/cors.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>

using namespace souk::http;

namespace {

struct inner : application {
  void handle(request&& req, reply answer) override {
    response r;
    if (req.method == "OPTIONS") {
      r.status = 204;
      r.headers.emplace_back("Allow", "GET, POST, OPTIONS");
    }
    answer(std::move(r));
  }
};

std::string header(const response& r, std::string_view name) {
  const auto at =
    std::find_if(r.headers.begin(), r.headers.end(), [name](auto& x) { return x.first == name; });
  return at == r.headers.end() ? "" : at->second;
}

response ask(std::string_view allowed, const std::string& origin, const std::string& method) {
  auto app = with_cors(std::make_unique<inner>(), parse_origins(allowed));
  request req;
  req.method = method;
  req.origin = origin;
  std::optional<response> got;
  app->handle(std::move(req), reply{[&](response&& r) { got = std::move(r); }});
  REQUIRE(got);
  return std::move(*got);
}

} // namespace

TEST_CASE("a page of a listed origin may read answers and send what the API takes", "[cors]") {
  constexpr auto* list = "https://shop.example,http://localhost:3000";
  const auto got = ask(list, "http://localhost:3000", "GET");
  CHECK(header(got, "Access-Control-Allow-Origin") == "http://localhost:3000");
  CHECK(header(got, "Access-Control-Expose-Headers").find("ETag") != std::string::npos);
  CHECK(header(got, "Vary") == "Origin");
  CHECK(header(got, "Access-Control-Allow-Credentials").empty());
  const auto asked = ask(list, "https://shop.example", "OPTIONS");
  CHECK(header(asked, "Access-Control-Allow-Methods") == "GET, POST, OPTIONS");
  CHECK(header(asked, "Access-Control-Allow-Headers").find("Idempotency-Key") != std::string::npos);
  CHECK(header(asked, "Access-Control-Max-Age") == "600");
}

TEST_CASE("other origins are told nothing", "[cors]") {
  for (const auto* origin : {"https://evil.example", "https://shop.example.evil", "null", ""}) {
    const auto got = ask("https://shop.example", origin, "OPTIONS");
    CHECK(header(got, "Access-Control-Allow-Origin").empty());
    CHECK(header(got, "Access-Control-Allow-Methods").empty());
    CHECK(header(got, "Vary") == "Origin"); // a cache must not give this answer to a page
  }
  CHECK(ask("", "https://shop.example", "GET").headers.empty());
}

TEST_CASE("what the server refuses by itself may be read, too", "[cors]") {
  const auto app = with_cors(std::make_unique<inner>(), parse_origins("https://shop.example"));
  response refusal;
  app->complete(refusal, "https://shop.example");
  CHECK(header(refusal, "Access-Control-Allow-Origin") == "https://shop.example");
  CHECK(header(refusal, "Vary") == "Origin");
  response other;
  app->complete(other, "");
  CHECK(header(other, "Access-Control-Allow-Origin").empty());
}

TEST_CASE("everyone may read where that is said", "[cors]") {
  CHECK(header(ask("*", "https://any.example", "GET"), "Access-Control-Allow-Origin") == "*");
  CHECK(header(ask("*", "", "GET"), "Access-Control-Allow-Origin").empty());
}
