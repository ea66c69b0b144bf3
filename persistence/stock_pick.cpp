#include "persistence/stock_pick.hpp"

namespace souk::persistence {

using namespace actors;

namespace {

pick pick_one(const write& w, std::unordered_map<int64_t, locked_count>& counts) {
  pick result;
  for (auto& change : w.stock) {
    if (change.kind == stock_change_kind::create) {
      result.deltas.push_back(change.amount);
      continue;
    }
    auto row = counts.find(change.product_id);
    auto refuse = [&](refusal why) { return pick{why, change.product_id, {}}; };
    if (row == counts.end())
      return refuse(refusal::not_found);
    if (change.expected_version != 0 && change.expected_version != row->second.version)
      return refuse(refusal::stale_version);
    auto delta =
      change.kind == stock_change_kind::set ? change.amount - row->second.quantity : change.amount;
    if (row->second.quantity + delta < 0)
      return refuse(refusal::out_of_stock);
    result.deltas.push_back(delta);
  }
  for (size_t i = 0; i < w.stock.size(); ++i)
    if (w.stock[i].kind != stock_change_kind::create)
      counts[w.stock[i].product_id].quantity += result.deltas[i];
  return result;
}

} // namespace

std::vector<pick> pick_writes(std::span<const write* const> writes,
                              std::unordered_map<int64_t, locked_count>& counts) {
  std::vector<pick> result;
  result.reserve(writes.size());
  for (auto* w : writes)
    result.push_back(pick_one(*w, counts));
  return result;
}

} // namespace souk::persistence
