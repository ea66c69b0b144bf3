// Users from another system, many at once; each is made or changed by itself.
#include "http/routes/request_context.hpp"
#include "http/routes/schemas.hpp"

namespace souk::http {
namespace {

/// At work at the same time: enough to keep the password workers busy, too few to fill their queue.
constexpr size_t at_once = 8;

struct import_result {
  unsigned status = 0;
  std::string_view code;
  domain::uuid id;
  std::vector<field_error> errors;
  std::string_view detail = {}; ///< as of a request of its own
};

/// One import on its way; lives until its last item is decided.
struct import {
  context_ptr ctx;
  std::vector<json_value> items;
  std::vector<import_result> results;
  size_t next = 0;
  size_t decided = 0;
  bool beginning = false; ///< `go_on` is further up on the stack
};
using import_ptr = std::shared_ptr<import>;

void go_on(const import_ptr& job);

void answer(const import& job) {
  std::string body;
  json_writer out{body};
  out.begin_object().key("results").begin_array();
  for (const auto& x : job.results) {
    out.begin_object().key("status").integer(x.status);
    out.key("id");
    if (x.id.nil())
      out.null();
    else
      out.string(domain::to_string(x.id));
    if (!x.code.empty())
      out.key("code").string(x.code);
    if (!x.detail.empty())
      out.key("detail").string(x.detail);
    if (!x.errors.empty()) {
      out.key("errors").begin_array();
      for (const auto& e : x.errors) {
        out.begin_object().key("pointer").string(e.pointer).key("detail").string(e.detail);
        out.end_object();
      }
      out.end_array();
    }
    out.end_object();
  }
  out.end_array().end_object();
  respond(*job.ctx, make_answer(*job.ctx, 200, std::move(body)));
}

void decide(const import_ptr& job, size_t i, import_result result) {
  job->results[i] = std::move(result);
  ++job->decided;
  go_on(job);
}

void decide(const import_ptr& job, size_t i, const caf::error& why) {
  const auto told = describe(actors::code_of(why));
  decide(job, i, {told.status, told.code, {}, {}, told.detail});
}

template <class Answer, class Handle, class Command, class Done, class Failed>
void ask_item(const import_ptr& job, const Handle& to, Command cmd, Done done, Failed failed) {
  auto& ctx = *job->ctx;
  if (!to)
    return failed(caf::make_error(actors::ec::overloaded));
  ctx.core->self->open_requests().ask<Answer>(
    ctx.core->self, to, timeout_of(ctx), std::move(cmd),
    [job, done](const Answer& x) { guarded(*job->ctx, [&] { done(x); }); },
    [job, failed](const caf::error& why) { guarded(*job->ctx, [&] { failed(why); }); });
}

/// The same item of the same import has the same key: a retry finds what became of it.
actors::call call_of_item(const import& job, size_t i, std::string_view what) {
  auto out = make_call(*job.ctx);
  if (!out.key.id.empty())
    out.key.id = idempotency_id(out.caller, what, out.key.id, std::to_string(i));
  return out;
}

std::string text_of(const json_value& item, std::string_view name) {
  const auto* x = item.find(name);
  return x ? x->text : std::string{};
}

std::optional<std::string> sent_text(const json_value& item, std::string_view name) {
  const auto* x = item.find(name);
  return x ? std::optional{x->text} : std::nullopt;
}

/// The name is taken: whoever has it gets the profile and keeps the password.
void update(const import_ptr& job, size_t i, const domain::uuid& id) {
  const auto& item = job->items[i];
  actors::change_user cmd;
  cmd.call = call_of_item(*job, i, "change");
  cmd.id = id;
  cmd.username = text_of(item, "username");
  cmd.email = sent_text(item, "email");
  cmd.first_name = sent_text(item, "first_name");
  cmd.last_name = sent_text(item, "last_name");
  cmd.full_name = sent_text(item, "full_name");
  cmd.phone = sent_text(item, "phone");
  cmd.role = domain::parse_user_role(text_of(item, "role"));
  ask_item<actors::user_answer>(
    job, owner(job->ctx->shop().users, id), std::move(cmd),
    [job, i](const actors::user_answer& x) {
      decide(job, i, {200, {}, x.value.id, {}});
    },
    [job, i](const caf::error& why) { decide(job, i, why); });
}

import_result new_without_password() {
  return {
    422, "invalid_value", {}, {{"/password", "a new user needs either password or password_hash"}}};
}

void find_and_update(const import_ptr& job, size_t i) {
  actors::list_users find{
    make_call(*job->ctx), {}, 1, domain::fold_login(text_of(job->items[i], "username")), {}};
  ask_item<actors::user_page>(
    job, job->ctx->shop().users.any(), std::move(find),
    [job, i](const actors::user_page& found) {
      if (found.items.empty()) // never there, or gone since
        decide(job, i, new_without_password());
      else
        update(job, i, found.items[0].id);
    },
    [job, i](const caf::error& why) { decide(job, i, why); });
}

std::vector<field_error> faults_of(const import& job, const json_value& item) {
  json_document alone;
  alone.root = item;
  auto errors = validate(schemas::user_import_item, alone, job.ctx->core->shop.currency.digits);
  if (!errors.empty())
    return errors;
  const auto username = text_of(item, "username");
  if (!text_of(item, "password").empty() && !text_of(item, "password_hash").empty())
    errors.push_back({"/password", "give either password or password_hash"});
  if (username.find('@') != std::string::npos
      && domain::fold_login(username) != domain::fold_login(text_of(item, "email")))
    errors.push_back({"/username", "may contain @ only if it is this account's e-mail address"});
  return errors;
}

void begin(const import_ptr& job, size_t i) {
  const auto& item = job->items[i];
  if (auto errors = faults_of(*job, item); !errors.empty())
    return decide(job, i, {422, "invalid_value", {}, std::move(errors)});
  if (text_of(item, "password").empty() && text_of(item, "password_hash").empty())
    return find_and_update(job, i);
  actors::register_user cmd;
  cmd.call = call_of_item(*job, i, "register");
  auto& p = cmd.profile;
  p.username = text_of(item, "username");
  p.email = text_of(item, "email");
  p.first_name = text_of(item, "first_name");
  p.last_name = text_of(item, "last_name");
  p.full_name = text_of(item, "full_name");
  p.phone = text_of(item, "phone");
  p.role = domain::parse_user_role(text_of(item, "role")).value_or(domain::user_role::user);
  cmd.password = text_of(item, "password");
  cmd.password_hash = text_of(item, "password_hash");
  ask_item<actors::user_answer>(
    job, owner_of_new(job->ctx->shop().users, cmd.call.key), std::move(cmd),
    [job, i](const actors::user_answer& x) {
      decide(job, i, {201, {}, x.value.id, {}});
    },
    [job, i](const caf::error& why) {
      if (actors::code_of(why) == actors::ec::username_taken)
        find_and_update(job, i);
      else
        decide(job, i, why);
    });
}

/// Begins what there is room for. What is decided at once is followed by the next in this loop,
/// never deeper on the stack.
void go_on(const import_ptr& job) {
  if (std::exchange(job->beginning, true))
    return;
  while (job->next < job->items.size() && job->next - job->decided < at_once)
    begin(job, job->next++);
  job->beginning = false;
  if (job->decided == job->items.size())
    answer(*job);
}

void import_users(const context_ptr& ctx) {
  auto job = std::make_shared<import>();
  job->ctx = ctx;
  job->items = ctx->body.find("items")->items;
  job->results.resize(job->items.size());
  go_on(job);
}

} // namespace

void add_user_import_routes(std::vector<route>& to) {
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/users/import",
    .operation = "importUsers",
    .summary = "Make many users, or change those whose username exists (their passwords stay)",
    .who = access::admin,
    .domain = domain::domain_id::user,
    .body = &schemas::user_import,
    .body_example = R"({"items":[{"username":"ada","password":"correct horse"}]})",
    .changes = true,
    .answers = {{200, "one result for each item, in order: 201, 200, 409, 422 or 503",
                 &schemas::user_import_results}},
    .run = import_users,
  });
}

} // namespace souk::http
