#include "persistence/order_movements.hpp"

#include "actors/domain/json_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace souk::persistence {

namespace {

void append_part(std::string& out, int64_t order, int64_t delta) {
  out += out.empty() ? "[[" : ",[";
  domain::append_int(out, order);
  out += ',';
  domain::append_int(out, delta);
  out += ']';
}

/// Order ids and deltas; nothing if the text is no list of them.
std::optional<std::vector<std::pair<int64_t, int64_t>>> parts_of(std::string_view text) {
  const auto list = nlohmann::json::parse(text, nullptr, false);
  if (!list.is_array() || list.empty())
    return std::nullopt;
  std::vector<std::pair<int64_t, int64_t>> parts;
  for (const auto& x : list) {
    if (!x.is_array() || x.size() != 2 || !x[0].is_number_integer() || !x[1].is_number_integer())
      return std::nullopt;
    parts.emplace_back(x[0].get<int64_t>(), x[1].get<int64_t>());
  }
  return parts;
}

} // namespace

bool reads_as_orders(std::string_view orders) {
  return parts_of(orders).has_value();
}

void order_movements::add(const actors::stock_change& x, int64_t delta, int64_t now) {
  auto [at, first] = last_.try_emplace(x.product_id, groups_.size());
  if (!first) {
    auto& g = groups_[at->second];
    if (x.order_id != 0 && g.row.order_id != 0 && g.row.reason == x.reason
        && g.count < movements_a_row) {
      if (g.count == 1)
        append_part(g.row.orders, g.row.order_id, g.row.delta);
      append_part(g.row.orders, x.order_id, delta);
      g.row.delta += delta;
      g.row.created_at = std::max(g.row.created_at, now);
      ++g.count;
      return;
    }
    at->second = groups_.size();
  }
  groups_.push_back({{x.product_id, delta, x.reason, x.order_id, now, {}}, 1});
}

std::vector<movement_row> order_movements::take() {
  std::vector<movement_row> rows;
  rows.reserve(groups_.size());
  for (auto& g : groups_) {
    if (g.count > 1)
      g.row.orders += ']';
    rows.push_back(std::move(g.row));
  }
  groups_.clear();
  last_.clear();
  return rows;
}

std::vector<domain::stock_movement> movements_of(int64_t row_id, const movement_row& row) {
  std::vector<domain::stock_movement> all;
  const auto add = [&](int64_t delta, int64_t order) {
    const auto place = static_cast<int64_t>(all.size());
    all.push_back(
      {row_id * movements_a_row + place, row.product_id, delta, row.reason, order, row.created_at});
  };
  const auto parts = row.orders.empty() ? std::nullopt : parts_of(row.orders);
  if (parts)
    for (auto& [order, delta] : *parts)
      add(delta, order);
  else
    add(row.delta, row.order_id);
  std::reverse(all.begin(), all.end());
  return all;
}

} // namespace souk::persistence
