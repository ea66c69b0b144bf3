// What the writer counts, for whoever watches over the server.
#pragma once

#include "actors/error.hpp"
#include "persistence/committer.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

namespace souk::persistence {

/// One writer's; the numbers are the registry's, so that a restarted writer counts on. Used by the
/// writer's thread; the registry by any.
class store_metrics {
public:
  /// Null: for nobody.
  explicit store_metrics(std::shared_ptr<prometheus::Registry> to);

  /// A batch was decided: counts it, what failed, and the events that were committed.
  void decided(std::span<actors::write* const> writes, const batch_result& result,
               std::chrono::steady_clock::duration took);

  /// So many writes are not decided yet.
  void waiting(std::size_t writes) { waiting_->Set(static_cast<double>(writes)); }

private:
  void count_failed(actors::ec code);
  void count_event(const std::string& kind);

  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>* events_;
  prometheus::Family<prometheus::Counter>* failed_;
  prometheus::Histogram* batch_;
  prometheus::Histogram* seconds_;
  prometheus::Gauge* waiting_;
  std::unordered_map<std::string, prometheus::Counter*> by_kind_;
};

} // namespace souk::persistence
