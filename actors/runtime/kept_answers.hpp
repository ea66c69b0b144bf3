// Idempotency in a shard's memory: a short cut before the database, and the place where a second
// request waits for the first.
#pragma once

#include "actors/messages/order.hpp"
#include "actors/messages/product.hpp"
#include "actors/messages/store.hpp"
#include "actors/runtime/lru_cache.hpp"
#include "actors/runtime/promise.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace souk::actors {

/// The bytes of what a cache keeps, with what it keeps on the heap.
size_t bytes_of(const domain::product& x);
size_t bytes_of(const product_view& x);
size_t bytes_of(const category_view& x);
size_t bytes_of(const domain::kept_address& x);
size_t bytes_of(const domain::user& x);
size_t bytes_of(const cart_view& x);
size_t bytes_of(const domain::order& x);

/// What a cache of many entries needs for each besides: nodes, pointers, the key twice.
inline constexpr size_t entry_bytes = 200;

/// An order's weight in kilobytes, for caches that are told how many orders to keep: an ordinary
/// one is lighter than that and weighs one.
size_t weight_of(const domain::order& x);

/// The commands of one kind of answer in one shard. The database's row is the arbiter; losing this
/// memory loses nothing. It is bounded by its bytes: half a megabyte is 32 MiB for all shards. The
/// kinds are named at the end of kept_answers.cpp.
template <class T>
class kept_answers {
public:
  using promise = promised<answer<T>>;

  explicit kept_answers(size_t max_bytes = 512 * 1024);

  /// Whether the caller has to do the work. If not, the promise is answered, now or with the first.
  bool begin(const idempotency_key& key, const promise& p);

  /// The first one's work is committed.
  void succeed(const idempotency_key& key, const promise& p, const T& value, quota rest = {});

  /// The work was refused; so is it for those who waited, since only successes are kept.
  void fail(const idempotency_key& key, const promise& p, const caf::error& why);

  /// The database has an answer already: it is everyone's.
  void replayed(const idempotency_key& key, const promise& p, std::string fingerprint, T value);

private:
  struct done {
    std::string fingerprint;
    T value;
  };
  struct under_way {
    std::string fingerprint;
    std::vector<promise> waiting;
  };

  static void replay(const promise& p, const done& d, const std::string& fingerprint);
  void finish(const idempotency_key& key, done d);

  lru_cache<std::string, done> done_;
  std::unordered_map<std::string, under_way> open_;
};

} // namespace souk::actors
