// Writes the parts of JSON by appending to a string: the fast way out. No framework.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace souk::domain {

/// Appends a JSON string with its quotes. The result is always valid JSON in UTF-8: bytes of `text`
/// that are no UTF-8 become U+FFFD. U+0000 becomes `\u0000`, which PostgreSQL refuses: keep it out.
void append_json_string(std::string& out, std::string_view text);

/// Appends an integer in decimal digits.
void append_int(std::string& out, int64_t value);

} // namespace souk::domain
