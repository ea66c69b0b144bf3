#include "config/ending.hpp"

#include "actors/log.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

namespace souk::config {

std::jthread end_in_time(const std::atomic<bool>& failed) {
  return std::jthread{[&failed](const std::stop_token& ended) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock{mutex};
    wake.wait_for(lock, ended, std::chrono::milliseconds{9'900}, [] { return false; });
    if (ended.stop_requested())
      return;
    spdlog::warn("not all was ended in time, such as a database that does not answer");
    spdlog::default_logger()->flush();
    std::_Exit(failed ? 70 : 0);
  }};
}

} // namespace souk::config
