#include "actors/log.hpp"
#include "actors/user/refresh_token.hpp"
#include "http/routes/checks.hpp"
#include "http/routes/guard.hpp"
#include "http/routes/schemas.hpp"

namespace souk::http {
namespace {

void answer_done(const context_ptr& ctx, const actors::user_answer& x) {
  respond(*ctx, make_change_answer(*ctx, 204, {}, {}, x.replayed));
}

void change(const context_ptr& ctx) {
  const auto account = domain::to_string(ctx->caller);
  if (!may_try(*ctx, account))
    return;
  actors::change_password cmd{make_call(*ctx), ctx->caller, ctx->session,
                              body_text(*ctx, "old_password"), body_text(*ctx, "new_password")};
  ask_counted<actors::user_answer, success::committed>(
    ctx, account, owner(ctx->shop().users, ctx->caller), std::move(cmd), answer_done);
}

/// A ticket that may outlive its request, with the door that it is for.
struct held_ticket {
  std::shared_ptr<http::doors> doors; ///< first, so that it ends last
  admission::ticket ticket;
};
using held_ptr = std::shared_ptr<held_ticket>;

/// A request whose answer nobody waits for; it stays counted until it is done.
template <class Answer, class Handle, class Command, class Done>
void ask_behind(const context_ptr& ctx, held_ptr ticket, const Handle& to, Command cmd, Done done) {
  if (!to)
    return;
  ctx->core->self->open_requests().ask<Answer>(
    ctx->core->self, to, timeout_of(*ctx), std::move(cmd),
    [ticket, done](const Answer& x) {
      try {
        done(ticket, x);
      } catch (const std::exception& e) { // out of memory: no mail, and this io thread goes on
        spdlog::error("a forgotten password was not looked after: {}", e.what());
      }
    },
    [ticket](const caf::error&) {});
}

/// Answers before it looks: neither the answer nor its time tells whether the address is known.
void forgot(const context_ptr& ctx) {
  const auto email = domain::fold_login(body_text(*ctx, "email"));
  if (!may_try(*ctx, email))
    return;
  count_failure(*ctx, email); // each may send a mail, so each counts
  // A key is kept by the account, which only this body names: with another body it is another key.
  narrow_key(*ctx, ctx->key.fingerprint);
  const auto ticket =
    std::make_shared<held_ticket>(held_ticket{ctx->shop().doors, std::move(ctx->ticket)});
  respond(*ctx, make_answer(*ctx, 202, R"({"status":"accepted"})"));
  actors::list_users find{make_call(*ctx), {}, 1, {}, email};
  ask_behind<actors::user_page>(ctx, ticket, ctx->shop().users.any(), std::move(find),
                                [ctx](const held_ptr& held, const actors::user_page& found) {
                                  if (found.items.empty())
                                    return;
                                  const auto& id = found.items[0].id;
                                  ask_behind<actors::user_answer>(
                                    ctx, held, owner(ctx->shop().users, id),
                                    actors::begin_reset{make_call(*ctx), id},
                                    [](const auto&, const auto&) {});
                                });
}

void reset(const context_ptr& ctx) {
  if (!may_try(*ctx, {}))
    return;
  const auto token = actors::parse_reset_token(body_text(*ctx, "token"));
  if (!token) {
    count_failure(*ctx, {});
    return fail(*ctx, actors::ec::invalid_reset_token);
  }
  narrow_key(*ctx, domain::to_string(token->user));
  actors::reset_password cmd{make_call(*ctx), token->user, token->secret,
                             body_text(*ctx, "new_password")};
  ask_counted<actors::user_answer, success::committed>(
    ctx, {}, owner(ctx->shop().users, token->user), std::move(cmd), answer_done);
}

} // namespace

void add_password_routes(std::vector<route>& to) {
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/auth/password",
    .operation = "changePassword",
    .summary = "Change the caller's password; the other sessions end",
    .who = access::user,
    .domain = domain::domain_id::user,
    .body = &schemas::password_change,
    .body_example = R"({"old_password":"correct horse","new_password":"battery staple"})",
    .changes = true,
    .answers = {{204, "changed"}, {403, "`wrong_password`"}, {429, "`too_many_attempts`"}},
    .run = change,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/auth/password/forgot",
    .operation = "forgotPassword",
    .summary = "Mail a token that sets a new password; the answer is always the same",
    .domain = domain::domain_id::user,
    .body = &schemas::password_forgot,
    .body_example = R"({"email":"ada@example.org"})",
    .changes = true,
    .answers = {{202, "accepted, whether or not there is such an account", &schemas::status},
                {429, "`too_many_attempts`"}},
    .run = forgot,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/auth/password/reset",
    .operation = "resetPassword",
    .summary = "Set a new password with a mailed token; all sessions end",
    .domain = domain::domain_id::user,
    .body = &schemas::password_reset,
    .changes = true,
    .answers = {{204, "set"},
                {422, "`invalid_token`, or a value that is not acceptable"},
                {429, "`too_many_attempts`"}},
    .run = reset,
  });
}

} // namespace souk::http
