// Waiting for conditions and starting threads together. No test sleeps for a fixed time.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

namespace souk::tests {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// Looks at a condition again and again until it holds; false if it does not within `limit`.
template <class Condition>
bool eventually(milliseconds limit, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end)
      return false;
    std::this_thread::sleep_for(5ms); // tidy: allow sleep, because this is how a test waits
  }
  return true;
}

/// Runs `work(0)` to `work(count - 1)`, a thread each, which begin at the same moment. Rethrows the
/// first exception when all have ended. Catch2's assertions belong on the caller's thread: let
/// `work` store what it saw.
template <class Work>
void in_parallel(size_t count, Work work) {
  std::latch start{static_cast<std::ptrdiff_t>(count)};
  std::mutex guard;
  std::exception_ptr first;
  {
    std::vector<std::jthread> threads;
    threads.reserve(count);
    for (size_t i = 0; i < count; ++i)
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        try {
          work(i);
        } catch (...) {
          const std::lock_guard lock{guard};
          if (!first)
            first = std::current_exception();
        }
      });
  }
  if (first)
    std::rethrow_exception(first);
}

} // namespace souk::tests
