// A bounded number of requests at work in one domain; the rest are refused at the door, because the
// mailboxes behind it have no bound.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace souk::http {

/// One domain's door, shared by all io threads. Must outlive its tickets.
class admission {
public:
  explicit admission(uint32_t bound) : bound_{bound} {}
  admission(const admission&) = delete;
  admission& operator=(const admission&) = delete;

  /// A place inside, given back when it is destroyed.
  class ticket {
  public:
    ticket() = default;
    ticket(ticket&& x) noexcept : door_{std::exchange(x.door_, nullptr)} {}
    ticket& operator=(ticket&& x) noexcept {
      std::swap(door_, x.door_);
      return *this;
    }
    ~ticket() {
      if (door_)
        door_->inside_.fetch_sub(1, std::memory_order_relaxed);
    }

    explicit operator bool() const { return door_ != nullptr; }

  private:
    friend class admission;
    explicit ticket(admission* door) : door_{door} {}
    admission* door_ = nullptr;
  };

  /// A ticket that is false when all places are taken.
  ticket try_enter() {
    if (inside_.fetch_add(1, std::memory_order_relaxed) < bound_)
      return ticket{this};
    inside_.fetch_sub(1, std::memory_order_relaxed);
    return {};
  }

  uint32_t inside() const { return inside_.load(std::memory_order_relaxed); }

private:
  std::atomic<uint32_t> inside_{0};
  const uint32_t bound_;
};

} // namespace souk::http
