#include "persistence/work_thread.hpp"

#include <pthread.h>

#include <utility>

namespace souk::persistence {

work_thread::work_thread() : thread_{[this] { run(); }} {}

work_thread::~work_thread() {
  {
    std::lock_guard lock{mutex_};
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void work_thread::start(std::function<void()> work, std::function<void()> done) {
  {
    std::lock_guard lock{mutex_};
    work_ = std::move(work);
    done_ = std::move(done);
  }
  busy_ = true;
  changed_.notify_all();
}

void work_thread::take() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return !work_; });
  busy_ = false;
  if (thrown_)
    std::rethrow_exception(std::exchange(thrown_, {}));
}

void work_thread::run() {
  pthread_setname_np(pthread_self(), "souk.database"); // at most 15 characters
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return stop_ || work_; });
    if (!work_)
      return;
    lock.unlock();
    std::exception_ptr thrown;
    try {
      work_();
    } catch (...) {
      thrown = std::current_exception();
    }
    lock.lock();
    thrown_ = std::move(thrown);
    work_ = nullptr;
    auto done = std::exchange(done_, nullptr);
    changed_.notify_all();
    lock.unlock();
    done();
    done = nullptr; // it may hold the last reference to something that ends this thread
    lock.lock();
  }
}

} // namespace souk::persistence
