// Drives a work_thread from the test's thread.
#include "persistence/work_thread.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

namespace souk::tests {

using persistence::work_thread;

TEST_CASE("work runs on another thread while its owner goes on") {
  std::promise<void> may_end;
  std::thread::id where;
  std::promise<void> told;
  work_thread w; // last: it tells after the work was taken, maybe
  CHECK(!w.busy());
  w.start(
    [&] {
      may_end.get_future().wait();
      where = std::this_thread::get_id();
    },
    [&] { told.set_value(); });
  CHECK(w.busy());
  may_end.set_value();
  told.get_future().wait();
  CHECK(w.busy()); // until it is taken
  w.take();
  CHECK(!w.busy());
  CHECK(where != std::this_thread::get_id());
}

TEST_CASE("one piece of work follows the other") {
  std::atomic<int> told{0};
  int sum = 0;
  work_thread w;
  for (int i = 1; i <= 1000; ++i) {
    w.start([&, i] { sum += i; }, [&] { ++told; });
    w.take();
    CHECK(sum == i * (i + 1) / 2);
  }
}

TEST_CASE("what work throws is thrown to its owner, and the next one runs") {
  bool ran = false;
  work_thread w;
  w.start([] { throw std::runtime_error("no"); }, [] {});
  CHECK_THROWS_AS(w.take(), std::runtime_error);
  w.start([&] { ran = true; }, [] {});
  w.take();
  CHECK(ran);
}

TEST_CASE("it ends after the work at hand") {
  std::atomic<bool> ran{false};
  {
    work_thread w;
    w.start([&] { ran = true; }, [] {});
  }
  CHECK(ran);
}

} // namespace souk::tests
