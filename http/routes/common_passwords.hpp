// The passwords that everyone tries first.
#pragma once

#include <string_view>

namespace souk::http {

/// Whether a password is one of the 3,000 most common ones, as typed or with its ASCII letters
/// lower-cased. The list is that of Debian's package john-data, taken over when Souk is built.
bool is_common_password(std::string_view password);

} // namespace souk::http
