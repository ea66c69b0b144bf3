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

/// What a text or an address has on the heap; short texts have nothing there.
inline size_t heap_of(const std::string& x) {
  return x.capacity() > std::string{}.capacity() ? x.capacity() + 1 : 0;
}
inline size_t heap_of(const domain::address& x) {
  return heap_of(x.street) + heap_of(x.city) + heap_of(x.state) + heap_of(x.postal_code)
         + heap_of(x.country);
}

/// The bytes of what a cache keeps, with what it keeps on the heap.
template <class T>
size_t bytes_of(const T&) {
  return sizeof(T);
}
inline size_t bytes_of(const domain::product& x) {
  return sizeof x + heap_of(x.external_id) + heap_of(x.name) + heap_of(x.detail)
         + heap_of(x.image_url);
}
inline size_t bytes_of(const product_view& x) {
  return bytes_of(x.product) + sizeof x.stock;
}
inline size_t bytes_of(const category_view& x) {
  return sizeof x + heap_of(x.category.name);
}
inline size_t bytes_of(const domain::kept_address& x) {
  return sizeof x + heap_of(x.where);
}
inline size_t bytes_of(const domain::user& x) {
  return sizeof x + heap_of(x.username) + heap_of(x.email) + heap_of(x.first_name)
         + heap_of(x.last_name) + heap_of(x.full_name) + heap_of(x.phone);
}
inline size_t bytes_of(const cart_view& x) {
  auto sum = sizeof x;
  for (const auto& item : x.items)
    sum += sizeof item + heap_of(item.name) + heap_of(item.external_id);
  return sum;
}
inline size_t bytes_of(const domain::order& x) {
  auto sum = sizeof x + heap_of(x.note) + x.changes.size() * sizeof(domain::order_history_entry);
  for (const auto& line : x.lines)
    sum += sizeof line + heap_of(line.product_name) + heap_of(line.external_id);
  return x.shipping_address ? sum + heap_of(*x.shipping_address) : sum;
}

/// What a cache of many entries needs for each besides: nodes, pointers, the key twice.
inline constexpr size_t entry_bytes = 200;

/// An order's weight in kilobytes, for caches that are told how many orders to keep: an ordinary
/// one is lighter than that and weighs one.
inline size_t weight_of(const domain::order& x) {
  return 1 + (entry_bytes + bytes_of(x)) / 1024;
}

/// The commands of one kind of answer in one shard. The database's row is the arbiter; losing this
/// memory loses nothing. It is bounded by its bytes: half a megabyte is 32 MiB for all shards.
template <class T>
class kept_answers {
public:
  using promise = promised<answer<T>>;

  explicit kept_answers(size_t max_bytes = 512 * 1024) : done_{max_bytes} {}

  /// Whether the caller has to do the work. If not, the promise is answered, now or with the first.
  bool begin(const idempotency_key& key, const promise& p) {
    if (key.id.empty())
      return true;
    if (auto* d = done_.find(key.id)) {
      replay(p, *d, key.fingerprint);
      return false;
    }
    auto [i, first] = open_.try_emplace(key.id, under_way{key.fingerprint, {}});
    if (first)
      return true;
    if (i->second.fingerprint == key.fingerprint) {
      p.if_lost(ec::outcome_unknown); // the first one may have been written
      i->second.waiting.push_back(p);
    } else {
      p.fail(ec::idempotency_key_reused);
    }
    return false;
  }

  /// The first one's work is committed.
  void succeed(const idempotency_key& key, const promise& p, const T& value, quota rest = {}) {
    p.deliver({value, false, rest});
    if (!key.id.empty())
      finish(key, done{key.fingerprint, value});
  }

  /// The work was refused; so is it for those who waited, since only successes are kept.
  void fail(const idempotency_key& key, const promise& p, const caf::error& why) {
    p.fail(why);
    if (auto i = open_.extract(key.id))
      for (auto& w : i.mapped().waiting)
        w.fail(why);
  }

  /// The database has an answer already: it is everyone's.
  void replayed(const idempotency_key& key, const promise& p, std::string fingerprint, T value) {
    done d{std::move(fingerprint), std::move(value)};
    replay(p, d, key.fingerprint);
    finish(key, std::move(d));
  }

private:
  struct done {
    std::string fingerprint;
    T value;
  };
  struct under_way {
    std::string fingerprint;
    std::vector<promise> waiting;
  };

  static void replay(const promise& p, const done& d, const std::string& fingerprint) {
    if (d.fingerprint == fingerprint)
      p.deliver({d.value, true, {}});
    else
      p.fail(ec::idempotency_key_reused);
  }

  void finish(const idempotency_key& key, done d) {
    if (auto i = open_.extract(key.id))
      for (auto& w : i.mapped().waiting)
        replay(w, d, i.mapped().fingerprint);
    const auto weight = entry_bytes + 2 * key.id.size() + d.fingerprint.size() + bytes_of(d.value);
    done_.put(key.id, std::move(d), weight);
  }

  lru_cache<std::string, done> done_;
  std::unordered_map<std::string, under_way> open_;
};

} // namespace souk::actors
