// One step of the way of many requests, done for all of them in a row.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <functional>
#include <utility>
#include <vector>

namespace souk::http {

/// Gathers what is to go through one step, and takes it through in a later round of the event loop.
/// A request goes through more code than a processor's instruction cache holds (32 KiB); one after
/// the other from end to end, each would fetch all of it anew. Step by step, all but the first of a
/// round find it there (cohort scheduling: Larus and Parkes, USENIX 2002). On the context's one
/// thread only. The context outlives it, and runs no longer when it goes.
template <class Item>
class stage {
public:
  /// `step` must not throw.
  stage(boost::asio::io_context& io, std::function<void(const Item&)> step)
    : io_{io}, step_{std::move(step)} {}
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  /// Throws std::bad_alloc, and has not taken the item then.
  void add(Item item) {
    waiting_.push_back(std::move(item));
    if (waiting_.size() > 1)
      return;
    try {
      boost::asio::post(io_, [this] { run(); });
    } catch (...) {
      waiting_.pop_back();
      throw;
    }
  }

  /// Takes through at once what waits; what is added meanwhile comes later.
  void run() {
    auto all = std::exchange(waiting_, {});
    for (const auto& item : all)
      step_(item);
    all.clear();
    if (waiting_.empty())
      waiting_ = std::move(all); // keeps the room
  }

private:
  boost::asio::io_context& io_;
  std::function<void(const Item&)> step_;
  std::vector<Item> waiting_;
};

} // namespace souk::http
