// Drives what an io thread counts of its requests, and the page that Prometheus reads.
#include "http/routes/request_metrics.hpp"

#include "http/routes/api.hpp"

#include <catch2/catch.hpp>

using namespace souk::http;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

const route orders{.method = http_method::post, .path = "/api/v1/orders"};

} // namespace

TEST_CASE("requests are counted by route and status, problems by code") {
  const auto registry = std::make_shared<prometheus::Registry>();
  request_metrics one{registry}, other{registry}; // of two io threads
  one.answered(&orders, 201, 3ms);
  one.answered(&orders, 201, 30ms);
  other.answered(&orders, 409, 1ms);
  other.problem("out_of_stock");
  one.answered(nullptr, 404, 1ms);
  one.refused(431, "header_too_large");
  doors open{10};
  const auto inside = open.order.try_enter();
  const auto page = other.page(open, {7, 2});
  const auto has = [&](const std::string& line) { CHECK_THAT(page, Contains(line + "\n")); };
  const std::string labels = "method=\"POST\",route=\"/api/v1/orders\"";
  has("souk_http_requests_total{" + labels + ",status=\"201\"} 2");
  has("souk_http_requests_total{" + labels + ",status=\"409\"} 1");
  has("souk_http_requests_total{method=\"\",route=\"\",status=\"404\"} 1");
  has("souk_http_requests_total{method=\"\",route=\"\",status=\"431\"} 1");
  has("souk_http_problems_total{code=\"out_of_stock\"} 1");
  has("souk_http_problems_total{code=\"header_too_large\"} 1");
  has("souk_http_request_seconds_bucket{" + labels + ",le=\"0.0025\"} 1");
  has("souk_http_request_seconds_bucket{" + labels + ",le=\"0.005\"} 2");
  has("souk_http_request_seconds_bucket{" + labels + ",le=\"+Inf\"} 3");
  has("souk_http_connections 7");
  has("souk_http_streams 2");
  has("souk_http_requests_at_work{domain=\"order\"} 1");
  has("souk_http_requests_at_work{domain=\"user\"} 0");
}

TEST_CASE("the page is made once a second at most") {
  request_metrics counts{nullptr};
  const doors open{10};
  const std::string first = counts.page(open, {});
  counts.answered(&orders, 201, 1ms);
  CHECK(counts.page(open, {}) == first);
}
