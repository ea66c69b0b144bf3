// What an account may be called. Who registers and who sets the first administrator's name are held
// to the same.
#pragma once

#include <string_view>

namespace souk::domain {

/// 3 to 64 letters a to z in either case, digits and `. _ - +`.
bool is_username(std::string_view text);

/// At most 254 bytes; one `@`; before it 1 to 64 visible ASCII characters without quotes, brackets,
/// commas and the like, dots only between others; after it at least two labels of letters, digits
/// and hyphens with a dot between. Stricter than RFC 5322, whose rarer forms mail servers refuse.
bool is_email_address(std::string_view text);

} // namespace souk::domain
