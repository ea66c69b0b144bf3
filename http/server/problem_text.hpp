// Errors as RFC 9457 problem details.
#pragma once

#include <string>
#include <string_view>

namespace souk::http {

/// The content type of every body made here.
inline constexpr std::string_view problem_content_type = "application/problem+json";

/// The JSON text of a problem; `title` is the status' standard name. `code` is what clients may
/// compare. `request_id` becomes `instance`; empty: left out.
std::string problem_body(unsigned status, std::string_view code, std::string_view detail,
                         std::string_view request_id);

/// The problem of a request that nobody answered (503 `outcome_unknown`).
std::string unanswered_body(std::string_view request_id);

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so that
/// what a client sent can be quoted back to it.
void append_json_string(std::string& out, std::string_view text);

} // namespace souk::http
