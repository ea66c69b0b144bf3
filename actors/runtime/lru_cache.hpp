// A bounded map that drops what was not used for longest. No framework.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace souk::actors {

/// `capacity` bounds the sum of the entries' weights; an entry weighs 1 unless told otherwise.
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
    return &i->second->value;
  }

  /// Inserts or replaces. Drops the oldest entries that `may_drop(value)` allows, as long as they
  /// are too heavy; passes over a bounded number, so that pinned ones cost little.
  template <class MayDrop>
  Value& put(const Key& key, Value&& value, size_t weight, MayDrop may_drop) {
    if (find(key) != nullptr) {
      auto& front = order_.front();
      weight_ += weight - front.weight;
      front.weight = weight;
      front.value = std::move(value);
    } else {
      order_.emplace_front(key, std::move(value), weight);
      index_[key] = order_.begin();
      weight_ += weight;
    }
    auto i = order_.end();
    for (int pinned = 0; weight_ > capacity_ && pinned < 16 && --i != order_.begin();) {
      if (!may_drop(i->value)) {
        ++pinned;
        continue;
      }
      weight_ -= i->weight;
      index_.erase(i->key);
      i = order_.erase(i);
    }
    return order_.front().value;
  }
  Value& put(const Key& key, Value&& value, size_t weight = 1) {
    return put(key, std::move(value), weight, [](const Value&) { return true; });
  }
  Value& put(const Key& key, const Value& value, size_t weight = 1) {
    return put(key, Value{value}, weight);
  }

  void erase(const Key& key) {
    if (auto i = index_.find(key); i != index_.end()) {
      weight_ -= i->second->weight;
      order_.erase(i->second);
      index_.erase(i);
    }
  }

  void clear() {
    index_.clear();
    order_.clear();
    weight_ = 0;
  }

  template <class F>
  void for_each(F&& f) {
    for (auto& x : order_)
      f(x.key, x.value);
  }

private:
  struct entry {
    Key key;
    Value value;
    size_t weight;
  };
  size_t capacity_;
  size_t weight_ = 0;
  std::list<entry> order_;
  std::unordered_map<Key, typename std::list<entry>::iterator> index_;
};

} // namespace souk::actors
