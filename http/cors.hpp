// Cross-origin requests: which web pages may call the API from a browser.
// Source: https://fetch.spec.whatwg.org/#http-cors-protocol
#pragma once

#include "http/server/exchange.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace souk::http {

struct cors_rules {
  bool everyone = false;
  std::vector<std::string> origins = {}; ///< as browsers send them, e.g. `https://shop.example`

  bool off() const { return !everyone && origins.empty(); }
  bool allows(std::string_view origin) const;
};

/// Reads `*`, or a list with commas between.
cors_rules parse_origins(std::string_view text);

/// An application that lets pages of these origins read the answers of `inner`. Tokens are sent in
/// a header that a page must know, so cookies and other credentials of the browser play no part.
std::unique_ptr<application> with_cors(std::unique_ptr<application> inner, cors_rules rules);

} // namespace souk::http
