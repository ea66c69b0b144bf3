// Drives /metrics: what Prometheus reads of a running server.
#include "tests/system/support/databases.hpp"

#include <map>
#include <thread>
#include <vector>

using namespace souk::tests;

namespace {

/// Every sample by its name with its labels, as they stand on the page.
std::map<std::string, double> samples(const std::string& page) {
  std::map<std::string, double> out;
  for (const auto& line : lines_of(page)) {
    if (line.front() == '#')
      continue;
    const auto space = line.rfind(' ');
    REQUIRE(space != std::string::npos);
    size_t read = 0;
    const auto text = line.substr(space + 1);
    out[line.substr(0, space)] = std::stod(text, &read);
    CHECK(read == text.size());
  }
  return out;
}

/// The sample's value; -1 if it is not there.
double value(const std::map<std::string, double>& of, const std::string& name) {
  const auto found = of.find(name);
  return found == of.end() ? -1 : found->second;
}

} // namespace

TEST_CASE("what happens is counted for Prometheus", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(2);
  const auto user = s.new_user();
  auto customer = s.as(user);
  for (const auto status : {201u, 201u, 409u})
    CHECK(customer.post("/api/v1/orders", order_of({{product, 1}})).status == status);
  CHECK(customer.get("/no/such/path").status == 404);
  const auto page = s.guest().get("/metrics");
  REQUIRE(page.status == 200);
  CHECK(page.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(page.header("Cache-Control") == "no-store");
  const auto now = samples(page.body);
  INFO(page.body);
  CHECK(value(now, "souk_events_total{kind=\"order_placed\"}") == 2);
  const std::string orders = "method=\"POST\",route=\"/api/v1/orders\"";
  CHECK(value(now, "souk_http_requests_total{" + orders + ",status=\"201\"}") == 2);
  CHECK(value(now, "souk_http_requests_total{" + orders + ",status=\"409\"}") == 1);
  CHECK(value(now, "souk_http_request_seconds_count{" + orders + "}") == 3);
  CHECK(value(now, "souk_http_requests_total{method=\"\",route=\"\",status=\"404\"}") == 1);
  CHECK(value(now, "souk_http_problems_total{code=\"out_of_stock\"}") == 1);
  CHECK(value(now, "souk_http_problems_total{code=\"not_found\"}") == 1);
  // The product, the user, the session, the orders; the administrator and its session before them.
  CHECK(value(now, "souk_store_batch_writes_sum") >= 5);
  CHECK(value(now, "souk_store_batch_seconds_count")
        == value(now, "souk_store_batch_writes_count"));
  CHECK(value(now, "souk_store_waiting_writes") == 0);
  CHECK(value(now, "souk_http_connections") >= 2);
  CHECK(value(now, "souk_http_streams") == 0);
  CHECK(value(now, "souk_http_requests_at_work{domain=\"order\"}") == 0);
  CHECK(value(now, "process_resident_memory_bytes") > 1e6);
  CHECK(value(now, "process_open_fds") > 3);
  const auto cpu = value(now, "process_cpu_seconds_total");
  CHECK(cpu > 0);
  CHECK(value(samples(s.guest().get("/metrics").body), "process_cpu_seconds_total") >= cpu);
}

TEST_CASE("what the server refuses by itself, and what waits for the database, is counted",
          "[system]") {
  shop s{engine::postgresql};
  const auto product = s.new_product(10);
  const auto users = s.new_users(3);
  CHECK(s.guest().get("/" + std::string(9'000, 'a')).status == 414);
  const auto waiting = [&] {
    return value(samples(s.guest().get("/metrics").body), "souk_store_waiting_writes");
  };
  std::vector<std::jthread> buyers;
  {
    const open_transaction lock{s.database, "lock table orders in exclusive mode"};
    for (const auto& user : users)
      buyers.emplace_back([&s, user, product] {
        try {
          s.as(user).post("/api/v1/orders", order_of({{product, 1}}));
        } catch (const transport_error&) {}
      });
    CHECK(eventually(10s, [&] { return waiting() >= 1; }));
  }
  buyers.clear();
  CHECK(eventually(10s, [&] { return waiting() == 0; }));
  const auto now = samples(s.guest().get("/metrics").body);
  CHECK(value(now, "souk_http_requests_total{method=\"\",route=\"\",status=\"414\"}") == 1);
}

TEST_CASE("numbers that nobody shall read are not served", "[system]") {
  shop s{engine::sqlite, {{"http.metrics", "false"}}};
  CHECK(s.guest().get("/metrics").status == 404);
}
