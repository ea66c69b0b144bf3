// How a set-based statement is run for the writes of a batch: for the sources of `transaction`
// alone.
#pragma once

#include "persistence/row_text.hpp"
#include "persistence/transaction.hpp"

#include <algorithm>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

namespace souk::persistence {

/// A reference to a query's key as it is compared: integers come as long long.
inline int64_t as_key(long long x) {
  return x;
}
inline const std::string& as_key(const std::string& x) {
  return x;
}

template <class Key, class Row, class KeyOf>
bool transaction::apply(query<Key>& q, const std::function<const Row*(const write&)>& part,
                        KeyOf key, const std::function<void(size_t)>& missing) {
  using key_type = std::decay_t<decltype(key(std::declval<const Row&>()))>;
  std::vector<std::pair<key_type, size_t>> sorted;
  for (auto i : todo_)
    if (auto* row = part(*writes_[i]))
      sorted.emplace_back(key(*row), i);
  if (sorted.empty())
    return false;
  std::sort(sorted.begin(), sorted.end());
  auto& rows = q.param(0);
  rows.clear();
  for (auto& [k, i] : sorted)
    append_row(rows, *part(*writes_[i]));
  end_rows(rows);
  std::unordered_set<key_type> taken;
  q.run([&](const Key& k) { taken.insert(as_key(k)); });
  for (auto& [k, i] : sorted)
    if (!taken.contains(k))
      missing(i);
  return true;
}

} // namespace souk::persistence
