// The name of one request, on its answer and on every log line.
#pragma once

#include <string>
#include <string_view>

namespace souk::http {

/// Whether a client's id may be taken over: 1 to 64 of `[A-Za-z0-9._-]`.
bool is_valid_request_id(std::string_view id);

/// A new id of 15 characters, which fit into a std::string without an allocation: 8 that are random
/// per thread, 7 that count. Any thread.
std::string make_request_id();

} // namespace souk::http
