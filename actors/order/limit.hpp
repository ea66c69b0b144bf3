// How many orders a user may place in a window of time. No framework.
#pragma once

#include "actors/domain/uuid.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

namespace souk::orders {

/// At most `count` orders in any `window` milliseconds; count 0: off.
struct limit {
  uint32_t count = 0;
  int64_t window = 0;
};

/// A sliding window over what is in the database and on its way there. A user's past is unknown
/// until `remember`; the caller reads it before.
class limiter {
public:
  explicit limiter(limit l) : limit_{l} {}

  bool on() const { return limit_.count > 0; }
  bool knows(const domain::uuid& user) const {
    auto i = users_.find(user);
    return i != users_.end() && i->second.known;
  }

  /// The times at which the user's newest orders were placed, at least `count` of them if there
  /// are.
  void remember(const domain::uuid& user, const std::vector<int64_t>& placed) {
    auto& u = users_[user];
    u.known = true;
    u.placed.assign(placed.begin(), placed.end());
    std::sort(u.placed.begin(), u.placed.end());
  }

  /// Admits an order at `now` (0) or says how many milliseconds to wait. An admitted one counts
  /// until `decided`.
  int64_t admit(const domain::uuid& user, int64_t now) {
    auto& u = users_[user];
    while (!u.placed.empty() && u.placed.front() <= now - limit_.window)
      u.placed.pop_front();
    if (u.placed.size() + u.open < limit_.count) {
      ++u.open;
      return 0;
    }
    auto wait = u.placed.empty() ? limit_.window : u.placed.front() + limit_.window - now;
    if (u.open == 0 && users_.size() > 4096)
      users_.erase(user); // read again when needed
    return wait;
  }

  /// An admitted order was placed at `at`, or not at all (0).
  void decided(const domain::uuid& user, int64_t at) {
    auto i = users_.find(user);
    if (i == users_.end())
      return;
    auto& u = i->second;
    u.open -= u.open > 0 ? 1 : 0;
    if (at != 0 && u.known)
      u.placed.push_back(at);
    if (u.open == 0 && (!u.known || users_.size() > 4096))
      users_.erase(i); // read again when needed
  }

  /// What is left to a user, who is known: orders, and milliseconds until there is one more.
  std::pair<int64_t, int64_t> left(const domain::uuid& user, int64_t now) const {
    auto i = users_.find(user);
    if (i == users_.end())
      return {limit_.count, 0};
    auto& u = i->second;
    auto used = std::count_if(u.placed.begin(), u.placed.end(),
                              [&](int64_t at) { return at > now - limit_.window; })
                + static_cast<int64_t>(u.open);
    auto wait = used == 0 || u.placed.empty() ? 0 : u.placed.front() + limit_.window - now;
    return {std::max<int64_t>(0, limit_.count - used), std::max<int64_t>(0, wait)};
  }

  /// Forgets everyone's past, but not what is still on its way.
  void forget() {
    std::erase_if(users_, [](auto& x) { return x.second.open == 0; });
    for (auto& [user, u] : users_) {
      u.known = false;
      u.placed.clear();
    }
  }

private:
  struct user_window {
    std::deque<int64_t> placed;
    uint32_t open = 0;
    bool known = false; ///< whether `placed` is the whole truth
  };
  limit limit_;
  std::unordered_map<domain::uuid, user_window> users_;
};

} // namespace souk::orders
