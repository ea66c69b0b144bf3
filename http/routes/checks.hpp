// What every request passes before its handler, in this order. Each check fills its part of the
// context, or answers the request and returns false.
#pragma once

#include "http/routes/request_context.hpp"

namespace souk::http {

/// Without the spaces and tabs at both ends, as in a list in a header.
std::string_view trim(std::string_view text);

/// 503 at once when too many requests of the route's domain are at work.
bool admit(request_context& ctx);

/// 401 or 403, as the route demands.
bool authenticate(request_context& ctx);

/// Goes on with the request. Whom a trusted proxy names must be an account that is not disabled:
/// 401.
void with_known_caller(const context_ptr& ctx, void (*go)(const context_ptr&));

/// For an answer that goes on for long: whether the caller is still who it was.
bool still_authenticated(request_context& ctx);

/// Idempotency-Key on changes: 400 if it is malformed.
bool take_key(request_context& ctx);

/// For callers who are nobody yet, and would share their keys with strangers: from here on the key
/// is one of `subject`, which the request is about.
void narrow_key(request_context& ctx, std::string_view subject);

/// 400 for a broken query, 422 for values that are not acceptable.
bool take_query(request_context& ctx);

/// 400, 415 or 422.
bool take_body(request_context& ctx);

} // namespace souk::http
