// The first steps of every batch: its number, who writes, the counts.
#include "persistence/row_text.hpp"
#include "persistence/transaction.hpp"

#include <algorithm>
#include <map>

namespace souk::persistence {

using namespace actors;

/// The counts are changed before it is known whether the claim holds: `write_all` looks at that
/// first, and else all is rolled back.
bool transaction::begin_together() {
  if (sql_.kind() != backend::postgresql)
    return false;
  auto p = sql_.together();
  p.add("begin");
  owners_ = owners();
  sql_.claim_together(p, writer_, batch_, owners_text(sql_.kind(), owners_), events());
  counts_ahead_ = prepare_counts();
  if (counts_ahead_ > 0)
    sql_.add_stock.add_to(p);
  ahead_ = p.run();
  return true;
}

std::vector<owner> transaction::owners() const {
  std::vector<owner> out;
  out.reserve(todo_.size());
  for (auto i : todo_) {
    auto& by = writes_[i]->by;
    out.push_back({by.domain, by.shard, by.epoch});
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

size_t transaction::events() const {
  size_t count = 0;
  for (auto i : todo_)
    count += writes_[i]->events.size();
  return count;
}

/// Counts this batch in the writer's row and locks the ownership rows of the shards that write.
bool transaction::claim() {
  if (ahead_.empty())
    owners_ = owners();
  auto [writer, owned] =
    ahead_.empty()
      ? sql_.claim(writer_, batch_, owners_text(sql_.kind(), owners_), events(), event_ids_)
      : sql_.claimed(ahead_.at(1), events(), event_ids_);
  if (writer == 1 && static_cast<size_t>(owned) == owners_.size())
    return true;
  if (writer != 1) // someone else writes under our name: nothing of this node is trustworthy
    for (auto i : todo_) {
      result.decisions[i].error = ec::not_owner;
      refused.push_back(i);
    }
  else
    refuse_strangers();
  return false;
}

void transaction::refuse_strangers() {
  std::set<std::tuple<long long, long long, long long>> ours;
  sql_.owners.param(0) = writer_;
  sql_.owners.run([&](long long d, long long s, long long e) { ours.emplace(d, s, e); });
  for (auto i : todo_) {
    auto& by = writes_[i]->by;
    if (!ours.contains(
          {static_cast<long long>(by.domain), by.shard, static_cast<long long>(by.epoch)})) {
      result.decisions[i].error = ec::not_owner;
      refused.push_back(i);
    }
  }
}

/// The deltas of all, summed for each product, as the parameters of the statement that applies
/// them. Returns how many products they are.
size_t transaction::prepare_counts() {
  std::map<int64_t, int64_t> sums;
  for (auto i : todo_)
    for (size_t c = 0; c < writes_[i]->stock.size(); ++c)
      if (writes_[i]->stock[c].kind != stock_change_kind::create)
        sums[writes_[i]->stock[c].product_id] += delta(i, c);
  sql_.add_stock.param(0) = amounts_text(sql_.kind(), sums);
  sql_.add_stock.param(1) = std::to_string(now_);
  return sums.size();
}

/// Applies all deltas; false if the counts do not allow them.
bool transaction::change_counts() {
  const auto products = ahead_.empty() ? prepare_counts() : counts_ahead_;
  if (products == 0)
    return true;
  const auto each = [&](long long p, long long quantity, long long version) {
    result.levels.push_back({p, quantity, version, now_});
  };
  const auto changed =
    ahead_.empty() ? sql_.add_stock.run(each) : sql_.add_stock.read(ahead_.at(2), each);
  if (changed != products) {
    result.levels.clear();
    return false;
  }
  return true;
}

} // namespace souk::persistence
