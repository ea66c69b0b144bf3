#include "http/routes/request_metrics.hpp"

#include "actors/runtime/time_buckets.hpp"
#include "http/routes/api.hpp"

#include <prometheus/gauge.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
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

/// Nothing if there is no descriptor left to look with.
std::optional<double> open_files() {
  std::error_code failed;
  std::filesystem::directory_iterator x{"/proc/self/fd", failed};
  double count = -1; // the one to look with
  for (; !failed && x != std::filesystem::directory_iterator{}; x.increment(failed))
    ++count;
  return failed ? std::nullopt : std::optional{count};
}

/// As Prometheus' own client libraries name them.
void set_process(Registry& r) {
  // Without a descriptor to look with, what was seen last stays.
  uint64_t total = 0, resident = 0;
  if (std::ifstream{"/proc/self/statm"} >> total >> resident)
    set(r, "process_resident_memory_bytes", "Memory that the process holds, in bytes",
        static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  if (const auto open = open_files())
    set(r, "process_open_fds", "Open file descriptors", *open);
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
}

} // namespace

request_metrics::request_metrics(std::shared_ptr<Registry> to)
  : registry_{to ? std::move(to) : std::make_shared<Registry>()} {
  requests_ = &BuildCounter()
                 .Name("souk_http_requests_total")
                 .Help("Answered requests; without a route: those that no route has seen")
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
void request_metrics::count(const route* at, unsigned status) {
  auto& found = by_status_[{at, status}];
  if (!found) {
    auto labels = labels_of(at);
    labels["status"] = std::to_string(status);
    found = &requests_->Add(labels);
  }
  found->Increment();
}

void request_metrics::answered(const route* at, unsigned status,
                               std::chrono::steady_clock::duration took) {
  count(at, status);
  auto& time = by_route_[at];
  if (!time)
    time = &seconds_->Add(labels_of(at), actors::time_buckets());
  time->Observe(std::chrono::duration<double>(took).count());
}

void request_metrics::refused(unsigned status, std::string_view code) {
  count(nullptr, status);
  problem(code);
}

void request_metrics::problem(std::string_view code) {
  auto found = by_code_.find(code);
  if (found == by_code_.end()) {
    const std::string name{code};
    found = by_code_.emplace(name, &problems_->Add({{"code", name}})).first;
  }
  found->second->Increment();
}

const std::string& request_metrics::page(const doors& of, server_load load) {
  const auto now = std::chrono::steady_clock::now();
  if (!page_.empty() && now < page_made_ + std::chrono::seconds{1})
    return page_; // whoever asks without end shall not keep this thread
  page_made_ = now;
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
  page_ = TextSerializer{}.Serialize(r.Collect());
  return page_;
}

} // namespace souk::http
