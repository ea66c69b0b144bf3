#include "http/routes/guard.hpp"

#include "actors/log.hpp"
#include "http/routes/checks.hpp"

#include <chrono>

namespace souk::http {
namespace {

int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

/// Whom attempts are counted against: the connection's other end or, behind proxies that are
/// trusted, the last address that none of them has. What a client writes itself stands before that,
/// and what is no address (`unknown`) ends the list.
std::string client_address(const request_context& ctx) {
  std::string_view client = ctx.req.peer;
  std::string_view list = ctx.req.forwarded_for;
  while (!list.empty() && domain::is_in(ctx.core->shop.forwarders, client)) {
    const auto comma = list.rfind(',');
    const auto last = trim(comma == list.npos ? list : list.substr(comma + 1));
    list = comma == list.npos ? std::string_view{} : list.substr(0, comma);
    if (last.empty())
      continue;
    const auto named = address_in(last);
    if (named.empty())
      break;
    client = named;
  }
  return client_of(client);
}

std::string account_key(const request_context& ctx, const std::string& account) {
  return domain::fold_login(account) + '\n' + client_address(ctx);
}

/// Notes what a limit leaves, for the answer.
void tell_limit(request_context& ctx, std::string_view name, const attempt_counter& counter,
                const std::string& key) {
  const auto& limit = counter.limit();
  if (limit.count == 0)
    return;
  const auto [left, seconds] = counter.left(key, steady_ms());
  const auto window = std::chrono::duration_cast<std::chrono::seconds>(limit.window).count();
  const auto add = [](std::string& to, const std::string& text) {
    to += to.empty() ? text : ", " + text;
  };
  add(ctx.limit_policy, '"' + std::string{name} + "\";q=" + std::to_string(limit.count)
                          + ";w=" + std::to_string(window));
  add(ctx.limit_left, limit_text(name, left, seconds));
}

/// What the limits leave of attempts at an account (empty: none) from where the request comes.
void tell_limits(request_context& ctx, const std::string& account) {
  auto& limits = *ctx.shop().attempts;
  ctx.limit_policy.clear();
  ctx.limit_left.clear();
  tell_limit(ctx, "logins", limits.addresses, client_address(ctx));
  if (!account.empty())
    tell_limit(ctx, "logins_per_account", limits.accounts, account_key(ctx, account));
}

void refuse(request_context& ctx, int64_t seconds) {
  auto out = make_problem(describe(actors::ec::too_many_attempts), ctx.req.request_id);
  out.headers.emplace_back("Retry-After", std::to_string(seconds));
  respond(ctx, std::move(out));
}

bool passes(request_context& ctx, attempt_counter& counter, const std::string& key) {
  const auto seconds = counter.wait(key, steady_ms());
  if (seconds > 0)
    refuse(ctx, seconds);
  return seconds == 0;
}

} // namespace

bool may_try(request_context& ctx, const std::string& account) {
  const auto& limits = ctx.shop().attempts;
  if (limits)
    tell_limits(ctx, account);
  return !limits
         || (passes(ctx, limits->addresses, client_address(ctx))
             && (account.empty() || passes(ctx, limits->accounts, account_key(ctx, account))));
}

void count_failure(request_context& ctx, const std::string& account) {
  const auto& limits = ctx.shop().attempts;
  if (!limits)
    return;
  const auto client = client_address(ctx);
  // Without the name that was tried: people type passwords into the wrong field.
  spdlog::info("an attempt is counted: path={} address={} request_id={}",
               std::string_view{ctx.req.target}.substr(0, ctx.req.target.find('?')), client,
               ctx.req.request_id);
  limits->addresses.count(client, steady_ms());
  if (!account.empty())
    limits->accounts.count(account_key(ctx, account), steady_ms());
  tell_limits(ctx, account);
}

bool may_register(request_context& ctx) {
  const auto& limits = ctx.shop().attempts;
  if (!limits)
    return true;
  const auto key = client_address(ctx);
  tell_limit(ctx, "registrations", limits->registrations, key);
  if (!passes(ctx, limits->registrations, key))
    return false;
  limits->registrations.count(key, steady_ms());
  ctx.limit_policy.clear();
  ctx.limit_left.clear();
  tell_limit(ctx, "registrations", limits->registrations, key);
  return true;
}

bool is_wrong_secret(const caf::error& err) {
  const auto code = actors::code_of(err);
  return code == actors::ec::wrong_credentials || code == actors::ec::wrong_password
         || code == actors::ec::invalid_token || code == actors::ec::invalid_reset_token;
}

} // namespace souk::http
