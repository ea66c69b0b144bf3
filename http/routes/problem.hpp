// Failures as RFC 9457 problems.
#pragma once

#include "actors/error.hpp"
#include "http/routes/schema.hpp"
#include "http/server/exchange.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace souk::http {

/// How a failure looks from outside.
struct failure {
  unsigned status = 500;
  std::string_view code;
  std::string_view detail;
  bool retry = false; ///< Retry-After: 1
};

/// The one table from error codes to answers.
failure describe(actors::ec code);

response make_problem(const failure& why, std::string_view request_id);

/// 422 with everything that is wrong with a request.
response make_invalid(const std::vector<field_error>& errors, std::string_view request_id);

/// What is known of a request that failed.
struct failed_request {
  std::string_view request_id;
  bool changes = false;                                ///< a silent receiver may have done it
  const std::vector<int64_t>* line_products = nullptr; ///< of the order's lines as sent, if any
  int currency_digits = 2;                             ///< of the shop's currency
  std::string_view shortage_pointer = "/delta";        ///< whose value is too much; empty: none
  std::string_view category_field = "/category_id";    ///< where the body names a category
  std::string_view product_pointer = {};               ///< the body's only product, if it has one
  std::string_view value_pointer = {};                 ///< what only the shard can judge, if any
  std::string_view value_detail = {};                  ///< what is said of it then
  bool keyed = true;                                   ///< it honours Idempotency-Key
};

/// The value of a RateLimit header: what is left of a policy's quota, seconds until there is more.
std::string limit_text(std::string_view policy, int64_t left, int64_t seconds);

/// The answer to a request that failed with `err`: ours, or one of CAF's own (time-out, receiver
/// gone), which is `outcome_unknown` for a change and `overloaded` for a read.
response make_failed(const caf::error& err, const failed_request& request);

} // namespace souk::http
