#include "http/routes/checks.hpp"

#include "http/routes/route_table.hpp"
#include "http/server/framing.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace souk::http {
namespace {

admission& door_of(doors& all, domain::domain_id id) {
  switch (id) {
  case domain::domain_id::user: return all.user;
  case domain::domain_id::product: return all.product;
  case domain::domain_id::stock: return all.stock;
  case domain::domain_id::order: break;
  }
  return all.order;
}

void fail_unauthenticated(request_context& ctx, bool had_token) {
  // What was a token and is one no more has a code of its own: the client may refresh it.
  auto out = make_problem({401, had_token ? "invalid_token" : "unauthenticated",
                           had_token ? "The token is not valid (any more)." : "A token is needed."},
                          ctx.req.request_id);
  if (had_token)
    out.headers.back().second += " error=\"invalid_token\"";
  respond(ctx, std::move(out));
}

/// Whether a header `sha256=<hex>` is the HMAC-SHA256 of a body.
bool is_signed(std::string_view body, std::string_view header, const std::string& secret) {
  constexpr std::string_view prefix = "sha256=";
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> given{};
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> made{};
  size_t size = 0;
  if (secret.empty() || header.substr(0, prefix.size()) != prefix)
    return false;
  header.remove_prefix(prefix.size());
  if (sodium_hex2bin(given.data(), given.size(), header.data(), header.size(), nullptr, &size,
                     nullptr)
        != 0
      || size != given.size() || header.size() != 2 * given.size())
    return false;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(secret.data()),
                              secret.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(body.data()),
                                body.size());
  crypto_auth_hmacsha256_final(&state, made.data());
  return sodium_memcmp(given.data(), made.data(), made.size()) == 0;
}

std::string_view query_of(const request& req) {
  const auto start = req.target.find('?');
  return start == std::string::npos ? std::string_view{}
                                    : std::string_view{req.target}.substr(start + 1);
}

/// Whether the catalog's settings let everyone in here.
bool is_open(const request_context& ctx) {
  return ctx.req.trusted_catalog
         && (ctx.at->operation == "createProduct" || ctx.at->operation == "setStock");
}

/// The user whom a trusted proxy names in place of a token: never an ADMIN.
bool take_named_user(request_context& ctx) {
  if (!ctx.req.authorization.empty() || ctx.req.user_id.empty()
      || !domain::is_in(ctx.shop().trusted_proxies, ctx.req.peer))
    return false;
  const auto named = domain::parse_uuid(ctx.req.user_id);
  if (!named || named->nil())
    return false;
  ctx.caller = *named;
  ctx.named = true;
  ctx.named_at = unix_ms_now();
  return true;
}

/// Lets an ADMIN act for the user of a request form, and everyone for themselves: 403 otherwise.
bool act_for(request_context& ctx) {
  const auto& whom = ctx.req.on_behalf_of;
  if (whom.empty())
    return true;
  const bool admin = ctx.is_admin();
  ctx.role = domain::user_role::user;
  if (whom == "me")
    return true;
  const auto user = domain::parse_uuid(whom);
  if (!user || (!admin && *user != ctx.caller))
    return false;
  ctx.sender = ctx.caller;
  ctx.caller = *user;
  return true;
}

/// What a caller who is known may do.
bool may_go_on(request_context& ctx) {
  const bool allowed = act_for(ctx) && (ctx.at->who == access::user || ctx.is_admin());
  if (!allowed)
    fail(ctx, actors::ec::forbidden);
  return allowed;
}

/// Whether a Content-Type is `expected`, with no charset or with UTF-8.
bool has_type(std::string_view header, std::string_view expected) {
  auto rest = header;
  const auto take = [&rest] {
    const auto end = std::min(rest.find(';'), rest.size());
    const auto out = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return out;
  };
  if (!equal_ignoring_case(take(), expected))
    return false;
  while (!rest.empty()) {
    constexpr std::string_view charset = "charset=";
    const auto parameter = take();
    const auto value = parameter.substr(std::min(charset.size(), parameter.size()));
    if (equal_ignoring_case(parameter.substr(0, charset.size()), charset)
        && !equal_ignoring_case(value, "utf-8") && !equal_ignoring_case(value, "\"utf-8\""))
      return false;
  }
  return true;
}

/// The fields of a form as an object of strings.
json_document form_document(std::string_view text) {
  json_document out;
  auto fields = read_form(text);
  if (!fields) {
    out.error = "the form is not readable";
    return out;
  }
  out.root.emplace();
  out.root->kind = json_kind::object;
  for (auto& [name, value] : *fields) {
    if (out.root->find(name)) {
      out.root.reset();
      out.error = "the form has a field twice";
      return out;
    }
    out.contains_nul = out.contains_nul || (name + value).find('\0') != std::string::npos;
    json_value v;
    v.kind = json_kind::string;
    v.text = std::move(value);
    out.root->members.emplace_back(std::move(name), std::move(v));
  }
  return out;
}

} // namespace

