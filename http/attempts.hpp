// Who tried how often: what stands between a guesser and the passwords.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace souk::http {

/// At most `count` in any `window`; count 0: no limit.
struct attempt_limit {
  uint32_t count = 0;
  std::chrono::milliseconds window{0};
};

/// Counts attempts by key over a sliding window. At most `max_keys` keys are remembered: then the
/// one that tried longest ago is forgotten. Thread-safe.
class attempt_counter {
public:
  explicit attempt_counter(attempt_limit limit, size_t max_keys = 100'000)
    : limit_{limit}, max_keys_{max_keys} {}

  /// Whole seconds until the key may try again; 0: it may. `now`: milliseconds of any clock.
  int64_t wait(const std::string& key, int64_t now);

  void count(const std::string& key, int64_t now);

  /// How many attempts are left to a key, and whole seconds until there is one more.
  std::pair<int64_t, int64_t> left(const std::string& key, int64_t now) const;

  const attempt_limit& limit() const { return limit_; }
  size_t size() const;

private:
  struct entry {
    std::string key;
    std::deque<int64_t> times; ///< the last `count` ones
  };

  attempt_limit limit_;
  size_t max_keys_;
  mutable std::mutex mutex_;
  std::list<entry> order_; ///< who tried last is first
  std::unordered_map<std::string_view, std::list<entry>::iterator> index_; ///< into `order_`
};

/// The limits of all io threads. Failures are counted, so that whoever knows their password never
/// waits; an account's are counted for each address apart, so that nobody locks another's out.
struct attempt_limits {
  attempt_limits(attempt_limit address, attempt_limit account, attempt_limit registration)
    : addresses{address}, accounts{account}, registrations{registration} {}

  attempt_counter addresses;
  attempt_counter accounts;
  attempt_counter registrations;
};

/// The address of an entry of X-Forwarded-For, to which some proxies add a port: `192.0.2.1:8080`,
/// `[2001:db8::1]:443`. Empty: it is none. A view into `entry`.
std::string_view address_in(std::string_view entry);

/// Whom an address stands for: an IPv4 address for itself, an IPv6 address for its network of 64
/// bits, which is what one customer gets.
std::string client_of(std::string_view address);

} // namespace souk::http
