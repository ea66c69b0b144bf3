#include "http/routes/problem.hpp"

#include "actors/domain/money.hpp"
#include "actors/messages/type_ids.hpp"
#include "http/routes/json_writer.hpp"
#include "http/server/problem_text.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace souk::http {
namespace {

using actors::ec;

/// The place of a product in the order as it was sent, if it is known.
std::optional<size_t> line_of(int64_t product, const failed_request& request) {
  if (!request.line_products)
    return std::nullopt;
  const auto& all = *request.line_products;
  const auto at = std::find(all.begin(), all.end(), product);
  return at == all.end() ? std::nullopt : std::optional<size_t>(at - all.begin());
}

void write_errors(json_writer& out, const std::vector<field_error>& errors) {
  out.begin_array();
  for (const auto& x : errors) {
    out.begin_object();
    out.key("pointer").string(x.pointer).key("detail").string(x.detail);
    out.end_object();
  }
  out.end_array();
}

/// Adds a member to a problem's object.
template <class F>
void add_member(std::string& problem, std::string_view name, F write) {
  problem.pop_back();
  problem.append(",\"").append(name).append("\":");
  json_writer out{problem};
  write(out);
  problem += '}';
}

void add_errors(std::string& problem, const std::vector<field_error>& errors) {
  if (!errors.empty())
    add_member(problem, "errors", [&](json_writer& out) { write_errors(out, errors); });
}

/// Each line, as sent, of a product that does not exist.
void add_unknown(std::string& problem, const actors::unknown_products* unknown,
                 const failed_request& request) {
  constexpr std::string_view detail = "there is no such product";
  std::vector<field_error> errors;
  if (request.line_products && unknown) {
    const auto& lines = *request.line_products;
    for (size_t i = 0; i < lines.size(); ++i)
      if (std::find(unknown->ids.begin(), unknown->ids.end(), lines[i]) != unknown->ids.end())
        errors.push_back({"/items/" + std::to_string(i) + "/product_id", std::string{detail}});
  } else if (!request.product_pointer.empty()) {
    errors.push_back({std::string{request.product_pointer}, std::string{detail}});
  }
  add_errors(problem, errors);
}

void add_shortages(std::string& problem, const std::vector<actors::shortage>& missing,
                   const failed_request& request) {
  std::vector<field_error> errors;
  for (const auto& x : missing) {
    auto detail = std::to_string(x.available) + " available";
    if (!request.line_products && !request.shortage_pointer.empty())
      errors.push_back({std::string{request.shortage_pointer}, std::move(detail)});
    else if (const auto line = line_of(x.product_id, request))
      errors.push_back({"/items/" + std::to_string(*line) + "/quantity", std::move(detail)});
  }
  add_errors(problem, errors);
  add_member(problem, "shortages", [&](json_writer& out) {
    out.begin_array();
    for (const auto& x : missing) {
      out.begin_object();
      out.key("product_id").integer(x.product_id);
      out.key("requested").integer(x.requested);
      out.key("available").integer(x.available);
      out.end_object();
    }
    out.end_array();
  });
}

void add_prices(std::string& problem, const std::vector<actors::changed_price>& changed,
                int digits) {
  add_member(problem, "prices", [&](json_writer& out) {
    out.begin_array();
    for (const auto& x : changed) {
      out.begin_object();
      out.key("product_id").integer(x.product_id);
      out.key("old_price").raw(domain::format_money(x.old_price, digits));
      out.key("new_price").raw(domain::format_money(x.new_price, digits));
      out.end_object();
    }
    out.end_array();
  });
}

/// The error's context, if it is one value of this type.
template <class T>
const T* context_as(const caf::error& err) {
  const auto& x = err.context();
  return x.size() == 1 && x.match_element<T>(0) ? &x.get_as<T>(0) : nullptr;
}

void add_limit(response& out, int64_t seconds) {
  const auto wait = std::to_string(std::max<int64_t>(seconds, 1));
  out.headers.emplace_back("Retry-After", wait);
  out.headers.emplace_back("RateLimit", limit_text("orders", 0, std::max<int64_t>(seconds, 1)));
}

} // namespace

