// Customers who order without pause, remember what they were told, and ask again when in doubt.
#pragma once

#include "tests/system/support/shop.hpp"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace souk::tests {

/// Each customer has a thread and sends one order after the other, each under a key of its own. A
/// 503 is repeated with the same key. A lost connection ends the thread; its order is in doubt.
class order_load {
public:
  /// Begins at once. `shop` must outlive this object.
  order_load(const shop& where, std::vector<account> customers, std::vector<int64_t> products);
  order_load(const order_load&) = delete;
  order_load& operator=(const order_load&) = delete;
  ~order_load(); ///< stops

  /// Lets each customer end the request at hand and waits for them.
  void stop();

  size_t acknowledged() const { return acknowledged_; }
  size_t refused() const { return refused_; } ///< answers 503

  /// After stop(): asks about every order in doubt, with its key; throws unexpected_answer if one
  /// is not placed then.
  void settle();

  /// The ids that were acknowledged, and how often each was.
  std::map<int64_t, int> orders() const;

  /// Answers that were neither 201 nor a proper 503, and answers under one key that differ.
  std::vector<std::string> complaints() const;

private:
  struct open_order {
    size_t customer = 0;
    std::string key;
    json body;
  };

  void work(size_t customer);
  bool ask(client& to, const open_order& what); ///< whether it is decided
  void complain(const std::string& what);
  void pause();

  const shop& shop_;
  const std::vector<account> customers_;
  const std::vector<int64_t> products_;
  std::atomic<size_t> acknowledged_ = 0;
  std::atomic<size_t> refused_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex guard_;
  std::condition_variable stopped_;
  std::map<int64_t, int> orders_;
  std::vector<open_order> in_doubt_;
  std::vector<std::string> complaints_;
  std::vector<std::jthread> threads_;
};

} // namespace souk::tests
