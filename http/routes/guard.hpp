// Attempts at passwords and tokens: refused before any hash is computed, counted when they fail.
#pragma once

#include "http/routes/request_context.hpp"

#include <string>

namespace souk::http {

/// False: this client has failed too often, here or at this account (empty: none), and the request
/// is answered with 429.
bool may_try(request_context& ctx, const std::string& account);

/// The attempt failed.
void count_failure(request_context& ctx, const std::string& account);

/// False: too many accounts were made from this address, and the request is answered with 429;
/// otherwise this one is counted.
bool may_register(request_context& ctx);

/// Whether a failure tells that a secret was wrong.
bool is_wrong_secret(const caf::error& err);

/// What a success means: that a secret was right and nothing was done yet, or that all was done.
enum class success : uint8_t { matched, committed };

/// As `ask`; an answer that a secret was wrong is counted. Who has failed too often meanwhile
/// learns nothing, not even that this one was right: else many guesses at once would all be
/// answered. What was committed is answered in any case: a refusal would say that nothing changed.
template <class Answer, success Means, class Handle, class Command, class Done>
void ask_counted(const context_ptr& ctx, const std::string& account, const Handle& to,
                 Command&& cmd, Done done) {
  if (!to)
    return fail(*ctx, actors::ec::overloaded); // not started yet
  ctx->core->self->open_requests().ask<Answer>(
    ctx->core->self, to, timeout_of(*ctx), std::forward<Command>(cmd),
    [ctx, account, done](const Answer& x) {
      guarded(*ctx, [&] {
        if (Means == success::committed || may_try(*ctx, account))
          done(ctx, x);
      });
    },
    [ctx, account](const caf::error& err) {
      guarded(*ctx, [&] {
        if (is_wrong_secret(err)) {
          if (!may_try(*ctx, account))
            return;
          count_failure(*ctx, account);
        }
        fail(*ctx, err);
      });
    });
}

} // namespace souk::http
