// What one io thread counts of its requests, and the page of all numbers for Prometheus.
#pragma once

#include "http/routes/route.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace souk::http {

struct doors;

/// How much the server carries at this moment.
struct server_load {
  uint32_t connections = 0;
  uint32_t streams = 0;
};

/// One io thread's; the numbers are the registry's, which all share. Request forms of existing
/// shops count as the routes that they become.
class request_metrics {
public:
  /// Null: for nobody.
  explicit request_metrics(std::shared_ptr<prometheus::Registry> to);

  /// `at`: null if there is no route. `took`: from the whole request to the begin of its answer.
  void answered(const route* at, unsigned status, std::chrono::steady_clock::duration took);

  /// Refused by the server itself, without any route.
  void refused(unsigned status, std::string_view code);

  /// Refused or failed, with the code of the answer's problem.
  void problem(std::string_view code);

  /// All numbers of the registry, and those that are only true now, in Prometheus' text format
  /// 0.0.4. Made once a second at most.
  const std::string& page(const doors& of, server_load load);

private:
  void count(const route* at, unsigned status);

  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>* requests_;
  prometheus::Family<prometheus::Histogram>* seconds_;
  prometheus::Family<prometheus::Counter>* problems_;
  std::map<std::pair<const route*, unsigned>, prometheus::Counter*> by_status_;
  std::unordered_map<const route*, prometheus::Histogram*> by_route_;
  std::map<std::string, prometheus::Counter*, std::less<>> by_code_;
  std::string page_;
  std::chrono::steady_clock::time_point page_made_{};
};

} // namespace souk::http
