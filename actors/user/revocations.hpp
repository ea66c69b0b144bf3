// Which access tokens are refused although they have not expired.
#pragma once

#include "actors/messages/store.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace souk::actors {

/// The revocations of this process, in the order in which they came; one list, filled at the start
/// from the database, then by the user shards. Any thread may use it. An entry is forgotten when
/// the tokens that it concerns have expired.
class revocations {
public:
  /// `lifetime`: of an access token.
  explicit revocations(std::chrono::milliseconds lifetime)
    : keep_ms_{lifetime.count() + slack_ms} {}

  /// `now`: milliseconds since 1970.
  void add(std::span<const revocation> items, int64_t now);

  uint64_t version() const { return version_.load(std::memory_order_acquire); }
  int64_t keep_ms() const { return keep_ms_; }
  size_t size() const;

private:
  friend class revocation_view;

  /// Clocks and whole seconds: a token's expiry is not exact.
  static constexpr int64_t slack_ms = 120'000;

  int64_t keep_ms_;
  mutable std::mutex mutex_;
  std::deque<revocation> log_;
  uint64_t dropped_ = 0; ///< how many were before the log's first
  std::atomic<uint64_t> version_{0};
};

/// One asker's copy, which takes over only what is new: asking costs one atomic load and a look
/// into a map. Not thread-safe.
class revocation_view {
public:
  revocation_view() = default;
  explicit revocation_view(std::shared_ptr<revocations> of) : list_{std::move(of)} {}

  /// Whether a token of this session, issued at `issued` (milliseconds since 1970), is refused.
  bool revoked(const domain::uuid& user, std::string_view session, int64_t issued);

  size_t size() const { return log_.size(); }

private:
  struct entry {
    std::string session;
    int64_t before = 0;
  };

  void renew();
  void forget(const revocation& x);

  std::shared_ptr<revocations> list_; ///< null: nothing is revoked
  uint64_t version_ = 0;
  uint64_t next_ = 0; ///< the place in the list's history that comes next
  std::deque<revocation> log_;
  std::unordered_map<domain::uuid, std::vector<entry>> by_user_;
};

} // namespace souk::actors
