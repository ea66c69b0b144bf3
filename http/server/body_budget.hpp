// How much memory large bodies may take while they are being read.
#pragma once

#include <cstddef>
#include <cstdint>

namespace souk::http {

/// One io thread's; what is left of it.
class body_budget {
public:
  explicit body_budget(uint64_t bytes) : left_{bytes} {}

private:
  friend class body_share;
  uint64_t left_;
};

/// What one connection has of the budget, which must outlive it. Small bodies are free: whoever
/// fills the budget with large ones shall not keep others from ordering.
class body_share {
public:
  static constexpr std::size_t free_bytes = 16'384;

  explicit body_share(body_budget& of) : of_{of} {}
  ~body_share() { release(); }
  body_share(const body_share&) = delete;
  body_share& operator=(const body_share&) = delete;

  /// False: there is not so much left, and the share is as it was.
  bool grow_to(std::size_t bytes) {
    if (bytes <= free_bytes || bytes <= held_)
      return true;
    if (bytes - held_ > of_.left_)
      return false;
    of_.left_ -= bytes - held_;
    held_ = bytes;
    return true;
  }

  void release() {
    of_.left_ += held_;
    held_ = 0;
  }

private:
  body_budget& of_;
  uint64_t held_ = 0;
};

} // namespace souk::http
