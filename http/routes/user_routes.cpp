#include "http/routes/request_context.hpp"
#include "http/routes/schemas.hpp"

namespace souk::http {
namespace {

void get_me(const context_ptr& ctx) {
  actors::get_user cmd{make_call(*ctx), ctx->caller};
  ask<domain::user>(ctx, owner(ctx->shop().users, ctx->caller), std::move(cmd),
                    [](const context_ptr& c, const domain::user& x) {
                      std::string body;
                      json_writer out{body};
                      write_user(out, x);
                      respond(*c, make_answer(*c, 200, std::move(body)));
                    });
}

} // namespace

void add_user_routes(std::vector<route>& to) {
  to.push_back({
    .path = "/api/v1/users/me",
    .operation = "getMe",
    .summary = "The caller's account",
    .who = access::user,
    .domain = domain::domain_id::user,
    .answers = {{200, "the user", &schemas::user}},
    .run = get_me,
  });
}

} // namespace souk::http
