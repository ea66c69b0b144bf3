// The external catalog as the shop sees it: answers that are kept, and a source that may fail.
// Knows neither CAF nor libcurl.
#pragma once

#include "actors/external/breaker.hpp"
#include "actors/external/config.hpp"
#include "actors/external/fetch.hpp"
#include "actors/messages/external.hpp"
#include "actors/runtime/lru_cache.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace souk::external {

/// Keeps what was found for `ttl`, what was not for `not_found_ttl` and what cannot be used for
/// `unusable_ttl`, within `kept_bytes`; asks the source for the rest, unless it has failed too
/// often. What is too old is never used, even if the source is gone. Used by one thread.
class catalog {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using source = std::function<fetched(const std::string& id)>;
  using clock = std::function<time_point()>;

  catalog(const actors::external_config& config, source from,
          clock now = std::chrono::steady_clock::now);

  /// The answer, if it is known without asking.
  std::optional<actors::external_answer> kept(const std::string& id);

  /// The answer; blocks while the source is asked.
  actors::external_answer find(const std::string& id);

private:
  struct entry {
    actors::external_answer answer;
    time_point until;
  };

  /// What an answer of the source means, and for how long that is believed.
  struct verdict {
    actors::external_answer answer;
    std::chrono::seconds ttl{0};
  };

  verdict ask(const std::string& id);
  verdict read(const std::string& id, const fetched& answer);
  verdict not_found();
  /// The source is there, but what it says of this product is of no use. Says nothing of others.
  verdict unusable(const std::string& id, const std::string& why);
  /// The source itself fails.
  verdict fail(const std::string& id, const std::string& why);

  actors::external_config config_;
  source source_;
  clock now_;
  circuit_breaker breaker_;
  actors::lru_cache<std::string, entry> kept_;
};

} // namespace souk::external
