// Drives two committers, of two nodes with shards of their own, that compete for the same products,
// against a SQLite file and a PostgreSQL database.
#include "tests/persistence/support/store.hpp"

#include <algorithm>
#include <numeric>
#include <random>

namespace souk::tests {

using namespace actors;
using persistence::committer;

namespace {

constexpr int64_t products = 12;

struct tally {
  std::vector<int64_t> change = std::vector<int64_t>(products + 1); ///< by product
  int64_t orders = 0;
  int64_t refused = 0;
  int64_t replayed = 0;
  std::string complaint;
};

constexpr int64_t most_writes = 30; ///< of a batch

/// A batch of orders and adjustments with their lines in any order. Both nodes' n-th batches use
/// the same keys, each in an order of its own.
std::vector<write> random_batch(std::mt19937& random, uint32_t shard, int64_t& next, int number) {
  auto upto = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint64_t>(n)); };
  std::vector<int64_t> keys(most_writes);
  std::iota(keys.begin(), keys.end(), number * most_writes);
  std::shuffle(keys.begin(), keys.end(), random);
  std::vector<write> batch;
  for (auto n = upto(most_writes) + 1; n > 0; --n) {
    auto id = next++ * 4 + shard;
    if (upto(10) == 0) {
      batch.push_back(adjust(upto(products) + 1, upto(9) + 1, 0, stock_shard(shard)));
      continue;
    }
    std::vector<wanted_line> lines;
    for (auto k = upto(4) + 1; k > 0; --k) {
      auto product = upto(products) + 1;
      if (std::none_of(lines.begin(), lines.end(),
                       [&](auto& l) { return l.product_id == product; }))
        lines.push_back({product, upto(3) + 1});
    }
    batch.push_back(under_key(place(id, lines, order_shard(shard)),
                              "key " + std::to_string(keys[static_cast<size_t>(n - 1)])));
  }
  return batch;
}

void trade(committer& c, uint32_t shard, int batches, tally& t) {
  std::mt19937 random{shard};
  int64_t next = 1;
  for (int b = 0; b < batches && t.complaint.empty(); ++b) {
    auto batch = random_batch(random, shard, next, b);
    auto result = c.commit(pointers(batch));
    for (size_t i = 0; i < batch.size(); ++i) {
      auto& d = result.decisions[i];
      if (d.error != ec::none)
        t.complaint = "not decided: " + std::string{to_string(d.error)};
      else if (d.answer.refused == refusal::out_of_stock)
        ++t.refused;
      else if (d.answer.refused == refusal::replayed)
        ++t.replayed; // the other node was first
      else if (d.answer.refused != refusal::none)
        t.complaint = "refused for no reason";
      else {
        t.orders += batch[i].order ? 1 : 0;
        for (auto& x : batch[i].stock)
          t.change[static_cast<size_t>(x.product_id)] += x.amount;
      }
    }
  }
}

} // namespace

TEST_CASE(
  "two nodes that want the same products and keys never lock each other out and never oversell") {
  SOUK_FOR_EACH_DATABASE(kind);
  constexpr int64_t at_first = 400;
  store s{kind};
  s.stock_up(std::vector<int64_t>(products, at_first));
  s.execute("insert into writer (id, batch) values ('there', 0)");
  s.execute("update ownership set node = 'there' where shard >= 2");
  const int batches = s.postgresql() ? 300 : 60; // SQLite's writers wait in naps for one another
  std::vector<tally> tallies(2);
  {
    auto there = s.options;
    there.node = "there";
    committer other{there};
    committer* committers[]{&s.committer(), &other};
    in_parallel(2, [&](size_t i) { trade(*committers[i], i == 0 ? 1 : 2, batches, tallies[i]); });
  }
  for (auto& t : tallies)
    CHECK(t.complaint.empty());
  CHECK(s.count("orders") == tallies[0].orders + tallies[1].orders);
  CHECK(s.count("idempotency") == tallies[0].orders + tallies[1].orders);
  for (int64_t p = 1; p <= products; ++p) {
    CAPTURE(p);
    auto n = static_cast<size_t>(p);
    CHECK(s.on_hand(p) == at_first + tallies[0].change[n] + tallies[1].change[n]);
    CHECK(s.on_hand(p) >= 0);
  }
  if (s.postgresql()) {
    CHECK(tallies[0].refused + tallies[1].refused > 0); // all ways were gone
    CHECK(tallies[0].replayed + tallies[1].replayed > 0);
    s.close(); // the sessions hand their statistics over when they end
    CHECK(s.number("select deadlocks from pg_stat_database where datname = current_database()")
          == 0);
  }
  CHECK(s.faults().empty());
}

} // namespace souk::tests
