// Work on one key waits for the work before it.
#pragma once

#include <deque>
#include <functional>
#include <unordered_map>
#include <utility>

namespace souk::actors {

/// For keys with an open write: the next command on the same key begins when the first is decided, so
/// that it sees what became of it. Other keys do not wait. Used on the actor's thread.
template <class Key>
class one_at_a_time {
public:
  /// Runs `work` now or after those before it. Whoever ran must call `end` exactly once.
  void begin(const Key& key, std::function<void()> work) {
    auto [i, free] = open_.try_emplace(key);
    if (free)
      work();
    else
      i->second.push_back(std::move(work));
  }

  void end(const Key& key) {
    auto i = open_.find(key);
    if (i == open_.end())
      return;
    if (i->second.empty()) {
      open_.erase(i);
      return;
    }
    auto next = std::move(i->second.front());
    i->second.pop_front();
    next();
  }

private:
  std::unordered_map<Key, std::deque<std::function<void()>>> open_;
};

} // namespace souk::actors
