#include "http/server/exchange.hpp"

#include "http/server/problem_text.hpp"

namespace souk::http {

reply::state::~state() {
  if (!to)
    return;
  try {
    response r;
    r.status = 503;
    r.content_type = problem_content_type;
    r.body = unanswered_body({}); // the session adds the request's id
    r.headers.emplace_back("X-Content-Type-Options", "nosniff");
    r.headers.emplace_back("Cache-Control", "no-store");
    r.headers.emplace_back("Retry-After", "1");
    answer(std::move(r));
  } catch (...) {
    // Out of memory, or the connection ended: nobody is left to be told.
  }
}

} // namespace souk::http
