// Changes of an order after it was placed.
#include "http/routes/order_commands.hpp"
#include "http/routes/order_schemas.hpp"
#include "http/routes/schemas.hpp"

namespace souk::http {
namespace {

using actors::order_answer;

/// PATCH names the status; cancel has no body.
void change(const context_ptr& ctx, std::optional<int64_t> expected_version) {
  const auto status = domain::parse_order_status(body_text(*ctx, "status"));
  actors::change_order_status cmd{
    make_call(*ctx), ctx->id, status.value_or(domain::order_status::cancelled), expected_version};
  ask<order_answer>(ctx, shard_of_path(*ctx), std::move(cmd), answer_change);
}

void change_if_match(const context_ptr& ctx) {
  with_expected_version<domain::order>(
    ctx, 'v', shard_of_path(*ctx), actors::get_order{make_call(*ctx), ctx->id},
    [](const domain::order& x) { return x.version; }, change);
}

void change_item(const context_ptr& ctx, std::optional<int64_t> expected_version) {
  ctx->shortage_pointer = ctx->value_pointer = "/quantity";
  actors::change_order_item cmd{make_call(*ctx), ctx->id, ctx->id2,
                                body_integer(*ctx, "quantity", 0), expected_version};
  ask<order_answer>(ctx, shard_of_path(*ctx), std::move(cmd), answer_change);
}

void change_item_if_match(const context_ptr& ctx) {
  with_expected_version<domain::order>(
    ctx, 'v', shard_of_path(*ctx), actors::get_order{make_call(*ctx), ctx->id},
    [](const domain::order& x) { return x.version; }, change_item);
}

void pay(const context_ptr& ctx, std::optional<int64_t> expected_version) {
  actors::pay_order cmd;
  cmd.call = make_call(*ctx);
  cmd.id = ctx->id;
  cmd.reference = body_text(*ctx, "reference");
  cmd.amount = minor_units(*ctx, *body_field(*ctx, "amount"));
  cmd.provider = ctx->provider;
  cmd.expected_version = expected_version;
  ask<order_answer>(ctx, shard_of_path(*ctx), std::move(cmd), answer_change);
}

void pay_if_match(const context_ptr& ctx) {
  auto read = make_call(*ctx);
  if (ctx->provider) // who may pay any order and has no account
    read.role = domain::user_role::admin;
  with_expected_version<domain::order>(
    ctx, 'v', shard_of_path(*ctx), actors::get_order{std::move(read), ctx->id},
    [](const domain::order& x) { return x.version; }, pay);
}

} // namespace

void add_order_change_routes(std::vector<route>& to) {
  to.push_back({
    .method = http_method::patch,
    .path = "/api/v1/orders/{id}",
    .operation = "changeOrder",
    .summary = "One step of the life cycle; an owner may only cancel",
    .who = access::user,
    .domain = domain::domain_id::order,
    .body = &schemas::order_change,
    .body_example = R"({"status":"shipped"})",
    .changes = true,
    .if_match = true,
    .tagged = true,
    .answers = {{200, "the order", &schemas::order},
                {403, "an owner may only cancel"},
                {409, "`invalid_transition`"}},
    .run = change_if_match,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/orders/{id}/cancel",
    .operation = "cancelOrder",
    .summary = "Cancel an order; its stock goes back, once",
    .who = access::user,
    .domain = domain::domain_id::order,
    .changes = true,
    .if_match = true,
    .tagged = true,
    .answers = {{200, "the order", &schemas::order}, {409, "`invalid_transition`"}},
    .run = change_if_match,
  });
  to.push_back({
    .method = http_method::put,
    .path = "/api/v1/orders/{id}/items/{item_id}",
    .operation = "changeOrderItem",
    .summary = "Another quantity for one line, while pending or confirmed; 0 removes it",
    .who = access::user,
    .domain = domain::domain_id::order,
    .body = &schemas::item_quantity,
    .body_example = R"({"quantity":3})",
    .changes = true,
    .if_match = true,
    .tagged = true,
    .answers = {{200, "the order", &schemas::order},
                {403, "it is another user's order: an ADMIN may only look"},
                {409, "`out_of_stock`, `invalid_transition`"}},
    .run = change_item_if_match,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/orders/{id}/payment",
    .operation = "payOrder",
    .summary = "Note a payment, once a reference; by an ADMIN, or signed by the payment provider "
               "(X-Payment-Signature: sha256=<HMAC-SHA256 of the body>)",
    .who = access::provider,
    .domain = domain::domain_id::order,
    .body = &schemas::payment,
    .body_example = R"({"reference":"pi_2077","amount":59.98})",
    .changes = true,
    .if_match = true,
    .tagged = true,
    .answers = {{200, "the order", &schemas::order},
                {409, "`invalid_transition`, `wrong_amount`, `reference_taken`"}},
    .run = pay_if_match,
  });
}

} // namespace souk::http
