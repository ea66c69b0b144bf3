// What a batch does to categories and products.
#include "persistence/transaction_apply.hpp"

#include <set>

namespace souk::persistence {

using namespace actors;

/// Keeps the categories that this batch refers to, or takes away, as they are; SQLite's one writer
/// has them to himself anyway.
void transaction::lock_categories() {
  if (sql_.kind() == backend::sqlite)
    return;
  std::set<int64_t> ids;
  bool alone = false;
  for (auto i : todo_) {
    auto& w = *writes_[i];
    if (w.product)
      ids.insert(w.product->row.category_id);
    if (w.category) {
      ids.insert(w.category->row.id);
      ids.insert(w.category->row.parent_id);
    }
    if (w.removed_category)
      ids.insert(w.removed_category->id);
    alone = alone || w.removed_category;
  }
  ids.erase(0);
  if (ids.empty())
    return;
  auto& lock = alone ? sql_.lock_categories_alone : sql_.lock_categories;
  auto& rows = lock.param(0);
  rows.clear();
  for (auto id : ids)
    append_key(rows, id);
  end_rows(rows);
  lock.run();
}

void transaction::write_categories() {
  lock_categories();
  using row = row_change<domain::category>;
  auto id = [](const row& x) { return x.row.id; };
  apply<long long, row>(
    sql_.insert_categories,
    [](const write& w) {
      return w.category && w.category->expected_version == 0 ? &*w.category : nullptr;
    },
    id,
    [this](size_t i) {
      refuse(i, refusal::category_not_found, writes_[i]->category->row.parent_id);
    });
  apply<long long, row>(
    sql_.update_categories,
    [](const write& w) {
      return w.category && w.category->expected_version != 0 ? &*w.category : nullptr;
    },
    id,
    [this](size_t i) {
      auto& c = *writes_[i]->category;
      auto stale = version_of_category(c.row.id) != c.expected_version;
      refuse(i, stale ? refusal::stale_version : refusal::category_not_found,
             stale ? c.row.id : c.row.parent_id);
    });
  apply<long long, category_removal>(
    sql_.delete_categories,
    [](const write& w) { return w.removed_category ? &*w.removed_category : nullptr; },
    [](const category_removal& x) { return x.id; },
    [this](size_t i) {
      auto& c = *writes_[i]->removed_category;
      auto version = version_of_category(c.id);
      refuse(i,
             version == 0                    ? refusal::not_found
             : version != c.expected_version ? refusal::stale_version
                                             : refusal::category_not_empty,
             c.id);
    });
}

/// 0: there is no such category.
int64_t transaction::version_of_category(int64_t id) {
  int64_t version = 0;
  sql_.category_version.param(0) = std::to_string(id);
  sql_.category_version.run([&](long long v) { version = v; });
  return version;
}

void transaction::write_products() {
  using row = row_change<domain::product>;
  auto id = [](const row& x) { return x.row.id; };
  auto missing = [this](size_t i, refusal otherwise) {
    auto& p = writes_[i]->product->row;
    long long n = 1;
    if (p.category_id != 0) {
      sql_.category_exists.param(0) = std::to_string(p.category_id);
      sql_.category_exists.run([&](long long x) { n = x; });
    }
    long long others = 0;
    if (!p.external_id.empty()) {
      sql_.external_id_others.param(0) = p.external_id;
      sql_.external_id_others.param(1) = std::to_string(p.id);
      sql_.external_id_others.run([&](long long x) { others = x; });
    }
    refuse(i,
           n == 0       ? refusal::category_not_found
           : others > 0 ? refusal::external_id_taken
                        : otherwise,
           p.id);
  };
  auto inserted = apply<long long, row>(
    sql_.insert_products,
    [](const write& w) {
      return w.product && w.product->expected_version == 0 ? &*w.product : nullptr;
    },
    id, [&](size_t i) { missing(i, refusal::external_id_taken); });
  auto updated = apply<long long, row>(
    sql_.update_products,
    [](const write& w) {
      return w.product && w.product->expected_version != 0 ? &*w.product : nullptr;
    },
    id, [&](size_t i) { missing(i, refusal::stale_version); });
  if (!sql_.write_words || !refused.empty())
    return;
  for (auto* q :
       {inserted ? &sql_.insert_products : nullptr, updated ? &sql_.update_products : nullptr})
    if (q != nullptr) {
      sql_.write_words->param(0) = q->param(0);
      sql_.write_words->run();
    }
}

} // namespace souk::persistence
