#include "http/docs/assets.hpp"
#include "http/routes/request_context.hpp"

#include <algorithm>

namespace souk::http {
namespace {

// Swagger UI's style sheet has its icons as data: addresses; all else comes from here.
constexpr const char* page_policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

void asset(const context_ptr& ctx) {
  const auto all = docs_assets();
  const auto at =
    std::find_if(all.begin(), all.end(), [&](const auto& x) { return x.path == ctx->at->path; });
  if (at == all.end())
    return fail(*ctx, {404, "not_found",
                       "This build has no page to try the API: build with npm at hand to get it. "
                       "/openapi.json describes the API."});
  auto answer = make_answer(*ctx, 200, std::string{at->bytes}, std::string{at->tag});
  answer.content_type = at->content_type;
  if (at == all.begin()) { // the page, whose address stays when what it loads changes
    answer.headers.emplace_back("Cache-Control", "no-cache");
    answer.headers.emplace_back("Content-Security-Policy", page_policy);
    answer.headers.emplace_back("Referrer-Policy", "no-referrer");
  } else {
    answer.headers.emplace_back("Cache-Control", "public, max-age=31536000, immutable");
  }
  respond(*ctx, std::move(answer));
}

route make_route(std::string_view path) {
  return {
    .path = path,
    .operation = path,
    .summary = "The page to read and try the API",
    .hidden = true,
    .tagged = true,
    .cacheable = true,
    .answers = {{200, "a file"}, {404, "this build has none"}},
    .run = asset,
  };
}

} // namespace

void add_docs_routes(std::vector<route>& to) {
  for (const auto& x : docs_assets())
    to.push_back(make_route(x.path));
  if (docs_assets().empty())
    to.push_back(make_route("/docs"));
}

} // namespace souk::http
