#include "persistence/announcer.hpp"

#include "actors/domain/shards.hpp"

#include <caf/all.hpp>

#include <unordered_map>
#include <utility>

namespace souk::persistence {

using namespace actors;

announcer::announcer(const listeners& l)
  : stock_{l.stock}, notifiers_{l.notifiers}, log_readers_{l.log_readers} {}

void announcer::tell(std::span<write* const> writes, const batch_result& result) {
  tell_stock(writes, result);
  tell_notifiers(writes, result);
  tell_log_readers(result);
}

void announcer::tell_doubt() {
  for (uint32_t shard = 0; shard < stock_.size(); ++shard)
    caf::anon_send(stock_.at(shard), settle_stock{{}, true});
}

void announcer::tell_stock(std::span<write* const> writes, const batch_result& result) {
  if (stock_.size() == 0)
    return;
  std::unordered_map<int64_t, settlement> by_product;
  for (auto& level : result.refreshed)
    by_product[level.product_id].level = level;
  for (auto& level : result.levels)
    by_product[level.product_id].level = level;
  for (size_t i = 0; i < writes.size(); ++i) {
    auto& d = result.decisions[i];
    if (d.error != ec::none || d.answer.refused != refusal::none)
      continue;
    for (auto& c : writes[i]->stock)
      if (c.reservation_id != 0)
        by_product[c.product_id].reservations.push_back(c.reservation_id);
    if (auto& p = writes[i]->product)
      caf::anon_send(stock_.at(domain::shard_of(p->row.id, stock_.size())),
                     relabel_product{p->row});
  }
  std::unordered_map<uint32_t, settle_stock> by_shard;
  for (auto& [product, s] : by_product)
    by_shard[domain::shard_of(product, stock_.size())].items.push_back(std::move(s));
  for (auto& [shard, message] : by_shard)
    caf::anon_send(stock_.at(shard), std::move(message));
}

void announcer::tell_notifiers(std::span<write* const> writes, const batch_result& result) {
  if (notifiers_.size() == 0)
    return;
  std::unordered_map<uint32_t, events_committed> by_notifier;
  for (size_t i = 0; i < writes.size(); ++i) {
    auto& ids = result.decisions[i].event_ids;
    auto& events = writes[i]->events;
    for (size_t e = 0; e < ids.size(); ++e) {
      events[e].id = ids[e];
      events[e].request_id = writes[i]->request_id;
      by_notifier[domain::shard_of_subject(events[e].subject, notifiers_.size())].items.push_back(
        std::move(events[e]));
    }
  }
  for (auto& [n, message] : by_notifier)
    caf::anon_send(notifiers_.at(n), std::move(message));
}

void announcer::tell_log_readers(const batch_result& result) {
  uint64_t events = 0;
  for (auto& d : result.decisions)
    events += d.event_ids.size();
  for (uint32_t i = 0; events > 0 && i < log_readers_.size(); ++i)
    if (auto& reader = log_readers_.at(i))
      caf::anon_send(reader, log_grew{events});
}

} // namespace souk::persistence
