#include "http/routes/request_metrics.hpp"

#include "http/routes/api.hpp"

#include <prometheus/gauge.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <system_error>

namespace souk::http {
namespace {

using namespace prometheus;

Labels labels_of(const route* at) {
  return {{"method", at ? std::string{to_string(at->method)} : ""},
          {"route", at ? std::string{at->path} : ""}};
}

void set(Registry& r, const char* name, const char* help, double value, const Labels& labels = {}) {
  BuildGauge().Name(name).Help(help).Register(r).Add(labels).Set(value);
}

/// As Prometheus' own client libraries name them.
void set_process(Registry& r) {
  uint64_t total = 0, resident = 0;
  std::ifstream{"/proc/self/statm"} >> total >> resident;
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  set(r, "process_resident_memory_bytes", "Memory that the process holds, in bytes",
      static_cast<double>(resident) * page);
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  auto& cpu = BuildCounter()
                .Name("process_cpu_seconds_total")
                .Help("Processor time that was used, in seconds")
                .Register(r)
                .Add({});
  cpu.Increment(seconds(used.ru_utime) + seconds(used.ru_stime) - cpu.Value());
  std::error_code ignored;
  const std::filesystem::directory_iterator open{"/proc/self/fd", ignored};
  set(r, "process_open_fds", "Open file descriptors",
      static_cast<double>(std::distance(begin(open), end(open))));
}

} // namespace

request_metrics::request_metrics(std::shared_ptr<Registry> to)
  : registry_{to ? std::move(to) : std::make_shared<Registry>()} {
  requests_ = &BuildCounter()
                 .Name("souk_http_requests_total")
                 .Help("Answered requests; without a route: those for paths that do not exist")
                 .Register(*registry_);
  seconds_ = &BuildHistogram()
                .Name("souk_http_request_seconds")
                .Help("From the whole request to the begin of its answer")
                .Register(*registry_);
  problems_ = &BuildCounter()
                 .Name("souk_http_problems_total")
                 .Help("Requests that were refused or failed, by the code of their problem")
                 .Register(*registry_);
}

/// Numbers are kept once found, because finding one takes a lock and a hash of its labels.
void request_metrics::answered(const route* at, unsigned status,
                               std::chrono::steady_clock::duration took) {
  auto& count = by_status_[{at, status}];
  if (!count) {
    auto labels = labels_of(at);
    labels["status"] = std::to_string(status);
    count = &requests_->Add(labels);
  }
  count->Increment();
  auto& time = by_route_[at];
  if (!time) {
    const Histogram::BucketBoundaries bounds{.0005, .001, .0025, .005, .01, .025, .05,
                                             .1,    .25,  .5,    1,    2.5, 5,    10};
    time = &seconds_->Add(labels_of(at), bounds);
  }
  time->Observe(std::chrono::duration<double>(took).count());
}

void request_metrics::problem(std::string_view code) {
  auto found = by_code_.find(code);
  if (found == by_code_.end()) {
    const std::string name{code};
    found = by_code_.emplace(name, &problems_->Add({{"code", name}})).first;
  }
  found->second->Increment();
}

std::string request_metrics::page(const doors& of, server_load load) {
  static std::mutex one_at_a_time; // what the processor counted is added as a difference
  const std::lock_guard lock{one_at_a_time};
  auto& r = *registry_;
  set(r, "souk_http_connections", "Open connections", load.connections);
  set(r, "souk_http_streams", "Streamed answers that are under way", load.streams);
  const auto at_work = [&r](const char* domain, const admission& door) {
    set(r, "souk_http_requests_at_work", "Admitted requests without an answer yet, by domain",
        door.inside(), {{"domain", domain}});
  };
  at_work("user", of.user);
  at_work("product", of.product);
  at_work("stock", of.stock);
  at_work("order", of.order);
  set_process(r);
  return TextSerializer{}.Serialize(r.Collect());
}

} // namespace souk::http
