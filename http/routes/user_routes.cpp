#include "http/routes/request_context.hpp"
#include "http/routes/schemas.hpp"

namespace souk::http {
namespace {

std::string user_json(const domain::user& x) {
  std::string body;
  json_writer out{body};
  write_user(out, x);
  return body;
}

void get_user(const context_ptr& ctx, const domain::uuid& id) {
  actors::get_user cmd{make_call(*ctx), id};
  ask<domain::user>(ctx, owner(ctx->shop().users, id), std::move(cmd),
                    [](const context_ptr& c, const domain::user& x) {
                      respond(*c, make_answer(*c, 200, user_json(x)));
                    });
}

void get_me(const context_ptr& ctx) {
  get_user(ctx, ctx->caller);
}

void get(const context_ptr& ctx) {
  get_user(ctx, ctx->user_id);
}

void change(const context_ptr& ctx, actors::change_user&& cmd) {
  const auto& shard = owner(ctx->shop().users, cmd.id);
  ask<actors::user_answer>(
    ctx, shard, std::move(cmd), [](const context_ptr& c, const actors::user_answer& x) {
      respond(*c, make_change_answer(*c, 200, user_json(x.value), {}, x.replayed));
    });
}

/// A field that was sent, null as an empty text; nothing if it was not.
std::optional<std::string> sent_text(const request_context& ctx, std::string_view name) {
  const auto* x = ctx.body.find(name);
  return x ? std::optional{x->text} : std::nullopt;
}

/// What one logs in with. Clients that PUT write the fields they do not change as null: that must
/// not take an address away. PATCH takes them at their word.
std::optional<std::string> sent_login(const request_context& ctx, std::string_view name) {
  const bool leaves_null = ctx.at->method == http_method::put;
  return leaves_null && !body_field(ctx, name) ? std::nullopt : sent_text(ctx, name);
}

void change_me(const context_ptr& ctx) {
  actors::change_user cmd;
  cmd.call = make_call(*ctx);
  cmd.id = ctx->caller;
  cmd.username = sent_login(*ctx, "username");
  cmd.email = sent_login(*ctx, "email");
  ctx->value_pointer = cmd.username ? "/username" : "/email";
  ctx->value_detail = "a username may contain @ only if it is this account's e-mail address";
  cmd.first_name = sent_text(*ctx, "first_name");
  cmd.last_name = sent_text(*ctx, "last_name");
  cmd.full_name = sent_text(*ctx, "full_name");
  cmd.phone = sent_text(*ctx, "phone");
  change(ctx, std::move(cmd));
}

void change_other(const context_ptr& ctx) {
  actors::change_user cmd;
  cmd.call = make_call(*ctx);
  cmd.id = ctx->user_id;
  if (const auto* x = body_field(*ctx, "disabled"))
    cmd.disabled = x->boolean;
  if (const auto* x = body_field(*ctx, "role"))
    cmd.role = domain::parse_user_role(x->text);
  cmd.password = sent_text(*ctx, "password");
  change(ctx, std::move(cmd));
}

void remove_me(const context_ptr& ctx) {
  actors::remove_user cmd{make_call(*ctx), ctx->caller};
  ask<actors::user_answer>(ctx, owner(ctx->shop().users, ctx->caller), std::move(cmd),
                           [](const context_ptr& c, const actors::user_answer& x) {
                             respond(*c, make_change_answer(*c, 204, {}, {}, x.replayed));
                           });
}

/// Clients of existing shops use this very path and read the message.
void remove(const context_ptr& ctx) {
  actors::remove_user cmd{make_call(*ctx), ctx->user_id};
  ask<actors::user_answer>(ctx, owner(ctx->shop().users, ctx->user_id), std::move(cmd),
                           [](const context_ptr& c, const actors::user_answer& x) {
                             std::string body = R"({"message":"User deleted"})";
                             respond(*c,
                                     make_change_answer(*c, 200, std::move(body), {}, x.replayed));
                           });
}

void list(const context_ptr& ctx) {
  actors::list_users cmd;
  cmd.call = make_call(*ctx);
  cmd.limit = ctx->query_integer("limit", 100);
  if (const auto* cursor = ctx->query_value("cursor"))
    cmd.after = decode_user_cursor(*cursor).value_or(domain::uuid{});
  if (const auto* username = ctx->query_value("username"))
    cmd.username = domain::fold_login(*username);
  if (const auto* email = ctx->query_value("email"))
    cmd.email = domain::fold_login(*email);
  ask<actors::user_page>(ctx, ctx->shop().users.any(), std::move(cmd),
                         [](const context_ptr& c, const actors::user_page& page) {
                           std::string body;
                           json_writer out{body};
                           out.begin_array();
                           for (const auto& x : page.items)
                             write_user(out, x);
                           out.end_array();
                           auto answer = make_answer(*c, 200, std::move(body));
                           if (page.more && !page.items.empty())
                             add_next_link(*c, answer, encode_cursor(page.items.back().id));
                           respond(*c, std::move(answer));
                         });
}

void add_own(std::vector<route>& to) {
  to.push_back({
    .path = "/api/v1/users/me",
    .operation = "getMe",
    .summary = "The caller's account",
    .who = access::user,
    .domain = domain::domain_id::user,
    .answers = {{200, "the user", &schemas::user}},
    .run = get_me,
  });
  for (const auto method : {http_method::put, http_method::patch}) {
    const bool is_put = method == http_method::put;
    to.push_back({
      .method = method,
      .path = "/api/v1/users/me",
      .operation = is_put ? "replaceMe" : "changeMe",
      .summary = is_put ? "Change the caller's profile; fields not sent stay, null clears, but "
                          "leaves username and email"
                        : "Change the caller's profile; fields not sent stay, null clears",
      .who = access::user,
      .domain = domain::domain_id::user,
      .body = is_put ? &schemas::profile_put : &schemas::profile_change,
      .body_example = R"({"phone":"+44 20 7946 0958"})",
      .changes = true,
      .answers = {{200, "the user", &schemas::user},
                  {409, "`username_taken` or `email_taken`, in any case"}},
      .run = change_me,
    });
  }
  to.push_back({
    .method = http_method::remove,
    .path = "/api/v1/users/me",
    .operation = "deleteMe",
    .summary = "Delete the caller's account; its orders stay",
    .who = access::user,
    .domain = domain::domain_id::user,
    .changes = true,
    .answers = {{204, "deleted"}, {409, "`last_administrator`"}},
    .run = remove_me,
  });
}

void add_administration(std::vector<route>& to) {
  to.push_back({
    .path = "/api/v1/users",
    .operation = "listUsers",
    .summary = "All users, in the order of their ids",
    .who = access::admin,
    .domain = domain::domain_id::user,
    .query = {{"username", &schemas::given_login, "only this one, in any case"},
              {"email", &schemas::given_login, "only this one, in any case"},
              {"limit", &schemas::page_limit},
              {"cursor", &schemas::user_cursor}},
    .paged = true,
    .answers = {{200, "a page of users", &schemas::users}},
    .run = list,
  });
  to.push_back({
    .path = "/api/v1/users/{user_id}",
    .operation = "getUser",
    .summary = "A user",
    .who = access::admin,
    .domain = domain::domain_id::user,
    .answers = {{200, "the user", &schemas::user}},
    .run = get,
  });
  to.push_back({
    .method = http_method::patch,
    .path = "/api/v1/users/{user_id}",
    .operation = "changeUser",
    .summary = "Disable or enable a user, change the role, or set a password",
    .who = access::admin,
    .domain = domain::domain_id::user,
    .body = &schemas::user_change,
    .body_example = R"({"disabled":true})",
    .changes = true,
    .answers = {{200, "the user", &schemas::user}, {409, "`last_administrator`"}},
    .run = change_other,
  });
  to.push_back({
    .method = http_method::put,
    .path = "/api/v1/users/{user_id}/role",
    .operation = "setRole",
    .summary = "Change a user's role; tokens with the old one are refused from now on",
    .who = access::admin,
    .domain = domain::domain_id::user,
    .body = &schemas::role_change,
    .body_example = R"({"role":"ADMIN"})",
    .changes = true,
    .answers = {{200, "the user", &schemas::user}, {409, "`last_administrator`"}},
    .run = change_other,
  });
  to.push_back({
    .method = http_method::remove,
    .path = "/api/v1/users/{user_id}",
    .operation = "deleteUser",
    .summary = "Delete a user; the orders stay",
    .who = access::admin,
    .domain = domain::domain_id::user,
    .changes = true,
    .answers = {{200, "deleted", &schemas::message}, {409, "`last_administrator`"}},
    .run = remove,
  });
}

} // namespace

void add_user_routes(std::vector<route>& to) {
  add_own(to);
  add_administration(to);
}

} // namespace souk::http
