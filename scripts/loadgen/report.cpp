#include "scripts/loadgen/report.hpp"

#include "scripts/loadgen/net.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <fstream>

namespace souk::loadgen {

namespace {

using json = nlohmann::ordered_json;

double milliseconds_of(int64_t micros) {
  return static_cast<double>(micros) / 1e3;
}

json counts_of(const tally& t) {
  json statuses = json::object();
  for (size_t i = 0; i < t.statuses.size(); ++i)
    if (t.statuses[i] > 0)
      statuses[std::to_string(i)] = t.statuses[i];
  json codes = json::object();
  for (auto& [code, count] : t.codes)
    codes[code] = count;
  json failures = json::object();
  for (size_t i = 0; i < t.troubles.size(); ++i)
    failures[std::string{to_string(static_cast<trouble>(i))}] = t.troubles[i];
  return {{"answers", t.answers()},
          {"ok", t.ok()},
          {"statuses", std::move(statuses)},
          {"codes", std::move(codes)},
          {"failures", std::move(failures)}};
}

json latency_of(const histogram& h) {
  return {{"count", h.count()},
          {"mean", milliseconds_of(static_cast<int64_t>(h.mean()))},
          {"p50", milliseconds_of(h.percentile(50))},
          {"p90", milliseconds_of(h.percentile(90))},
          {"p99", milliseconds_of(h.percentile(99))},
          {"p99_9", milliseconds_of(h.percentile(99.9))},
          {"max", milliseconds_of(h.max())}};
}

void print_counts(const char* title, const json& counts) {
  if (counts.empty())
    return;
  std::printf("  %-11s", title);
  for (auto& [name, count] : counts.items())
    std::printf("  %s: %llu", name.c_str(), count.get<unsigned long long>());
  std::printf("\n");
}

} // namespace

void print_report(const options& opts, const summary& s) {
  auto counts = counts_of(s.measured);
  std::printf("\n%s against %s, %s, %u connections, %.1f s measured%s\n",
              to_string(opts.scenario).c_str(), opts.target.c_str(),
              opts.rate > 0 ? "open loop" : "closed loop", opts.connections, s.seconds,
              s.interrupted ? " (interrupted)" : "");
  if (opts.rate > 0)
    std::printf("  %-11s  %.0f/s\n", "wanted", opts.rate);
  std::printf("  %-11s  %.0f/s, of these 2xx %.0f/s\n", "answers", s.answers_per_second,
              s.ok_per_second);
  auto& h = s.measured.latency;
  std::printf("  %-11s  p50 %.2f  p90 %.2f  p99 %.2f  p99.9 %.2f  max %.2f ms%s\n", "latency",
              milliseconds_of(h.percentile(50)), milliseconds_of(h.percentile(90)),
              milliseconds_of(h.percentile(99)), milliseconds_of(h.percentile(99.9)),
              milliseconds_of(h.max()),
              opts.rate > 0 ? " (from the intended time of sending)" : "");
  print_counts("statuses", counts["statuses"]);
  print_counts("codes", counts["codes"]);
  if (s.all.failures() > 0)
    print_counts("failures", counts_of(s.all)["failures"]);
  if (s.unsent > 0)
    std::printf(
      "  %-11s  %llu: the server took less than the rate; the latencies of these are missing\n",
      "NOT SENT", static_cast<unsigned long long>(s.unsent));
  if (s.unanswered > 0)
    std::printf("  %-11s  %llu at the end of the drain\n", "NO ANSWER",
                static_cast<unsigned long long>(s.unanswered));
  std::printf("  %-11s  %llu answers, 2xx %llu, with warm-up and drain\n", "whole run",
              static_cast<unsigned long long>(s.all.answers()),
              static_cast<unsigned long long>(s.all.ok()));
}

std::string to_json(const options& opts, const summary& s, const std::vector<second_row>& rows) {
  json timeline = json::array();
  for (auto& r : rows)
    timeline.push_back({{"second", r.second},
                        {"answers", r.answers},
                        {"ok", r.ok},
                        {"failures", r.failures},
                        {"p50", milliseconds_of(r.p50)},
                        {"p90", milliseconds_of(r.p90)},
                        {"p99", milliseconds_of(r.p99)},
                        {"max", milliseconds_of(r.max)}});
  json out{{"scenario", to_string(opts.scenario)},
           {"target", opts.target},
           {"mode", opts.rate > 0 ? "open" : "closed"},
           {"rate", opts.rate},
           {"connections", opts.connections},
           {"threads", opts.threads},
           {"users", opts.users},
           {"seed", opts.seed},
           {"seconds", s.seconds},
           {"interrupted", s.interrupted},
           {"answers_per_second", s.answers_per_second},
           {"ok_per_second", s.ok_per_second},
           {"latency_ms", latency_of(s.measured.latency)},
           {"measured", counts_of(s.measured)},
           {"all", counts_of(s.all)},
           {"unsent", s.unsent},
           {"unanswered", s.unanswered},
           {"cpu_seconds", s.cpu_seconds},
           {"timeline", std::move(timeline)}};
  return out.dump(2) + "\n";
}

void write_file(const std::string& path, const std::string& text) {
  if (path == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return;
  }
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush())
    throw failure("cannot write " + path);
}

} // namespace souk::loadgen
