#include "actors/user/revocations.hpp"

#include <algorithm>

namespace souk::actors {

void revocations::add(std::span<const revocation> items, int64_t now) {
  if (items.empty())
    return;
  const std::lock_guard guard{mutex_};
  log_.insert(log_.end(), items.begin(), items.end());
  for (; !log_.empty() && log_.front().before + keep_ms_ < now; ++dropped_)
    log_.pop_front();
  version_.fetch_add(1, std::memory_order_release);
}

size_t revocations::size() const {
  const std::lock_guard guard{mutex_};
  return log_.size();
}

bool revocation_view::revoked(const domain::uuid& user, std::string_view session, int64_t issued) {
  if (!list_)
    return false;
  if (version_ != list_->version())
    renew();
  const auto at = by_user_.find(user);
  return at != by_user_.end()
         && std::any_of(at->second.begin(), at->second.end(), [&](const entry& x) {
              return issued <= x.before && (x.session.empty() || x.session == session);
            });
}

/// What the list has dropped, tokens can no longer be concerned by: it goes here too.
void revocation_view::renew() {
  const std::lock_guard guard{list_->mutex_};
  version_ = list_->version_.load(std::memory_order_relaxed);
  const auto end = list_->dropped_ + list_->log_.size();
  for (next_ = std::max(next_, list_->dropped_); next_ < end; ++next_) {
    const auto& x = list_->log_[next_ - list_->dropped_];
    by_user_[x.user].push_back({x.session, x.before});
    log_.push_back(x);
  }
  while (log_.size() > list_->log_.size()) {
    forget(log_.front());
    log_.pop_front();
  }
}

void revocation_view::forget(const revocation& x) {
  const auto at = by_user_.find(x.user);
  if (at == by_user_.end())
    return;
  auto& entries = at->second;
  const auto same = std::find_if(entries.begin(), entries.end(), [&](const entry& e) {
    return e.session == x.session && e.before == x.before;
  });
  if (same != entries.end())
    entries.erase(same);
  if (entries.empty())
    by_user_.erase(at);
}

} // namespace souk::actors
