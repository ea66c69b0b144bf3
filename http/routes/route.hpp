// One route: what it answers to, what it demands, what it says of itself.
#pragma once

#include "actors/domain/shards.hpp"
#include "http/routes/schema.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace souk::http {

struct request_context;
using context_ptr = std::shared_ptr<request_context>;

/// Answers a request that passed all checks of its route, now or later. Runs on the io thread.
using handler = void (*)(const context_ptr& ctx);

/// HEAD is GET to a route; OPTIONS is answered for all.
enum class http_method : uint8_t { get, post, put, patch, remove };
inline constexpr size_t http_methods = 5;

constexpr std::string_view to_string(http_method m) {
  switch (m) {
  case http_method::get: return "GET";
  case http_method::post: return "POST";
  case http_method::put: return "PUT";
  case http_method::patch: return "PATCH";
  case http_method::remove: return "DELETE";
  }
  return "?";
}

/// `provider`: an administrator, or whoever can sign the body with the payment provider's secret.
enum class access : uint8_t { everyone, user, admin, provider };

constexpr std::string_view to_string(access x) {
  switch (x) {
  case access::everyone: return "everyone";
  case access::user: return "user";
  case access::admin: return "admin";
  case access::provider: return "admin"; // the provider's signature is no role
  }
  return "?";
}

/// The segment of a path that is a user's id.
inline constexpr std::string_view user_id_segment = "{user_id}";

/// An answer besides the failures that follow from the rest of a route (401, 404, 422, ...).
struct documented_answer {
  unsigned status = 200;
  std::string_view description;
  const schema* body = nullptr;  ///< none: a problem if status is 400 or more, text if
                                 ///< `content_type` is another, else no body
  std::string_view example = {}; ///< JSON
  std::string_view content_type = "application/json"; ///< of what is no problem
};

struct route {
  http_method method = http_method::get;
  /// A segment in braces is an integer id from 1 to 2^53 - 1, at most two; `{user_id}` is a UUID,
  /// at most one.
  std::string_view path = {};
  std::string_view operation = {}; ///< unique; names the function in generated clients
  std::string_view summary = {};
  bool hidden = false; ///< no operation of the API: left out of /openapi.json
  access who = access::everyone;
  std::optional<domain::domain_id> domain = {}; ///< whose admission counts it; none: not counted
  std::vector<parameter> query = {};            ///< others are ignored
  const schema* body = nullptr;                 ///< none: a body is ignored
  std::string_view body_example = {};           ///< JSON
  bool body_optional = false;                   ///< no body at all is an empty object
  bool form = false;                            ///< the body may be a form
  bool changes = false;   ///< honours Idempotency-Key; silence is `outcome_unknown`
  bool unkept = false;    ///< changes something, too, but honours no key
  bool if_match = false;  ///< honours If-Match
  bool tagged = false;    ///< answers with an ETag; a GET honours If-None-Match
  bool paged = false;     ///< answers with Link rel=next
  bool limited = false;   ///< orders per user: 429 and the RateLimit headers
  bool resumable = false; ///< a stream that goes on after Last-Event-ID
  bool cacheable = false; ///< the same for everyone; all else is `Cache-Control: no-store`
  std::vector<documented_answer> answers = {};
  handler run = nullptr;

  /// Whether it may be unknown if something was changed.
  bool writes() const { return changes || unkept; }
};

// The routes of each resource, in the file of that name.
void add_auth_routes(std::vector<route>& to);
void add_password_routes(std::vector<route>& to);
void add_user_routes(std::vector<route>& to);
void add_user_import_routes(std::vector<route>& to);
void add_address_routes(std::vector<route>& to);
void add_product_routes(std::vector<route>& to);
void add_category_routes(std::vector<route>& to);
void add_import_routes(std::vector<route>& to);
void add_stock_routes(std::vector<route>& to);
void add_order_routes(std::vector<route>& to);
void add_order_change_routes(std::vector<route>& to);
void add_order_history_routes(std::vector<route>& to);
void add_cart_routes(std::vector<route>& to);
void add_health_routes(std::vector<route>& to);
void add_docs_routes(std::vector<route>& to);

} // namespace souk::http
