// Drives the page at /docs and the files that it loads, as embedded in this build.
// Against the real API; no actor is asked.
#include "http/docs/assets.hpp"
#include "tests/http/routes/fake_shop.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::test;

namespace {

http::request get(std::string_view target) {
  http::request out;
  out.method = "GET";
  out.target = target;
  return out;
}

} // namespace

TEST_CASE("/docs is a page, or says that this build has none", "[docs]") {
  fake_shop shop;
  const auto page = shop.call(get("/docs"));
  if (http::docs_assets().empty()) {
    CHECK(page.status == 404);
    CHECK(page.body.find("build with npm") != std::string::npos);
    return;
  }
  CHECK(page.status == 200);
  CHECK(page.content_type == "text/html; charset=utf-8");
  CHECK(page.header("Cache-Control") == "no-cache");
  const auto policy = page.header("Content-Security-Policy");
  CHECK(policy.find("default-src 'none'") == 0);
  CHECK(policy.find("unsafe") == std::string::npos);
}

TEST_CASE("what the page at /docs names is there, for ever, under a tag", "[docs]") {
  fake_shop shop;
  for (const auto& x : http::docs_assets()) {
    INFO(x.path);
    auto req = get(x.path);
    const auto first = shop.call(req);
    CHECK(first.status == 200);
    CHECK(first.body == x.bytes);
    CHECK(first.header("ETag") == x.tag);
    req.if_none_match = x.tag;
    CHECK(shop.call(req).status == 304);
    if (x.path == "/docs")
      continue;
    CHECK(first.header("Cache-Control") == "public, max-age=31536000, immutable");
    const auto name = x.path.substr(x.path.rfind('/') + 1);
    CHECK(x.path.substr(0, 6) == "/docs/");
    CHECK(shop.call(get("/docs/" + std::string{name})).status == 404);
  }
}
