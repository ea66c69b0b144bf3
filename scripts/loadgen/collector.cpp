#include "scripts/loadgen/collector.hpp"

#include "scripts/loadgen/net.hpp"

#include <unistd.h>

#include <algorithm>

namespace souk::loadgen {

collector::collector(const options& opts) : opts_{opts}, terminal_{isatty(STDERR_FILENO) == 1} {
  if (opts.placed.empty())
    return;
  placed_ = std::fopen(opts.placed.c_str(), "w");
  if (placed_ == nullptr)
    throw failure("cannot write " + opts.placed);
}

collector::~collector() {
  if (placed_ != nullptr)
    std::fclose(placed_);
}

void collector::take(const interval& part) {
  std::lock_guard guard{lock_};
  all_.add(part.counts);
  if (placed_ != nullptr)
    for (auto id : part.placed)
      std::fprintf(placed_, "%lld\n", static_cast<long long>(id));
  auto at = open_.try_emplace(part.second).first;
  at->second.counts.add(part.counts);
  if (++at->second.parts == opts_.threads)
    close_second(at);
}

void collector::finish() {
  std::lock_guard guard{lock_};
  while (!open_.empty())
    close_second(open_.begin());
  std::sort(rows_.begin(), rows_.end(), [](auto& a, auto& b) { return a.second < b.second; });
  if (shown_ && terminal_)
    std::fputc('\n', stderr);
}

void collector::close_second(std::map<int64_t, pending>::iterator at) {
  auto& counts = at->second.counts;
  auto& times = counts.latency;
  second_row row{at->first,
                 counts.answers(),
                 counts.ok(),
                 counts.failures(),
                 times.percentile(50),
                 times.percentile(90),
                 times.percentile(99),
                 times.max()};
  open_.erase(at);
  rows_.push_back(row);
  show(row);
}

void collector::show(const second_row& row) {
  if (!terminal_ && row.second % 5 != 4)
    return;
  auto warm = row.second * 1'000 < opts_.warmup.count();
  std::fprintf(
    stderr, "%s%4llds %s %8llu/s  2xx %8llu/s  p50 %8.2f ms  p99 %8.2f ms  failed %llu%s",
    terminal_ ? "\r" : "", static_cast<long long>(row.second + 1), warm ? "warm-up" : "       ",
    static_cast<unsigned long long>(row.answers), static_cast<unsigned long long>(row.ok),
    static_cast<double>(row.p50) / 1e3, static_cast<double>(row.p99) / 1e3,
    static_cast<unsigned long long>(row.failures), terminal_ ? "   " : "\n");
  std::fflush(stderr);
  shown_ = true;
}

} // namespace souk::loadgen
