// The standard names of status codes.
#pragma once

#include <string_view>

namespace souk::http {

/// The reason phrase of RFC 9110, e.g. `Not Found`; `Unknown` for a code that Souk never sends.
std::string_view status_text(unsigned status);

} // namespace souk::http
