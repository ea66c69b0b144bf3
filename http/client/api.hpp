// The shop's API as one administrator uses it: logged in, patient, and never in doubt whether a
// change was made.
#pragma once

#include "http/client/pool.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace souk::client {

/// Which shop, and who asks.
struct shop_login {
  std::string url;
  std::string username;
  std::string password;
  unsigned connections = 8;
};

/// How long a server that is lost or busy is asked again. Retry-After comes before `first_wait`.
/// `waits`, if it is set, hears why something is sent again that waits for longer than 2 s; at most
/// every 10 s.
struct patience {
  milliseconds first_wait{100}; ///< doubled each time, at random by up to a half less
  milliseconds longest_wait{5'000};
  milliseconds give_up{120'000}; ///< since a request was first sent
  milliseconds answer{60'000};   ///< for one answer
  std::function<void(const std::string& why)> waits{};
};

/// What a problem says, on one line: its detail and its errors; without a problem, the status.
std::string describe(const reply& x);

/// Percent-encodes what stands in a path or query.
std::string url_encoded(std::string_view text);

/// The target of `Link: <...>; rel="next"`, without scheme and host; empty: none.
std::string next_target(std::string_view link);

/// For one thread, like its pool. A request is repeated with the same Idempotency-Key after 429,
/// 502, 503, 504 and after a lost connection, and once the token has expired, with a new one.
class api {
public:
  using handler = std::function<void(const reply&)>;

  explicit api(shop_login who, patience how = {});

  /// Throws client_error if nobody answers, or if the password is wrong.
  void log_in();

  /// The answer goes to `then`, whatever its status is. Inside run_once() client_error is thrown
  /// when patience is at its end.
  /// It is sent `after` that time.
  void send(std::string method, std::string target, std::string body, handler then,
            milliseconds after = milliseconds{0});

  /// The same, waiting for it; others go on meanwhile. Throws client_error.
  reply call(std::string method, std::string target, std::string body = {});

  /// The same for what must succeed: throws client_error, which begins with `what` and ends with
  /// what the server said, unless the status is 2xx.
  std::string fetch(const std::string& what, std::string method, std::string target,
                    std::string body = {});

  /// Gives every element of a list, page by page, as raw JSON to `each`.
  void list(const std::string& what, std::string target,
            const std::function<void(std::string_view)>& each);

  /// Throws client_error once the process was interrupted, see catch_interrupts().
  void run_once();

  /// Lets the operator hear that something begun at `begin` is not asked again before `next`.
  void say_waits(const std::string& why, clock::time_point begin, clock::time_point next);
  size_t busy() const { return pool_.busy() + unauthorized_.size(); }
  const patience& how_patient() const { return how_; }
  unsigned connections() const { return pool_.connections(); }
  const std::string& url() const { return pool_.url(); }

private:
  struct errand {
    request what;
    handler then;
    std::string key;
    clock::time_point begin;
    milliseconds wait;
    uint64_t token = 0;   ///< the one it was sent with
    unsigned refused = 0; ///< how often a token was
  };

  void dispatch(errand x, clock::time_point when = {});
  void answered(errand x, reply got);
  void again(errand x, const reply& got);
  clock::time_point next_try(errand& x, const reply& got) const;
  void renew();

  shop_login who_;
  patience how_;
  pool pool_;
  std::string token_;
  uint64_t tokens_ = 0; ///< how many there were; 0: not logged in
  bool renewing_ = false;
  clock::time_point said_{};         ///< when the operator was told last that something waits
  std::vector<errand> unauthorized_; ///< wait for the next token
};

} // namespace souk::client
