#include "http/attempts.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace souk::http {

int64_t attempt_counter::wait(const std::string& key, int64_t now) {
  if (limit_.count == 0)
    return 0;
  const std::lock_guard guard{mutex_};
  const auto at = index_.find(key);
  if (at == index_.end() || at->second->times.size() < limit_.count)
    return 0;
  const auto left = at->second->times.front() + limit_.window.count() - now;
  return left <= 0 ? 0 : (left + 999) / 1000;
}

void attempt_counter::count(const std::string& key, int64_t now) {
  if (limit_.count == 0)
    return;
  const std::lock_guard guard{mutex_};
  if (const auto at = index_.find(key); at != index_.end()) {
    order_.splice(order_.begin(), order_, at->second);
  } else {
    order_.push_front({key, {}});
    index_.emplace(order_.front().key, order_.begin());
  }
  auto& times = order_.front().times;
  times.push_back(now);
  if (times.size() > limit_.count)
    times.pop_front();
  // Those at the end tried longest ago: forgotten when it no longer counts, or for want of space.
  while (order_.size() > max_keys_ || order_.back().times.back() + limit_.window.count() < now) {
    index_.erase(order_.back().key);
    order_.pop_back();
  }
}

std::pair<int64_t, int64_t> attempt_counter::left(const std::string& key, int64_t now) const {
  const std::lock_guard guard{mutex_};
  const auto at = index_.find(key);
  if (at == index_.end())
    return {limit_.count, 0};
  const auto& times = at->second->times;
  const auto first = std::find_if(times.begin(), times.end(),
                                  [&](auto t) { return t + limit_.window.count() > now; });
  if (first == times.end())
    return {limit_.count, 0};
  return {static_cast<int64_t>(limit_.count) - (times.end() - first),
          (*first + limit_.window.count() - now + 999) / 1000};
}

size_t attempt_counter::size() const {
  const std::lock_guard guard{mutex_};
  return order_.size();
}

std::string_view address_in(std::string_view entry) {
  if (entry.starts_with('[')) {
    const auto end = entry.find(']');
    entry = end == entry.npos ? std::string_view{} : entry.substr(1, end - 1);
  } else if (const auto colon = entry.find(':'); colon == entry.rfind(':')) {
    entry = entry.substr(0, colon); // IPv6 has at least two
  }
  const std::string text{entry.substr(0, entry.find('%'))};
  std::array<unsigned char, 16> bytes{};
  const bool is_address = inet_pton(AF_INET, text.c_str(), bytes.data()) == 1
                          || inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
  return is_address ? entry : std::string_view{};
}

std::string client_of(std::string_view address) {
  const std::string text{address.substr(0, address.find('%'))};
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1)
    return text;
  constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) {
    std::array<char, INET_ADDRSTRLEN> out{};
    return inet_ntop(AF_INET, bytes.data() + 12, out.data(), out.size());
  }
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  std::array<char, INET6_ADDRSTRLEN> out{};
  return std::string{inet_ntop(AF_INET6, bytes.data(), out.data(), out.size())} + "/64";
}

} // namespace souk::http
