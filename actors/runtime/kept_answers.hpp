// Idempotency in a shard's memory: a short cut before the database, and the place where a second
// request waits for the first.
#pragma once

#include "actors/messages/store.hpp"
#include "actors/runtime/lru_cache.hpp"
#include "actors/runtime/promise.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace souk::actors {

/// What an answer weighs in a cache: about one for each quarter of a kilobyte.
template <class T>
size_t weight_of(const T&) {
  return 1;
}
inline size_t weight_of(const domain::order& x) {
  return 1 + x.lines.size() / 4;
}

/// The commands of one kind of answer in one shard. The database's row is the arbiter; losing this
/// memory loses nothing.
template <class T>
class kept_answers {
public:
  using promise = promised<answer<T>>;

  explicit kept_answers(size_t capacity = 1024) : done_{capacity} {}

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
  void succeed(const idempotency_key& key, const promise& p, const T& value) {
    p.deliver({value, false});
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
      p.deliver({d.value, true});
    else
      p.fail(ec::idempotency_key_reused);
  }

  void finish(const idempotency_key& key, done d) {
    if (key.id.empty())
      return;
    if (auto i = open_.extract(key.id))
      for (auto& w : i.mapped().waiting)
        replay(w, d, i.mapped().fingerprint);
    auto weight = weight_of(d.value);
    done_.put(key.id, std::move(d), weight);
  }

  lru_cache<std::string, done> done_;
  std::unordered_map<std::string, under_way> open_;
};

} // namespace souk::actors
