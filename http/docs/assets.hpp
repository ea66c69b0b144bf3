// The files of the page at /docs, which are part of the binary.
#pragma once

#include <span>
#include <string_view>

namespace souk::http {

/// One embedded file. All of static storage.
struct docs_asset {
  std::string_view path; ///< where it is served, e.g. `/docs/0123456789abcdef/start.js`
  std::string_view content_type;
  std::string_view tag; ///< its ETag, strong
  std::string_view bytes;
};

/// The page first, at `/docs`, then what it loads; empty if the build had no Swagger UI.
/// Defined in a generated source: see embed.cmake.
std::span<const docs_asset> docs_assets();

} // namespace souk::http
