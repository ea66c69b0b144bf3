// What is on hand, and what is promised to whom. No framework.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace souk::stock {

/// One product's count: what the database confirmed, less what is held for orders on their way.
class ledger {
public:
  /// Takes over a count read or committed at `version`; an older one is ignored.
  void confirm(int64_t on_hand, int64_t version, int64_t updated_at);

  /// Forgets the count, which may be wrong; the holds stay.
  void doubt();

  /// Holds `quantity` for a reservation until `expires` (milliseconds since 1970); false if fewer
  /// are available.
  bool hold(int64_t reservation, int64_t quantity, int64_t expires);

  /// Ends a hold, whether it was sold or given up; false if there is none.
  bool end(int64_t reservation);

  /// Ends all holds that were to live until `now`; returns how many.
  size_t expire(int64_t now);

  bool holds(int64_t reservation) const { return holds_.contains(reservation); }
  bool known() const { return version_ >= 0; }
  int64_t on_hand() const { return on_hand_; }
  int64_t held() const { return held_; }
  int64_t available() const { return on_hand_ - held_; }
  int64_t version() const { return version_; }
  int64_t updated_at() const { return updated_at_; }

private:
  struct held_part {
    int64_t quantity;
    int64_t expires;
  };

  int64_t on_hand_ = 0;
  int64_t version_ = -1;
  int64_t updated_at_ = 0;
  int64_t held_ = 0;
  std::unordered_map<int64_t, held_part> holds_; ///< by reservation id
};

inline void ledger::confirm(int64_t on_hand, int64_t version, int64_t updated_at) {
  if (version <= version_)
    return;
  on_hand_ = on_hand;
  version_ = version;
  updated_at_ = updated_at;
}

inline void ledger::doubt() {
  version_ = -1;
}

inline bool ledger::hold(int64_t reservation, int64_t quantity, int64_t expires) {
  if (available() < quantity
      || !holds_.try_emplace(reservation, held_part{quantity, expires}).second)
    return false;
  held_ += quantity;
  return true;
}

inline bool ledger::end(int64_t reservation) {
  auto i = holds_.find(reservation);
  if (i == holds_.end())
    return false;
  held_ -= i->second.quantity;
  holds_.erase(i);
  return true;
}

inline size_t ledger::expire(int64_t now) {
  return std::erase_if(holds_, [&](auto& x) {
    if (x.second.expires > now)
      return false;
    held_ -= x.second.quantity;
    return true;
  });
}

} // namespace souk::stock
