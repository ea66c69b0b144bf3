// Where a domain's shards are: a table that its supervisor keeps and everyone else reads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

namespace souk::actors {

/// The current address of each shard. Its supervisor is the only writer; any thread may read.
template <class Handle>
class shard_table {
public:
  explicit shard_table(uint32_t shards) : slots_(shards) {}

  uint32_t size() const { return static_cast<uint32_t>(slots_.size()); }

  void set(uint32_t shard, Handle h) {
    std::lock_guard guard{mutex_};
    slots_[shard] = std::move(h);
    version_.fetch_add(1, std::memory_order_release);
  }

  /// Lets go of all addresses: before the actor system ends.
  void clear() {
    std::lock_guard guard{mutex_};
    for (auto& x : slots_)
      x = Handle{};
    version_.fetch_add(1, std::memory_order_release);
  }

  uint64_t version() const { return version_.load(std::memory_order_acquire); }

  /// Counts through all shards, for all who ask together: they would meet at one otherwise.
  uint32_t next() { return turn_.fetch_add(1, std::memory_order_relaxed) % size(); }

  std::pair<std::vector<Handle>, uint64_t> snapshot() const {
    std::lock_guard guard{mutex_};
    return {slots_, version_.load(std::memory_order_relaxed)};
  }

private:
  mutable std::mutex mutex_;
  std::vector<Handle> slots_;
  std::atomic<uint64_t> version_{1};
  std::atomic<uint32_t> turn_{0};
};

/// One asker's view of a shard_table: a copy of the addresses that is renewed only when the table
/// changed, so that looking one up costs one atomic load. Each actor holds its own; not
/// thread-safe.
template <class Handle>
class router {
public:
  router() = default;
  explicit router(std::shared_ptr<shard_table<Handle>> table) : table_{std::move(table)} {}

  uint32_t size() const { return table_ ? table_->size() : 0; }

  /// The shard's address; null (`!at(i)`) until it has been started for the first time. A request
  /// to one that has just crashed fails at once with `request_receiver_down`.
  const Handle& at(uint32_t shard) {
    if (version_ != table_->version())
      std::tie(copy_, version_) = table_->snapshot();
    return copy_[shard];
  }

  /// Any of them, in turn: for pools of workers and for questions that every shard can answer.
  const Handle& any() { return at(table_->next()); }

private:
  std::shared_ptr<shard_table<Handle>> table_;
  std::vector<Handle> copy_;
  uint64_t version_ = 0;
};

} // namespace souk::actors
