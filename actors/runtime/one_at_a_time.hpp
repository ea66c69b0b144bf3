// Work on one key waits for the work before it.
#pragma once

#include <deque>
#include <functional>
#include <unordered_map>
#include <utility>

namespace souk::actors {

/// For keys with an open write: the next command on the same key begins when the first is decided,
/// so that it sees what became of it. Other keys do not wait. Work that ends at once is followed by
/// the next in a loop, never deeper on the stack: anyone may queue thousands. Used on the actor's
/// thread.
template <class Key>
class one_at_a_time {
public:
  /// Runs `work` now or after those before it. Whoever ran must call `end` exactly once.
  void begin(const Key& key, std::function<void()> work) {
    auto& x = open_[key];
    x.waiting.push_back(std::move(work));
    advance(key, x);
  }

  void end(const Key& key) {
    auto i = open_.find(key);
    if (i == open_.end())
      return;
    i->second.busy = false;
    advance(key, i->second);
  }

private:
  struct entry {
    std::deque<std::function<void()>> waiting;
    bool busy = false;    ///< someone's work is not ended
    bool running = false; ///< `advance` is further up on the stack
  };

  void advance(const Key& key, entry& x) {
    if (std::exchange(x.running, true))
      return;
    while (!x.busy && !x.waiting.empty()) {
      auto next = std::move(x.waiting.front());
      x.waiting.pop_front();
      x.busy = true;
      next();
    }
    x.running = false;
    if (!x.busy)
      open_.erase(Key{key});
  }

  std::unordered_map<Key, entry> open_; ///< its references stay valid while others come and go
};

} // namespace souk::actors