std::string_view trim(std::string_view text) {
  const auto start = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(start);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

bool admit(request_context& ctx) {
  if (!ctx.at->domain)
    return true;
  ctx.ticket = door_of(*ctx.shop().doors, *ctx.at->domain).try_enter();
  if (!ctx.ticket)
    fail(ctx, actors::ec::overloaded);
  return static_cast<bool>(ctx.ticket);
}

bool authenticate(request_context& ctx) {
  if (ctx.at->who == access::everyone)
    return true;
  if (ctx.at->who == access::provider && !ctx.req.payment_signature.empty()) {
    ctx.provider = is_signed(ctx.req.body, ctx.req.payment_signature, ctx.shop().payment_secret);
    if (!ctx.provider)
      fail(ctx, {403, "forbidden", "X-Payment-Signature does not fit."});
    return ctx.provider;
  }
  if (is_open(ctx) && ctx.req.authorization.empty()) {
    ctx.role = domain::user_role::admin;
    return true;
  }
  if (take_named_user(ctx))
    return may_go_on(ctx);
  const auto token = bearer_token(ctx.req.authorization);
  const auto* who = good_token(*ctx.core, token);
  if (!who) {
    fail_unauthenticated(ctx, !token.empty());
    return false;
  }
  ctx.caller = who->user_id;
  ctx.role = is_open(ctx) ? domain::user_role::admin : who->role;
  ctx.session = who->session;
  return may_go_on(ctx);
}

void with_known_caller(const context_ptr& ctx, void (*go)(const context_ptr&)) {
  if (!ctx->named)
    return go(ctx);
  const auto& shard = owner(ctx->shop().users, ctx->caller);
  if (!shard)
    return fail(*ctx, actors::ec::overloaded);
  actors::get_user cmd{make_call(*ctx), ctx->caller};
  ctx->core->self->open_requests().ask<domain::user>(
    ctx->core->self, shard, timeout_of(*ctx), std::move(cmd),
    [ctx, go](const domain::user& x) {
      guarded(*ctx, [&] {
        if (x.disabled)
          fail_unauthenticated(*ctx, false);
        else
          go(ctx);
      });
    },
    [ctx](const caf::error& why) {
      guarded(*ctx, [&] {
        if (actors::code_of(why) == actors::ec::not_found)
          fail_unauthenticated(*ctx, false);
        else
          fail(*ctx, actors::ec::overloaded); // nothing was changed yet
      });
    });
}

bool still_authenticated(request_context& ctx) {
  if (ctx.named) // as if by a token of that moment
    return !ctx.core->revoked.revoked(ctx.caller, {}, ctx.named_at);
  const auto token = bearer_token(ctx.req.authorization);
  return token.empty() || good_token(*ctx.core, token) != nullptr;
}

bool take_key(request_context& ctx) {
  if (!ctx.req.has_idempotency_key || !ctx.at->changes)
    return true;
  if (!is_idempotency_key(ctx.req.idempotency_key)) {
    fail(ctx, {400, "bad_request", "Idempotency-Key must have 1 to 255 characters of ASCII."});
    return false;
  }
  // A form's own path: what a name in it was resolved to may be another one at the next try.
  const auto& form = ctx.req.sent_as;
  const auto path = form.empty() ? canonical_path(*ctx.at, ctx.id, ctx.id2, ctx.user_id)
                                 : form.substr(0, form.find_first_of("?\n"));
  ctx.key.id =
    idempotency_id(ctx.sender.value_or(ctx.caller), ctx.req.method, path, ctx.req.idempotency_key);
  ctx.key.fingerprint = form.empty() ? ctx.core->prints.of(query_of(ctx.req), ctx.req.body)
                                     : ctx.core->prints.of({}, form);
  return true;
}

void narrow_key(request_context& ctx, std::string_view subject) {
  if (!ctx.key.id.empty())
    ctx.key.id = idempotency_id(ctx.caller, ctx.key.id, subject, {});
}

bool take_query(request_context& ctx) {
  const auto text = query_of(ctx.req);
  if (text.empty() || ctx.at->query.empty())
    return true;
  auto fields = read_form(text);
  if (!fields) {
    fail(ctx, {400, "bad_request", "The query is not readable."});
    return false;
  }
  std::vector<field_error> errors;
  for (const auto& expected : ctx.at->query) {
    const auto is_it = [&](const auto& x) { return x.first == expected.name; };
    const auto count = std::count_if(fields->begin(), fields->end(), is_it);
    if (count > 1)
      errors.push_back({"/query/" + std::string{expected.name}, "must not be given twice"});
    else if (count == 1)
      validate_parameter(expected, std::find_if(fields->begin(), fields->end(), is_it)->second,
                         errors, ctx.shop().currency.digits);
  }
  if (!errors.empty()) {
    fail_invalid(ctx, errors);
    return false;
  }
  ctx.query = std::move(*fields);
  return true;
}

bool take_body(request_context& ctx) {
  if (!ctx.at->body)
    return true;
  if (ctx.req.body.empty() && ctx.at->body_optional) {
    ctx.body.kind = json_kind::object;
    return true;
  }
  if (ctx.req.body.empty()) {
    fail(ctx, {400, "bad_request", "A body is needed."});
    return false;
  }
  const bool form =
    ctx.at->form && has_type(ctx.req.content_type, "application/x-www-form-urlencoded");
  if (!form && !has_type(ctx.req.content_type, "application/json")) {
    fail(ctx, {415, "unsupported_media_type",
               ctx.at->form ? "Send application/json or a form, in UTF-8."
                            : "Send application/json in UTF-8."});
    return false;
  }
  auto read = form ? form_document(ctx.req.body) : read_json(ctx.req.body);
  if (!read.root && !read.too_large.empty()) {
    fail_invalid(ctx, {{read.too_large, "is too large a number"}});
    return false;
  }
  if (!read.root) {
    fail(ctx, {400, "bad_request", read.error});
    return false;
  }
  const auto errors = validate(*ctx.at->body, read, ctx.shop().currency.digits);
  if (!errors.empty()) {
    fail_invalid(ctx, errors);
    return false;
  }
  ctx.body = std::move(*read.root);
  return true;
}

} // namespace souk::http
