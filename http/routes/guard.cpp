#include "http/routes/guard.hpp"

#include <chrono>

namespace souk::http {
namespace {

int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

std::string account_key(const request_context& ctx, const std::string& account) {
  return domain::fold_login(account) + '\n' + client_of(ctx.req.peer);
}

void refuse(request_context& ctx, std::string_view name, const attempt_limit& limit,
            int64_t seconds) {
  auto out = make_problem(describe(actors::ec::too_many_attempts), ctx.req.request_id);
  const auto quoted = '"' + std::string{name} + '"';
  const auto window = std::chrono::duration_cast<std::chrono::seconds>(limit.window).count();
  out.headers.emplace_back("Retry-After", std::to_string(seconds));
  out.headers.emplace_back("RateLimit-Policy", quoted + ";q=" + std::to_string(limit.count)
                                                 + ";w=" + std::to_string(window));
  out.headers.emplace_back("RateLimit", quoted + ";r=0;t=" + std::to_string(seconds));
  respond(ctx, std::move(out));
}

bool passes(request_context& ctx, std::string_view name, attempt_counter& counter,
            const std::string& key) {
  const auto seconds = counter.wait(key, steady_ms());
  if (seconds > 0)
    refuse(ctx, name, counter.limit(), seconds);
  return seconds == 0;
}

} // namespace

bool may_try(request_context& ctx, const std::string& account) {
  const auto& limits = ctx.shop().attempts;
  return !limits
         || (passes(ctx, "logins", limits->addresses, client_of(ctx.req.peer))
             && (account.empty()
                 || passes(ctx, "logins_per_account", limits->accounts,
                           account_key(ctx, account))));
}

void count_failure(request_context& ctx, const std::string& account) {
  const auto& limits = ctx.shop().attempts;
  if (!limits)
    return;
  limits->addresses.count(client_of(ctx.req.peer), steady_ms());
  if (!account.empty())
    limits->accounts.count(account_key(ctx, account), steady_ms());
}

bool may_register(request_context& ctx) {
  const auto& limits = ctx.shop().attempts;
  if (!limits)
    return true;
  const auto key = client_of(ctx.req.peer);
  if (!passes(ctx, "registrations", limits->registrations, key))
    return false;
  limits->registrations.count(key, steady_ms());
  return true;
}

bool is_wrong_secret(const caf::error& err) {
  const auto code = actors::code_of(err);
  return code == actors::ec::wrong_credentials || code == actors::ec::wrong_password
         || code == actors::ec::invalid_token || code == actors::ec::invalid_reset_token;
}

} // namespace souk::http
