// One request on its way through the API, and what all handlers do with it: ask, answer, fail.
#pragma once

#include "http/gateway/asio_actor.hpp"
#include "http/routes/api.hpp"
#include "http/routes/idempotency.hpp"
#include "http/routes/json_reader.hpp"
#include "http/routes/problem.hpp"
#include "http/routes/request_metrics.hpp"
#include "http/routes/route.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace souk::http {

/// What the requests of one io thread share. Outlives them.
struct api_core {
  explicit api_core(backend b);

  backend shop;
  asio_actor* self = nullptr; ///< valid while requests come and answers arrive
  token_cache tokens;
  actors::revocation_view revoked;
  fingerprints prints;
  request_metrics counts;
};

/// Lives until the answer is given and nobody is asked any more. On the io thread only.
struct request_context {
  request_context(std::shared_ptr<api_core> c, request&& r, reply&& a)
    : core{std::move(c)}, req{std::move(r)}, answer{std::move(a)} {}

  std::shared_ptr<api_core> core;
  request req;
  reply answer;
  admission::ticket ticket;           ///< given back with the answer
  const route* at = nullptr;          ///< null: no route was found
  int64_t id = 0;                     ///< of the path
  int64_t id2 = 0;                    ///< the second one of the path
  domain::uuid user_id;               ///< of the path
  domain::uuid caller;                ///< nil: anonymous
  std::optional<domain::uuid> sender; ///< who acts for the caller; none: the caller
  std::string session;                ///< the caller's
  domain::user_role role = domain::user_role::user;
  bool named = false;    ///< the caller is named by a trusted proxy, in place of a token
  int64_t named_at = 0;  ///< when, as a token has its time; milliseconds since 1970
  bool provider = false; ///< the payment provider's signature was right
  actors::idempotency_key key;
  std::vector<std::pair<std::string, std::string>> query; ///< decoded, checked where described
  json_value body;                                        ///< checked; null if the route takes none
  std::vector<int64_t> line_products;                     ///< of an order's lines as sent
  std::string limit_policy; ///< of RateLimit-Policy, for what this request counts against; or empty
  std::string limit_left;   ///< of RateLimit
  std::string_view shortage_pointer = "/delta"; ///< whose value is too much; empty: none
  std::string_view product_pointer = {};        ///< see failed_request, as the next two
  std::string_view value_pointer = {};
  std::string_view value_detail = {};
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();

  backend& shop() { return core->shop; }
  bool is_admin() const { return role == domain::user_role::admin; }
  const std::string* query_value(std::string_view name) const;
  int64_t query_integer(std::string_view name, int64_t otherwise) const;
};

/// Milliseconds since 1970, UTC.
int64_t unix_ms_now();

/// What every command carries: who asks, until when, under which key.
actors::call make_call(const request_context& ctx);

/// How long an answer may take, actor to actor.
std::chrono::milliseconds timeout_of(const request_context& ctx);

/// Answers, with the headers that all answers have, and logs the request. The last thing to do.
void respond(request_context& ctx, response&& answer);

void fail(request_context& ctx, const failure& why);
void fail(request_context& ctx, actors::ec code);
void fail(request_context& ctx, const caf::error& err);
void fail_invalid(request_context& ctx, const std::vector<field_error>& errors);

/// A JSON answer. `tag` is its ETag (empty: none): a GET that has it already gets 304.
response make_answer(const request_context& ctx, unsigned status, std::string&& body,
                     std::string tag = {});

/// The answer to a change: as make_answer, and Idempotent-Replayed where it was one.
response make_change_answer(const request_context& ctx, unsigned status, std::string&& body,
                            std::string tag, bool replayed);

/// Adds `Link: rel="next"`: this request's path and known parameters, with another cursor.
void add_next_link(const request_context& ctx, response& answer, int64_t last_id);
void add_next_link(const request_context& ctx, response& answer, std::string_view cursor);

/// The claims of a token that is valid and not revoked; null otherwise. Valid until the next call.
const claims* good_token(api_core& core, std::string_view token);

/// The body member `name`; null pointer if it is absent or null.
const json_value* body_field(const request_context& ctx, std::string_view name);
/// Its text; empty if it is absent or null.
std::string body_text(const request_context& ctx, std::string_view name);
int64_t body_integer(const request_context& ctx, std::string_view name, int64_t otherwise);
/// An amount that the route's schema has accepted, in minor units.
int64_t minor_units(const request_context& ctx, const json_value& amount);

/// Calls `f`; should it throw, the client gets a 500 and this io thread goes on.
template <class F>
void guarded(request_context& ctx, F f) noexcept {
  try {
    f();
  } catch (const std::exception&) {
    fail(ctx, actors::ec::internal);
  }
}

/// Sends a command to a shard and calls `done(ctx, answer)` on this thread when it succeeded; every
/// failure is answered here.
template <class Answer, class Handle, class Command, class Done>
void ask(const context_ptr& ctx, const Handle& to, Command&& cmd, Done done) {
  if (!to)
    return fail(*ctx, actors::ec::overloaded); // not started yet
  ctx->core->self->open_requests().ask<Answer>(
    ctx->core->self, to, timeout_of(*ctx), std::forward<Command>(cmd),
    // Names of their own: what is captured from a const reference could not be moved.
    [ctx = ctx, done](const Answer& x) { guarded(*ctx, [&] { done(ctx, x); }); },
    [ctx = ctx](const caf::error& err) { guarded(*ctx, [&] { fail(*ctx, err); }); });
}

/// The shard that owns a key (an id or a user).
template <class Handle, class Key>
const Handle& owner(actors::router<Handle>& to, const Key& key) {
  return to.at(domain::shard_of(key, to.size()));
}

/// Any shard; with an Idempotency-Key always the same one, so that a retry meets what it knows.
template <class Handle>
const Handle& owner_of_new(actors::router<Handle>& to, const actors::idempotency_key& key) {
  if (key.id.empty())
    return to.any();
  return to.at(static_cast<uint32_t>(stable_hash(key.id) % to.size()));
}

/// Finds the version that a change expects by If-Match, then calls `go(ctx, version)`. Only where
/// the header lists several is the object read first, by `read`; the shard remains the judge, also
/// of whether this is the retry of a change that was made.
template <class View, class Handle, class Read, class VersionOf, class Go>
void with_expected_version(const context_ptr& ctx, char prefix, const Handle& to, Read read,
                           VersionOf version_of, Go go) {
  auto condition = read_if_match(ctx->req.if_match, prefix);
  if (condition.any)
    return go(ctx, std::optional<int64_t>{});
  // A version below 1 never was, and 0 would mean "any" further on.
  std::erase_if(condition.versions, [](int64_t version) { return version < 1; });
  // The shard says no to what cannot match, after what it would refuse anyway (RFC 9110, 13.2.1).
  if (condition.versions.empty())
    condition.versions.push_back(actors::no_version);
  if (condition.versions.size() == 1)
    return go(ctx, std::optional<int64_t>{condition.versions[0]});
  ask<View>(
    ctx, to, std::move(read),
    [listed = std::move(condition.versions), version_of, go](const context_ptr& c, const View& x) {
      auto expected = listed[0];
      for (const auto version : listed)
        if (version == version_of(x))
          expected = version;
      go(c, std::optional<int64_t>{expected});
    });
}

} // namespace souk::http
