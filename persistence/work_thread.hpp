// A thread that does one piece of work at a time, so that its owner goes on meanwhile.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace souk::persistence {

/// Used by its owner's thread. What the work touches belongs to it from `start` until `take`.
class work_thread {
public:
  work_thread();
  work_thread(const work_thread&) = delete;
  work_thread& operator=(const work_thread&) = delete;
  ~work_thread(); ///< after the work at hand

  /// Not before the work before it was taken. `done` is called on this thread when it has ended.
  void start(std::function<void()> work, std::function<void()> done);

  /// Whether work was started and is not taken yet.
  bool busy() const { return busy_; }

  /// Waits for the end of the work, then throws what it threw. Not if idle.
  void take();

private:
  void run();

  bool busy_ = false; ///< the owner's
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> work_; ///< empty: nothing to do
  std::function<void()> done_;
  std::exception_ptr thrown_;
  bool stop_ = false;
  std::thread thread_; ///< last: it uses the others
};

} // namespace souk::persistence
