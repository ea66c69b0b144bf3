// A bounded number of streams that one user has open.
#pragma once

#include "actors/domain/uuid.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace souk::http {

/// Shared by all io threads; touched when a stream begins and ends. Must outlive its places.
class stream_places {
public:
  explicit stream_places(unsigned each) : each_{each} {}
  stream_places(const stream_places&) = delete;
  stream_places& operator=(const stream_places&) = delete;

  /// One of a user's, given back when it is destroyed.
  class place {
  public:
    place(place&& x) noexcept : of_{std::exchange(x.of_, nullptr)}, user_{x.user_} {}
    place& operator=(place&&) = delete;
    ~place() {
      if (of_)
        of_->give_back(user_);
    }

  private:
    friend class stream_places;
    place(stream_places& of, const domain::uuid& user) : of_{&of}, user_{user} {}
    stream_places* of_;
    domain::uuid user_;
  };

  /// Nothing when the user has all of theirs.
  std::optional<place> try_take(const domain::uuid& user) {
    const std::lock_guard guard{mutex_};
    auto& taken = taken_[user];
    if (taken == each_)
      return std::nullopt;
    ++taken;
    return place{*this, user};
  }

private:
  void give_back(const domain::uuid& user) {
    const std::lock_guard guard{mutex_};
    const auto at = taken_.find(user);
    if (--at->second == 0)
      taken_.erase(at);
  }

  const unsigned each_; ///< not 0
  std::mutex mutex_;
  std::map<domain::uuid, unsigned> taken_; ///< none is 0
};

} // namespace souk::http
