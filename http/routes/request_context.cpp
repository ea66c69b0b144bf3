#include "http/routes/request_context.hpp"

#include "actors/domain/money.hpp"
#include "actors/log.hpp"
#include "http/routes/line_limit.hpp"
#include "http/routes/route_table.hpp"

#include <algorithm>
#include <charconv>

namespace souk::http {
namespace {

std::string_view path_of(const request& req) {
  return std::string_view{req.target}.substr(0, req.target.find('?'));
}

void add_common_headers(const request_context& ctx, response& answer) {
  auto& to = answer.headers;
  to.emplace_back("X-Content-Type-Options", "nosniff");
  const bool told =
    std::any_of(to.begin(), to.end(), [](const auto& x) { return x.first == "Cache-Control"; });
  if (!ctx.at || !ctx.at->cacheable)
    to.emplace_back("Cache-Control", "no-store");
  else if (!told) // else caches guess how long it is fresh (RFC 9111, 4.2.2), and it shows stock
    to.emplace_back("Cache-Control", "no-cache");
  if (!ctx.limit_policy.empty()) {
    to.emplace_back("RateLimit-Policy", ctx.limit_policy);
    to.emplace_back("RateLimit", ctx.limit_left);
  }
  const auto& shop = ctx.core->shop;
  if (ctx.at && ctx.at->limited && shop.orders_per_window > 0)
    to.emplace_back("RateLimit-Policy", "\"orders\";q=" + std::to_string(shop.orders_per_window)
                                          + ";w=" + std::to_string(shop.order_window.count()));
}

using duration = std::chrono::steady_clock::duration;

/// An overloaded shop refuses thousands a second: of those only some have a line each, and one line
/// counts the others.
bool may_tell_refusal() {
  thread_local line_limit limit{20};
  const auto line = limit.next(std::chrono::steady_clock::now());
  if (line.left_out > 0)
    spdlog::warn("{} more requests were answered 503", line.left_out);
  return line.write;
}

void log(const request_context& ctx, unsigned status, duration taken) {
  // 501 is the client's mistake.
  const bool ours = status >= 500 && status != 501;
  const auto level = ours ? spdlog::level::warn : spdlog::level::debug;
  if (!spdlog::should_log(level) || (status == 503 && !may_tell_refusal()))
    return;
  spdlog::log(level, "method={} path={} status={} us={} request_id={}", ctx.req.method,
              path_of(ctx.req), status,
              std::chrono::duration_cast<std::chrono::microseconds>(taken).count(),
              ctx.req.request_id);
}

} // namespace

api_core::api_core(backend b)
  : shop{std::move(b)},
    tokens{shop.tokens, 8192},
    revoked{shop.revocations},
    prints{shop.tokens.secret},
    counts{shop.registry} {}

const std::string* request_context::query_value(std::string_view name) const {
  for (const auto& x : query)
    if (x.first == name)
      return &x.second;
  return nullptr;
}

int64_t request_context::query_integer(std::string_view name, int64_t otherwise) const {
  const auto* text = query_value(name);
  if (text)
    std::from_chars(text->data(), text->data() + text->size(), otherwise);
  return otherwise;
}

int64_t unix_ms_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

actors::call make_call(const request_context& ctx) {
  const auto& shop = ctx.core->shop;
  const auto time = ctx.at->writes() ? shop.write_deadline : shop.request_timeout;
  return {ctx.req.request_id, ctx.caller, ctx.role, unix_ms_now() + time.count(), ctx.key};
}

std::chrono::milliseconds timeout_of(const request_context& ctx) {
  // A change that was refused at its deadline still has a second to say so: that is certain, while
  // a time-out is not.
  const auto& shop = ctx.core->shop;
  return ctx.at->writes() ? shop.write_deadline + std::chrono::seconds{1} : shop.request_timeout;
}

void respond(request_context& ctx, response&& answer) {
  add_common_headers(ctx, answer);
  const auto taken = std::chrono::steady_clock::now() - ctx.start;
  auto& counts = ctx.core->counts;
  counts.answered(ctx.at, answer.status, taken);
  if (!answer.code.empty())
    counts.problem(answer.code);
  log(ctx, answer.status, taken);
  ctx.ticket = {};
  ctx.answer(std::move(answer));
}

void fail(request_context& ctx, const failure& why) {
  respond(ctx, make_problem(why, ctx.req.request_id));
}

void fail(request_context& ctx, actors::ec code) {
  fail(ctx, describe(code));
}

void fail(request_context& ctx, const caf::error& err) {
  const bool changes = ctx.at && ctx.at->writes();
  const auto* lines = ctx.line_products.empty() ? nullptr : &ctx.line_products;
  failed_request failed{ctx.req.request_id, changes, lines, ctx.core->shop.currency.digits,
                        ctx.shortage_pointer};
  if (ctx.at && ctx.at->path.substr(0, 18) == "/api/v1/categories")
    failed.category_field = "/parent_id";
  failed.keyed = !ctx.at || !ctx.at->unkept;
  failed.product_pointer = ctx.product_pointer;
  failed.value_pointer = ctx.value_pointer;
  failed.value_detail = ctx.value_detail;
  respond(ctx, make_failed(err, failed));
}

void fail_invalid(request_context& ctx, const std::vector<field_error>& errors) {
  respond(ctx, make_invalid(errors, ctx.req.request_id));
}

response make_answer(const request_context& ctx, unsigned status, std::string&& body,
                     std::string tag) {
  response out;
  out.status = status;
  out.headers.reserve(6);
  const bool known = ctx.at->method == http_method::get && !tag.empty()
                     && none_match_hits(ctx.req.if_none_match, tag);
  if (known)
    out.status = 304;
  else
    out.body = std::move(body);
  if (!tag.empty())
    out.headers.emplace_back("ETag", std::move(tag));
  return out;
}

response make_change_answer(const request_context& ctx, unsigned status, std::string&& body,
                            std::string tag, bool replayed) {
  auto out = make_answer(ctx, status, std::move(body), std::move(tag));
  if (replayed)
    out.headers.emplace_back("Idempotent-Replayed", "true");
  return out;
}

const claims* good_token(api_core& core, std::string_view token) {
  const auto* who = token.empty() ? nullptr : core.tokens.verify(token, unix_ms_now() / 1000);
  if (who && core.revoked.revoked(who->user_id, who->session, who->issued_at_ms))
    return nullptr;
  return who;
}

void add_next_link(const request_context& ctx, response& answer, int64_t last_id) {
  add_next_link(ctx, answer, encode_cursor(last_id));
}

void add_next_link(const request_context& ctx, response& answer, std::string_view cursor) {
  std::string link = "<";
  link.append(canonical_path(*ctx.at, ctx.id, ctx.id2, ctx.user_id));
  link.append("?cursor=").append(cursor);
  for (const auto& x : ctx.at->query) {
    const auto* value = x.name == "cursor" ? nullptr : ctx.query_value(x.name);
    if (value)
      link.append("&").append(x.name).append("=").append(percent_encode(*value));
  }
  answer.headers.emplace_back("Link", link + ">; rel=\"next\"");
}

const json_value* body_field(const request_context& ctx, std::string_view name) {
  const auto* x = ctx.body.find(name);
  return x && !x->is(json_kind::null) ? x : nullptr;
}

std::string body_text(const request_context& ctx, std::string_view name) {
  const auto* x = body_field(ctx, name);
  return x ? x->text : std::string{};
}

int64_t body_integer(const request_context& ctx, std::string_view name, int64_t otherwise) {
  const auto* x = body_field(ctx, name);
  return x ? x->integer : otherwise;
}

int64_t minor_units(const request_context& ctx, const json_value& amount) {
  const auto digits = ctx.core->shop.currency.digits;
  const bool whole = amount.is(json_kind::integer);
  return domain::parse_money(whole ? std::to_string(amount.integer) : amount.text, digits).minor;
}

} // namespace souk::http
