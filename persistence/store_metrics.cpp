#include "persistence/store_metrics.hpp"

#include "actors/runtime/time_buckets.hpp"

#include <utility>

namespace souk::persistence {

using namespace prometheus;

store_metrics::store_metrics(std::shared_ptr<Registry> to)
  : registry_{to ? std::move(to) : std::make_shared<Registry>()} {
  auto& r = *registry_;
  events_ = &BuildCounter()
               .Name("souk_events_total")
               .Help("Committed events by kind: orders placed, confirmed, cancelled, and so on")
               .Register(r);
  failed_ = &BuildCounter()
               .Name("souk_store_failed_writes_total")
               .Help("Writes that failed or of which nobody knows whether they were made, by code")
               .Register(r);
  const Histogram::BucketBoundaries sizes{1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
  batch_ = &BuildHistogram()
              .Name("souk_store_batch_writes")
              .Help("Writes that were decided together, in one transaction where possible")
              .Register(r)
              .Add({}, sizes);
  seconds_ = &BuildHistogram()
                .Name("souk_store_batch_seconds")
                .Help("How long a batch took in the database, its COMMIT included")
                .Register(r)
                .Add({}, actors::time_buckets());
  waiting_ = &BuildGauge()
                .Name("souk_store_waiting_writes")
                .Help("Writes that are not decided yet, those that the database has among them")
                .Register(r)
                .Add({});
}

void store_metrics::decided(std::span<actors::write* const> writes, const batch_result& result,
                            std::chrono::steady_clock::duration took) {
  batch_->Observe(static_cast<double>(writes.size()));
  seconds_->Observe(std::chrono::duration<double>(took).count());
  for (std::size_t i = 0; i < writes.size(); ++i) {
    auto& d = result.decisions[i];
    if (d.error != actors::ec::none)
      count_failed(d.error);
    else if (d.answer.refused == actors::refusal::none)
      for (auto& e : writes[i]->events)
        count_event(e.kind);
  }
}

void store_metrics::count_failed(actors::ec code) {
  failed_->Add({{"code", std::string{to_string(code)}}}).Increment();
}

/// Kept, because finding one takes a lock and a hash of its labels.
void store_metrics::count_event(const std::string& kind) {
  auto& found = by_kind_[kind];
  if (!found)
    found = &events_->Add({{"kind", kind}});
  found->Increment();
}

} // namespace souk::persistence