failure describe(ec code) {
  const auto name = actors::to_string(code);
  constexpr std::string_view overloaded = "Nothing happened; try again in a moment.";
  switch (code) {
  case ec::not_found: return {404, name, "There is no such object."};
  case ec::product_not_found: return {422, name, "There is no such product."};
  case ec::category_not_found: return {422, name, "There is no such category."};
  case ec::out_of_stock: return {409, name, "There is not enough stock."};
  case ec::invalid_transition:
    return {409, name, "The order's present status does not allow this."};
  case ec::stale_version: return {412, name, "It has changed since the version in If-Match."};
  case ec::username_taken: return {409, name, "This username is taken."};
  case ec::email_taken: return {409, name, "This e-mail address is taken."};
  case ec::external_id_taken: return {409, name, "Another product has this external_id."};
  case ec::idempotency_key_reused:
    return {422, name, "This Idempotency-Key was used for a different request."};
  case ec::wrong_credentials: return {401, name, "Username or password is wrong."};
  case ec::account_disabled: return {403, name, "This account is disabled."};
  case ec::forbidden: return {403, name, "This is not allowed to you."};
  case ec::order_limit_reached: return {429, name, "Too many orders; wait and try again."};
  case ec::amount_too_large: return {422, name, "The total is too large."};
  case ec::category_cycle: return {409, name, "A category cannot be below itself."};
  case ec::category_not_empty:
    return {409, name, "There are products or categories in this category."};
  case ec::too_many_categories: return {409, name, "There are as many categories as there can be."};
  case ec::invalid_value: return {422, name, "A value cannot be stored."};
  case ec::address_not_found: return {422, name, "There is no such address of yours."};
  case ec::cart_empty: return {409, name, "The cart is empty."};
  case ec::cart_full: return {422, name, "The cart has as many products as an order may have."};
  case ec::price_changed:
    return {409, name, "Prices have changed since you saw them: see `prices`, then try again."};
  case ec::wrong_total: return {422, name, "The order comes to another total."};
  case ec::wrong_amount: return {409, name, "The amount is not the order's total."};
  case ec::reference_taken: return {409, name, "This reference was used for another order."};
  case ec::invalid_token: return {401, name, "The token is not valid (any more)."};
  case ec::invalid_reset_token:
    return {422, "invalid_token", "The token is not valid (any more): ask for a new one."};
  case ec::wrong_password: return {403, name, "The old password is wrong."};
  case ec::last_administrator:
    return {409, name, "The shop would be left without an administrator."};
  case ec::too_many: return {409, name, "There are too many already: delete some."};
  case ec::too_many_attempts: return {429, name, "Too many attempts; wait and try again."};
  case ec::overloaded:
  case ec::restarting:
  case ec::write_failed:
  case ec::write_expired:
  case ec::stale_incarnation:
  case ec::not_owner:
  case ec::database_unavailable: return {503, "overloaded", overloaded, true};
  case ec::outcome_unknown:
    return {503, name, "It may have happened; repeat it only with the same Idempotency-Key.", true};
  case ec::none:
  case ec::internal: break;
  }
  return {500, "internal", "Something went wrong here; the request id leads to the log."};
}

std::string limit_text(std::string_view policy, int64_t left, int64_t seconds) {
  return '"' + std::string{policy} + "\";r=" + std::to_string(left)
         + ";t=" + std::to_string(seconds);
}

response make_problem(const failure& why, std::string_view request_id) {
  response out;
  out.status = why.status;
  out.content_type = problem_content_type;
  out.body = problem_body(why.status, why.code, why.detail, request_id);
  out.code = why.code;
  if (why.retry)
    out.headers.emplace_back("Retry-After", "1");
  if (why.status == 401)
    out.headers.emplace_back("WWW-Authenticate", "Bearer");
  return out;
}

response make_invalid(const std::vector<field_error>& errors, std::string_view request_id) {
  auto out = make_problem({422, "invalid_value", "Some values are not acceptable."}, request_id);
  add_errors(out.body, errors);
  return out;
}

response make_failed(const caf::error& err, const failed_request& request) {
  auto code = err ? actors::code_of(err) : ec::internal;
  if (code == ec::outcome_unknown && !request.changes)
    code = ec::overloaded;
  auto why = describe(code);
  if (code == ec::outcome_unknown && !request.keyed)
    why.detail = "It may have happened: try again, and log in if the token is refused.";
  auto out = make_problem(why, request.request_id);
  if (code == ec::out_of_stock) {
    if (const auto* missing = context_as<std::vector<actors::shortage>>(err))
      add_shortages(out.body, *missing, request);
  } else if (code == ec::product_not_found) {
    add_unknown(out.body, context_as<actors::unknown_products>(err), request);
  } else if (code == ec::wrong_total) {
    if (const auto* total = context_as<int64_t>(err))
      add_errors(out.body,
                 {{"/expected_total", "is not the total, which is "
                                        + domain::format_money(*total, request.currency_digits)}});
  } else if (code == ec::amount_too_large && request.line_products) {
    add_errors(out.body, {{"/items", "come to too large a total"}});
  } else if (code == ec::amount_too_large && !request.value_pointer.empty()) {
    add_errors(out.body, {{std::string{request.value_pointer}, "comes to too large a total"}});
  } else if (code == ec::invalid_value && !request.value_pointer.empty()) {
    add_errors(out.body, {{std::string{request.value_pointer}, std::string{request.value_detail}}});
  } else if (code == ec::price_changed) {
    if (const auto* prices = context_as<std::vector<actors::changed_price>>(err))
      add_prices(out.body, *prices, request.currency_digits);
  } else if (code == ec::address_not_found) {
    add_errors(out.body, {{"/shipping_address_id", "there is no such address"}});
  } else if (code == ec::category_not_found) {
    add_errors(out.body, {{std::string{request.category_field}, "there is no such category"}});
  } else if (code == ec::order_limit_reached) {
    const auto* seconds = context_as<int64_t>(err);
    add_limit(out, seconds ? *seconds : 1);
  }
  return out;
}

} // namespace souk::http
