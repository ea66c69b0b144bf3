// How a stock shard gets to know its products: read once for all who wait.
#include "actors/stock/actor.hpp"

namespace souk::actors {

/// Runs `done` when all products of the lines are known, or one turned out not to exist.
void stock_state::with_products(const std::vector<wanted_line>& lines,
                                std::function<void(bool)> done,
                                std::function<void(caf::error)> failed) {
  std::vector<int64_t> missing;
  for (auto& l : lines)
    if (find(l.product_id) == nullptr)
      missing.push_back(l.product_id);
  if (missing.empty())
    return done(false);
  auto wait = std::make_shared<loading>(
    loading{missing.size(), std::move(done), std::move(failed), false, false});
  std::vector<int64_t> ids;
  for (auto id : missing) {
    auto [queue, first] = loads_.try_emplace(id);
    queue->second.push_back(wait);
    if (first)
      ids.push_back(id);
  }
  if (!ids.empty())
    load(std::move(ids));
}

/// The same for one product; fails with `not_found`.
void stock_state::with_product(int64_t id, std::function<void()> done,
                               std::function<void(caf::error)> failed) {
  with_products(
    {{id, 0}},
    [done, failed](bool absent) {
      if (absent)
        failed(caf::make_error(ec::not_found));
      else
        done();
    },
    failed);
}

void stock_state::load(std::vector<int64_t> ids) {
  // Facts that arrive meanwhile find their entry; the newer version wins, whichever comes first.
  for (auto id : ids) {
    loads_.try_emplace(id);
    if (items_.find(id) == nullptr)
      items_.put(id, {}, 1, [](const item& x) { return !x.pinned(); });
  }
  ask<stock_records>(
    readers_.any(), config.request_timeout, load_stock{ids},
    [this, ids, doubts = doubts_](const stock_records& found) {
      if (doubts == doubts_)
        loaded(ids, found);
      else
        load(ids); // read too early
    },
    [this, ids](const caf::error& why) { load_failed(ids, why); });
}

void stock_state::loaded(const std::vector<int64_t>& ids, const stock_records& found) {
  for (auto& r : found.items) {
    auto* x = items_.find(r.product.id);
    if (x == nullptr)
      x = &items_.put(r.product.id, {}, 1, [](const item& y) { return !y.pinned(); });
    x->count.confirm(r.level.on_hand, r.level.version, r.level.updated_at);
    if (r.product.version > x->product_version) {
      x->product_name = r.product.name;
      x->external_id = r.product.external_id;
      x->price = r.product.price;
      x->product_version = r.product.version;
      x->deleted = r.product.deleted;
    }
  }
  for (auto id : ids) {
    auto queue = loads_.extract(id);
    if (!queue)
      continue;
    bool absent = find(id) == nullptr;
    if (absent && in_line_.contains(id))
      refuse_line(id);
    for (auto& w : queue.mapped()) {
      w->absent = w->absent || absent;
      if (--w->missing == 0 && !std::exchange(w->over, true))
        w->done(w->absent);
    }
    if (auto* x = items_.find(id); absent && x != nullptr && !x->pinned())
      items_.erase(id);
  }
  if (!line_.empty())
    advance_line();
}

void stock_state::load_failed(const std::vector<int64_t>& ids, const caf::error& why) {
  auto code = code_of(why);
  for (auto id : ids)
    if (auto queue = loads_.extract(id))
      for (auto& w : queue.mapped())
        if (!std::exchange(w->over, true))
          w->failed(caf::make_error(code == ec::outcome_unknown ? ec::overloaded : code));
}

} // namespace souk::actors
