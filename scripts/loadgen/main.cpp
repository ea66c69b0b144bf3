// souk-load: the load test. Prepares what to send, runs the drivers, reports.
#include "scripts/loadgen/driver.hpp"
#include "scripts/loadgen/plot.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <thread>

namespace {

using namespace souk::loadgen;

std::atomic<bool> stop{false};

void on_signal(int) {
  stop = true;
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Room for a descriptor a connection, as far as the system allows.
void raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::vector<std::unique_ptr<driver>> make_drivers(const options& opts, const endpoint& to,
                                                  const plan& what, collector& sink) {
  std::vector<std::unique_ptr<driver>> out;
  for (uint32_t i = 0; i < opts.threads; ++i) {
    auto share = opts.connections / opts.threads + (i < opts.connections % opts.threads ? 1 : 0);
    out.push_back(
      std::make_unique<driver>(opts, to, what, sink, stop, i, share, opts.rate / opts.threads));
    out.back()->connect();
  }
  return out;
}

timetable make_timetable(const options& opts) {
  timetable out;
  out.start = now_ns() + 20'000'000;
  out.measure = out.start + opts.warmup.count() * 1'000'000;
  out.end = out.measure + opts.duration.count() * 1'000'000;
  return out;
}

void run_drivers(std::vector<std::unique_ptr<driver>>& drivers, const timetable& times) {
  std::vector<std::jthread> threads;
  for (auto& d : drivers)
    threads.emplace_back([&times, &d] {
      prctl(PR_SET_TIMERSLACK, 1UL); // sleep as long as asked, not 50 us longer
      d->run(times);
    });
}

summary sum_up(const std::vector<std::unique_ptr<driver>>& drivers, const timetable& times,
               const collector& sink, int64_t ended) {
  summary out;
  uint64_t answers = 0, ok = 0;
  for (auto& d : drivers) {
    out.measured.add(d->measured());
    answers += d->in_window();
    ok += d->ok_in_window();
    out.unsent += d->unsent();
    out.unanswered += d->unanswered();
  }
  auto measured_until = std::min(ended, times.end);
  out.seconds = std::max(1e-3, static_cast<double>(measured_until - times.measure) / 1e9);
  out.answers_per_second = static_cast<double>(answers) / out.seconds;
  out.ok_per_second = static_cast<double>(ok) / out.seconds;
  out.all = sink.all();
  out.interrupted = stop;
  out.cpu_seconds = cpu_seconds();
  return out;
}

int run(const options& opts) {
  auto to = resolve(opts.target);
  if (!to.loopback && !opts.yes_this_is_mine)
    throw failure(opts.target
                  + " is not this machine: add --yes-this-is-mine if it is yours to load");
  for (auto& path : {opts.plot, opts.json}) // now, not after minutes of load
    if (!path.empty() && path != "-")
      write_file(path, "");
  raise_file_limit();
  collector sink{opts};
  auto what = make_plan(opts, to);
  auto drivers = make_drivers(opts, to, what, sink);
  auto times = make_timetable(opts);
  run_drivers(drivers, times);
  sink.finish();
  auto result = sum_up(drivers, times, sink, now_ns());
  if (opts.json != "-")
    print_report(opts, result);
  if (!opts.plot.empty())
    write_file(opts.plot, draw_plot(opts, result, sink.rows()));
  if (!opts.json.empty())
    write_file(opts.json, to_json(opts, result, sink.rows()));
  return result.measured.answers() > 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  options opts;
  if (auto code = parse_options(argc, argv, opts); code >= 0)
    return code;
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  try {
    return run(opts);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "souk-load: %s\n", e.what());
    return 2;
  }
}
