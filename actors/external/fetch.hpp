// Asks the external catalog over HTTP, within limits. Hides libcurl.
#pragma once

#include "actors/external/config.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace souk::external {

/// What a request came to.
struct fetched {
  long status = 0; ///< of HTTP, after redirects; 0: there was no whole answer
  std::string body;
  std::string why; ///< for the log, if there was no whole answer
  /// There was an answer, but it leads where this side does not go, or is too large: that says
  /// nothing of other products. Only with status 0.
  bool refused = false;
};

/// Whether a catalog can stand at an address: http or https with a host, without query and
/// fragment.
bool usable_url(const std::string& url);

/// One connection to the catalog, kept open between requests. Used by one thread; blocks it for at
/// most `timeout`. Follows redirects to http and https only, never from https to http, and connects
/// to no address that is not public, unless `allow_private` is set or the configured URL itself
/// names that address and port. The address is checked when the socket is made, so that it does not
/// matter what a name resolved to before. Uses no proxy: the addresses behind it would be unseen.
class fetcher {
public:
  explicit fetcher(const actors::external_config& config);
  fetcher(fetcher&&) noexcept;
  fetcher& operator=(fetcher&&) noexcept;
  ~fetcher();

  /// Asks for a product. Does not throw but std::bad_alloc.
  fetched get(const std::string& id);

private:
  struct connection;
  std::unique_ptr<connection> connection_;
};

} // namespace souk::external
