// A bounded map that drops what was not used for longest. No framework.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace souk::actors {

template <class Key, class Value>
class lru_cache {
public:
  explicit lru_cache(size_t capacity = 1024) : capacity_{capacity} {}

  size_t size() const { return index_.size(); }

  /// The value, which becomes the most recently used; null if there is none.
  Value* find(const Key& key) {
    auto i = index_.find(key);
    if (i == index_.end())
      return nullptr;
    order_.splice(order_.begin(), order_, i->second);
    return &i->second->second;
  }

  /// Inserts or replaces. Drops the oldest entries that `may_drop(value)` allows, as long as there
  /// are too many; looks at a bounded number, so that pinned ones cost little.
  template <class MayDrop>
  Value& put(const Key& key, Value value, MayDrop may_drop) {
    if (auto* found = find(key))
      return *found = std::move(value);
    order_.emplace_front(key, std::move(value));
    index_[key] = order_.begin();
    auto i = order_.end();
    for (int looked = 0; index_.size() > capacity_ && looked < 16 && --i != order_.begin();
         ++looked) {
      if (!may_drop(i->second))
        continue;
      index_.erase(i->first);
      i = order_.erase(i);
    }
    return order_.front().second;
  }
  Value& put(const Key& key, Value value) {
    return put(key, std::move(value), [](const Value&) { return true; });
  }

  void erase(const Key& key) {
    if (auto i = index_.find(key); i != index_.end()) {
      order_.erase(i->second);
      index_.erase(i);
    }
  }

  void clear() {
    index_.clear();
    order_.clear();
  }

  template <class F>
  void for_each(F&& f) {
    for (auto& [key, value] : order_)
      f(key, value);
  }

private:
  size_t capacity_;
  std::list<std::pair<Key, Value>> order_;
  std::unordered_map<Key, typename std::list<std::pair<Key, Value>>::iterator> index_;
};

} // namespace souk::actors
