// Drives the writer's counting with batches as they were decided.
#include "persistence/store_metrics.hpp"

#include <catch2/catch.hpp>
#include <prometheus/text_serializer.h>

using namespace souk;
using namespace std::chrono_literals;
using actors::ec;
using Catch::Matchers::Contains;

namespace {

/// So many orders placed, and pointers to them.
struct placed {
  explicit placed(size_t count) : writes(count) {
    for (auto& w : writes) {
      w.events.emplace_back().kind = "order_placed";
      pointers.push_back(&w);
    }
  }

  std::vector<actors::write> writes;
  std::vector<actors::write*> pointers;
};

std::string page(const prometheus::Registry& of) {
  return prometheus::TextSerializer{}.Serialize(of.Collect());
}

} // namespace

TEST_CASE("committed events are counted, refused and failed ones are not") {
  const auto registry = std::make_shared<prometheus::Registry>();
  persistence::store_metrics counts{registry};
  const placed four{4};
  persistence::batch_result result;
  result.decisions.resize(4);
  result.decisions[1].answer.refused = actors::refusal::out_of_stock;
  result.decisions[2].error = ec::outcome_unknown;
  counts.decided(four.pointers, result, 3ms);
  counts.waiting(7);
  const auto text = page(*registry);
  CHECK_THAT(text, Contains("souk_events_total{kind=\"order_placed\"} 2\n"));
  CHECK_THAT(text, Contains("souk_store_failed_writes_total{code=\"outcome_unknown\"} 1\n"));
  CHECK_THAT(text, Contains("souk_store_batch_writes_sum 4\n"));
  CHECK_THAT(text, Contains("souk_store_batch_seconds_bucket{le=\"0.0025\"} 0\n"));
  CHECK_THAT(text, Contains("souk_store_batch_seconds_bucket{le=\"0.005\"} 1\n"));
  CHECK_THAT(text, Contains("souk_store_waiting_writes 7\n"));
}

TEST_CASE("the next writer counts on") {
  const auto registry = std::make_shared<prometheus::Registry>();
  const placed one{1};
  persistence::batch_result result;
  result.decisions.resize(1);
  for (int i = 0; i < 2; ++i)
    persistence::store_metrics{registry}.decided(one.pointers, result, 1ms);
  CHECK_THAT(page(*registry), Contains("souk_events_total{kind=\"order_placed\"} 2\n")
                                && Contains("souk_store_batch_writes_count 2\n"));
}
