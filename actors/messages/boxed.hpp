// A value that most messages of a kind do not have, and that would make each of them large.
#pragma once

#include <memory>
#include <utility>

namespace souk::actors {

/// As std::optional, but takes the room of a pointer when there is none: a message lies in memory
/// until its turn, and what it holds in vain pushes others out of the processor's caches. What was
/// moved from has no value.
template <class T>
class boxed {
public:
  boxed() = default;
  boxed(T x) : value_{std::make_unique<T>(std::move(x))} {}
  boxed(boxed&&) noexcept = default;
  boxed(const boxed& x) : value_{x ? std::make_unique<T>(*x) : nullptr} {}
  boxed& operator=(boxed x) noexcept {
    value_ = std::move(x.value_);
    return *this;
  }

  explicit operator bool() const { return value_ != nullptr; }
  bool has_value() const { return value_ != nullptr; }

  /// Only with a value.
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

  template <class... Args>
  T& emplace(Args&&... args) {
    value_ = std::make_unique<T>(std::forward<Args>(args)...);
    return *value_;
  }
  void reset() { value_.reset(); }

private:
  std::unique_ptr<T> value_;
};

} // namespace souk::actors
