#include "actors/user/refresh_token.hpp"
#include "http/routes/checks.hpp"
#include "http/routes/guard.hpp"
#include "http/routes/schemas.hpp"

namespace souk::http {
namespace {

void register_user(const context_ptr& ctx) {
  if (!may_register(*ctx))
    return;
  actors::register_user cmd;
  cmd.profile.username = body_text(*ctx, "username");
  narrow_key(*ctx, domain::fold_login(cmd.profile.username));
  cmd.call = make_call(*ctx);
  cmd.profile.email = body_text(*ctx, "email");
  // Logging in takes either: nobody's name may be another one's address.
  if (cmd.profile.username.find('@') != std::string::npos
      && domain::fold_login(cmd.profile.username) != domain::fold_login(cmd.profile.email))
    return fail_invalid(
      *ctx, {{"/username", "may contain @ only if it is this account's e-mail address"}});
  cmd.profile.first_name = body_text(*ctx, "first_name");
  cmd.profile.last_name = body_text(*ctx, "last_name");
  cmd.profile.full_name = body_text(*ctx, "full_name");
  cmd.profile.phone = body_text(*ctx, "phone");
  cmd.password = body_text(*ctx, "password");
  const auto& shard = owner_of_new(ctx->shop().users, ctx->key);
  ask<actors::user_answer>(
    ctx, shard, std::move(cmd), [](const context_ptr& c, const actors::user_answer& made) {
      std::string body;
      json_writer out{body};
      write_user(out, made.value);
      auto answer = make_change_answer(*c, 201, std::move(body), {}, made.replayed);
      answer.headers.emplace_back("Location", "/api/v1/users/" + domain::to_string(made.value.id));
      respond(*c, std::move(answer));
    });
}

void answer_tokens(const context_ptr& ctx, const actors::session_answer& opened) {
  const auto& x = opened.value;
  const auto& rules = ctx->core->tokens.rules();
  const auto token = sign_token(rules, x.user, x.session, x.issued_at);
  if (token.empty())
    return fail(*ctx, actors::ec::internal);
  std::string body;
  json_writer out{body};
  out.begin_object().key("access_token").string(token).key("token_type").string("bearer");
  out.key("expires_in").integer(rules.lifetime.count());
  out.key("refresh_token").string(x.refresh_token).end_object();
  respond(*ctx, make_answer(*ctx, 200, std::move(body)));
}

/// Any shard can compare a password; the session is opened by the one that owns the user.
void log_in(const context_ptr& ctx) {
  actors::log_in cmd{make_call(*ctx), body_text(*ctx, "username"), body_text(*ctx, "password")};
  const auto account = cmd.login;
  if (!may_try(*ctx, account))
    return;
  auto& users = ctx->shop().users;
  const auto shard = stable_hash(domain::fold_login(cmd.login)) % users.size();
  ask_counted<actors::password_matched, success::matched>(
    ctx, account, users.at(static_cast<uint32_t>(shard)), std::move(cmd),
    [](const context_ptr& c, const actors::password_matched& x) {
      actors::open_session open{make_call(*c), x.user.id, x.password_version, x.new_hash};
      ask<actors::session_answer>(c, owner(c->shop().users, x.user.id), std::move(open),
                                  answer_tokens);
    });
}

void refresh(const context_ptr& ctx) {
  if (!may_try(*ctx, {}))
    return;
  const auto token = actors::parse_refresh_token(body_text(*ctx, "refresh_token"));
  if (!token) {
    count_failure(*ctx, {});
    return fail(*ctx, actors::ec::invalid_token);
  }
  actors::refresh_session cmd{make_call(*ctx), token->user, token->session, token->secret};
  ask_counted<actors::session_answer, success::committed>(
    ctx, {}, owner(ctx->shop().users, token->user), std::move(cmd), answer_tokens);
}

void end_sessions(const context_ptr& ctx, const std::string& session) {
  actors::end_sessions cmd{make_call(*ctx), ctx->caller, session};
  ask<actors::user_answer>(ctx, owner(ctx->shop().users, ctx->caller), std::move(cmd),
                           [](const context_ptr& c, const actors::user_answer& x) {
                             respond(*c, make_change_answer(*c, 204, {}, {}, x.replayed));
                           });
}

void log_out(const context_ptr& ctx) {
  if (ctx->session.empty()) // named by a trusted proxy: there is no session here, and "" means all
    return respond(*ctx, make_change_answer(*ctx, 204, {}, {}, false));
  end_sessions(ctx, ctx->session);
}

void log_out_everywhere(const context_ptr& ctx) {
  end_sessions(ctx, {});
}

/// `who`: null if the token is not valid.
void answer_verified(request_context& ctx, const domain::user* who) {
  std::string body;
  json_writer out{body};
  out.begin_object().key("valid").boolean(who != nullptr);
  if (who) {
    out.key("user_id").string(domain::to_string(who->id));
    out.key("role").string(domain::to_string(who->role)).key("username").string(who->username);
  } else {
    out.key("user_id").null().key("role").null().key("username").null();
  }
  out.end_object();
  respond(ctx, make_answer(ctx, 200, std::move(body)));
}

/// The account is asked, for the token's name may be someone else's by now. If it cannot be asked,
/// the token is good enough: whether it is valid is known here.
void verify(const context_ptr& ctx) {
  const auto* token = good_token(*ctx->core, body_text(*ctx, "token"));
  if (!token)
    return answer_verified(*ctx, nullptr);
  domain::user said;
  said.id = ctx->caller = token->user_id;
  said.role = token->role;
  said.username = token->username;
  const auto& shard = owner(ctx->shop().users, ctx->caller);
  ctx->ticket = ctx->shop().doors->user.try_enter();
  if (!shard || !ctx->ticket)
    return answer_verified(*ctx, &said);
  ctx->core->self->open_requests().ask<domain::user>(
    ctx->core->self, shard, timeout_of(*ctx), actors::get_user{make_call(*ctx), ctx->caller},
    [ctx](const domain::user& x) {
      guarded(*ctx, [&] { answer_verified(*ctx, x.disabled ? nullptr : &x); });
    },
    [ctx, said](const caf::error& why) {
      const bool gone = actors::code_of(why) == actors::ec::not_found;
      guarded(*ctx, [&] { answer_verified(*ctx, gone ? nullptr : &said); });
    });
}

} // namespace

void add_auth_routes(std::vector<route>& to) {
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/auth/register",
    .operation = "register",
    .summary = "Make an account",
    .domain = domain::domain_id::user,
    .body = &schemas::register_request,
    .body_example = R"({"username":"ada","email":"ada@example.org","password":"correct horse"})",
    .changes = true,
    .answers = {{201, "the new user", &schemas::user},
                {409, "`username_taken` or `email_taken`, in any case"},
                {429, "`too_many_attempts`"}},
    .run = register_user,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/auth/login",
    .operation = "login",
    .summary = "Get a token for a username (or e-mail address) and a password",
    .domain = domain::domain_id::user,
    .body = &schemas::login_request,
    .body_example = R"({"username":"ada","password":"correct horse"})",
    .form = true,
    .answers = {{200, "an access token and a refresh token", &schemas::token},
                {401, "`wrong_credentials`"},
                {403, "`account_disabled`"},
                {429, "`too_many_attempts`"}},
    .run = log_in,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/auth/refresh",
    .operation = "refresh",
    .summary = "Exchange a refresh token; one used twice ends its session",
    .domain = domain::domain_id::user,
    .body = &schemas::refresh_request,
    .unkept = true,
    .answers = {{200, "the next tokens", &schemas::token},
                {401, "`invalid_token`"},
                {429, "`too_many_attempts`"}},
    .run = refresh,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/auth/logout",
    .operation = "logout",
    .summary = "End this session: its tokens are refused from now on",
    .who = access::user,
    .domain = domain::domain_id::user,
    .changes = true,
    .answers = {{204, "ended"}},
    .run = log_out,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/auth/logout-all",
    .operation = "logoutEverywhere",
    .summary = "End all sessions of the caller",
    .who = access::user,
    .domain = domain::domain_id::user,
    .changes = true,
    .answers = {{204, "ended"}},
    .run = log_out_everywhere,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/auth/verify",
    .operation = "verifyToken",
    .summary = "Tell whether a token is valid, and whose it is",
    .body = &schemas::verify_request,
    .answers = {{200, "the token's state", &schemas::token_state,
                 R"({"valid":false,"user_id":null,"role":null,"username":null})"}},
    .run = verify,
  });
}

} // namespace souk::http
