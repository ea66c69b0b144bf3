#include "persistence/transaction.hpp"

#include "actors/domain/user.hpp"
#include "actors/messages/codec.hpp"
#include "persistence/row_text.hpp"
#include "persistence/transaction_apply.hpp"

#include <algorithm>
#include <map>

namespace souk::persistence {

using namespace actors;

transaction::transaction(statements& s, const std::string& writer, int64_t batch,
                         std::span<const write* const> writes, std::vector<size_t> todo)
  : sql_{s},
    writer_{writer},
    batch_{batch},
    now_{now_ms()},
    writes_{writes},
    todo_{std::move(todo)} {
  result.decisions.resize(writes.size());
}

ended transaction::write_all(bool careful, std::optional<appended_rows>& prepared) {
  if (!claim())
    return ended::refused;
  if (careful) {
    if (refuse_repeated())
      return ended::refused;
    pick();
  }
  if (!change_counts())
    return ended::careful;
  keep_answers();
  write_users();
  write_categories();
  write_products();
  write_payments();
  change_orders();
  write_carts();
  if (!refused.empty())
    return ended::refused;
  append(prepared);
  return ended::committed;
}

void transaction::refuse(size_t i, refusal why, int64_t subject) {
  auto& d = result.decisions[i];
  if (d.answer.refused != refusal::none)
    return;
  d.answer.refused = why;
  d.answer.subject = subject;
  refused.push_back(i);
}

int64_t transaction::delta(size_t i, size_t change) const {
  auto found = deltas_.find(i);
  return found != deltas_.end() ? found->second[change] : writes_[i]->stock[change].amount;
}

/// Takes out the writes whose idempotency key has its answer: that one counts, not a refusal that
/// today's counts would give.
bool transaction::refuse_repeated() {
  auto found = kept_of(todo_);
  for (auto i : todo_)
    if (writes_[i]->keep && found.contains(writes_[i]->keep->id))
      refuse(i, refusal::replayed);
  return !refused.empty();
}

/// Locks the counts of the whole batch and takes out the writes that do not fit.
void transaction::pick() {
  std::set<int64_t> products;
  for (auto i : todo_)
    for (auto& c : writes_[i]->stock)
      if (c.kind != stock_change_kind::create)
        products.insert(c.product_id);
  if (products.empty())
    return;
  std::string rows;
  for (auto p : products)
    append_key(rows, p);
  end_rows(rows);
  std::unordered_map<int64_t, locked_count> counts;
  sql_.lock_stock.param(0) = rows;
  sql_.lock_stock.run([&](long long p, long long quantity, long long version) {
    counts[p] = {quantity, version};
  });
  auto before = counts;
  std::vector<const write*> in_order;
  for (auto i : todo_)
    in_order.push_back(writes_[i]);
  auto picks = pick_writes(in_order, counts);
  std::vector<size_t> fitting;
  for (size_t k = 0; k < todo_.size(); ++k) {
    auto i = todo_[k];
    if (picks[k].refused == refusal::none) {
      deltas_[i] = std::move(picks[k].deltas);
      fitting.push_back(i);
      continue;
    }
    auto& answer = result.decisions[i].answer;
    answer.refused = picks[k].refused;
    answer.subject = picks[k].subject;
    if (auto row = before.find(picks[k].subject); row != before.end()) {
      domain::stock_level level{row->first, row->second.quantity, row->second.version, now_};
      answer.levels.push_back(level);
      result.refreshed.push_back(level);
    }
  }
  todo_ = std::move(fitting);
}

/// A kept answer that shows a count gets the one that this batch gives the product.
kept_answer transaction::completed_answer(const write& w) const {
  auto keep = *w.keep;
  auto view = w.by.domain == domain::domain_id::stock && !w.stock.empty()
                ? decode_stock_view(keep.answer)
                : std::nullopt;
  for (auto& level : result.levels)
    if (view && level.product_id == w.stock.front().product_id) {
      view->level = level;
      keep.answer = encode(*view);
    }
  // A product that is changed together with its count; a new one's count was known before.
  auto product = w.by.domain == domain::domain_id::product && !w.stock.empty()
                     && w.stock.front().kind != stock_change_kind::create
                   ? decode_product_view(keep.answer)
                   : std::nullopt;
  for (auto& level : result.levels)
    if (product && level.product_id == w.stock.front().product_id) {
      product->stock = level;
      keep.answer = encode(*product);
    }
  return keep;
}

void transaction::keep_answers() {
  std::vector<std::pair<kept_answer, size_t>> keeps;
  for (auto i : todo_)
    if (writes_[i]->keep)
      keeps.emplace_back(completed_answer(*writes_[i]), i);
  if (keeps.empty())
    return;
  std::sort(keeps.begin(), keeps.end(), [](auto& a, auto& b) { return a.first.id < b.first.id; });
  auto& rows = sql_.keep.param(0);
  rows.clear();
  for (auto& [keep, i] : keeps)
    append_row(rows, keep);
  end_rows(rows);
  sql_.keep.param(1) = std::to_string(now_);
  std::unordered_set<std::string> taken;
  sql_.keep.run([&](const std::string& id) { taken.insert(id); });
  for (auto& [keep, i] : keeps) {
    if (taken.contains(keep.id))
      result.decisions[i].answer.kept = std::move(keep);
    else
      refuse(i, refusal::replayed);
  }
}

/// Refuses to take the last enabled administrator away. At most one write of a batch does that
/// (batch_keys); the rows are locked, so that no other node does it at the same time.
void transaction::keep_an_administrator() {
  for (auto i : todo_) {
    if (!writes_[i]->user || !writes_[i]->user->row.demotes)
      continue;
    const auto id = domain::to_string(writes_[i]->user->row.user.id);
    size_t others = 0;
    sql_.lock_admins.run([&](const std::string& admin) { others += admin != id; });
    if (others == 0)
      refuse(i, refusal::last_administrator);
  }
}

void transaction::write_users() {
  keep_an_administrator();
  using row = row_change<user_row>;
  auto id = [](const row& x) { return domain::to_string(x.row.user.id); };
  auto missing = [this](size_t i, refusal otherwise) {
    auto& u = writes_[i]->user->row.user;
    sql_.login_taken.param(0) = domain::fold_login(u.username);
    sql_.login_taken.param(1) = domain::fold_login(u.email);
    sql_.login_taken.param(2) = domain::to_string(u.id);
    long long names = 0;
    long long addresses = 0;
    sql_.login_taken.run([&](long long n, long long a) {
      names = n;
      addresses = a;
    });
    refuse(i, names > 0       ? refusal::username_taken
              : addresses > 0 ? refusal::email_taken
                              : otherwise);
  };
  apply<std::string, row>(
    sql_.insert_users,
    [](const write& w) { return w.user && w.user->expected_version == 0 ? &*w.user : nullptr; }, id,
    [&](size_t i) { missing(i, refusal::email_taken); });
  apply<std::string, row>(
    sql_.update_users,
    [](const write& w) {
      return w.user && w.user->expected_version != 0 && !w.user->row.remove ? &*w.user : nullptr;
    },
    id, [&](size_t i) { missing(i, refusal::stale_version); });
  apply<std::string, row>(
    sql_.delete_users,
    [](const write& w) { return w.user && w.user->row.remove ? &*w.user : nullptr; }, id,
    [this](size_t i) { refuse(i, refusal::stale_version); });
}

void transaction::write_payments() {
  apply<std::string, payment_row>(
    sql_.insert_payments, [](const write& w) { return w.payment ? &*w.payment : nullptr; },
    [](const payment_row& x) { return x.reference; },
    [this](size_t i) {
      auto& mine = *writes_[i]->payment;
      auto& rows = sql_.payments.param(0);
      rows.clear();
      append_row(rows, mine);
      end_rows(rows);
      int64_t order = 0;
      sql_.payments.run([&](const std::string&, long long id) { order = id; });
      refuse(i, refusal::reference_taken, order);
    });
}

void transaction::write_carts() {
  using row = row_change<domain::cart>;
  apply<std::string, row>(
    sql_.write_carts, [](const write& w) { return w.cart ? &*w.cart : nullptr; },
    [](const row& x) { return domain::to_string(x.row.user_id); },
    [this](size_t i) { refuse(i, refusal::stale_version); });
}

void transaction::change_orders() {
  using row = row_change<domain::order>;
  apply<long long, row>(
    sql_.update_orders,
    [](const write& w) { return w.order && w.order->expected_version != 0 ? &*w.order : nullptr; },
    [](const row& x) { return x.row.id; },
    [this](size_t i) { refuse(i, refusal::stale_version, writes_[i]->order->row.id); });
}

/// Everything that cannot conflict: new counts, new orders, movements, events.
void transaction::append(std::optional<appended_rows>& prepared) {
  auto whole = prepared && deltas_.empty() && todo_.size() == writes_.size();
  auto rows = whole ? std::move(*prepared) : appended_rows{sql_.kind()};
  prepared.reset();
  std::map<int64_t, int64_t> created;
  std::string revocations;
  for (auto i : todo_) {
    auto& w = *writes_[i];
    auto found = deltas_.find(i);
    if (!whole)
      rows.add(w, now_, found != deltas_.end() ? &found->second : nullptr);
    for (auto& c : w.stock)
      if (c.kind == stock_change_kind::create) {
        created.emplace(c.product_id, c.amount);
        result.levels.push_back({c.product_id, c.amount, 1, now_});
      }
    for (auto& r : w.revocations)
      append_row(revocations, r);
  }
  if (!created.empty()) {
    sql_.create_stock.param(0) = amounts_text(sql_.kind(), created);
    sql_.create_stock.param(1) = std::to_string(now_);
    sql_.create_stock.run();
  }
  if (!revocations.empty()) {
    end_rows(revocations);
    sql_.insert_revocations.param(0) = revocations;
    sql_.insert_revocations.param(1) = std::to_string(now_);
    sql_.insert_revocations.run();
  }
  event_ids_.resize(std::min(event_ids_.size(), rows.event_count)); // some were taken out
  auto ids = sql_.append(rows, event_ids_);
  if (ids.size() != rows.event_count)
    throw std::runtime_error("events were not all written");
  size_t next = 0;
  for (auto i : todo_)
    for (size_t e = 0; e < writes_[i]->events.size(); ++e)
      result.decisions[i].event_ids.push_back(ids[next++]);
}

/// The answers that the database keeps for these writes, by the id of their key.
std::unordered_map<std::string, kept_answer>
transaction::kept_of(const std::vector<size_t>& which) const {
  std::unordered_map<std::string, kept_answer> found;
  std::string rows;
  for (auto i : which)
    if (writes_[i]->keep)
      append_row(rows, kept_answer{writes_[i]->keep->id, {}, {}});
  if (rows.empty())
    return found;
  end_rows(rows);
  sql_.kept.param(0) = rows;
  sql_.kept.run([&](const std::string& id, const std::string& print, const std::string& answer) {
    found[id] = {id, print, answer};
  });
  return found;
}

void transaction::read_kept_answers() {
  auto found = kept_of(refused);
  // One that has been deleted since is no obstacle any more: its write is tried again.
  std::erase_if(refused, [&](size_t i) {
    auto& answer = result.decisions[i].answer;
    if (answer.refused != refusal::replayed)
      return false;
    if (auto k = found.find(writes_[i]->keep->id); k != found.end()) {
      answer.kept = k->second;
      return false;
    }
    answer.refused = refusal::none;
    return true;
  });
}

} // namespace souk::persistence
