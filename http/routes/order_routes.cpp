#include "http/routes/request_context.hpp"
#include "http/routes/schemas.hpp"
#include "http/routes/time_text.hpp"

#include <algorithm>

namespace souk::http {
namespace {

using actors::order_answer;
using actors::order_page;

std::string order_json(request_context& ctx, const domain::order& x) {
  std::string body;
  body.reserve(640 + 160 * x.lines.size());
  json_writer out{body};
  write_order(out, x, ctx.shop().currency.digits);
  return body;
}

/// The lines as wanted, each product once; notes the products as sent, for pointers into the body.
std::vector<actors::wanted_line> take_lines(request_context& ctx) {
  const auto& items = ctx.body.find("items")->items;
  std::vector<actors::wanted_line> out;
  out.reserve(items.size());
  ctx.line_products.reserve(items.size());
  for (const auto& item : items) {
    const auto product = item.find("product_id")->integer;
    const auto quantity = item.find("quantity")->integer;
    ctx.line_products.push_back(product);
    const auto known = std::find_if(out.begin(), out.end(),
                                    [product](const auto& x) { return x.product_id == product; });
    if (known == out.end())
      out.push_back({product, quantity});
    else
      known->quantity += quantity;
  }
  return out;
}

std::optional<domain::address> take_address(const request_context& ctx) {
  const auto* from = body_field(ctx, "shipping_address");
  if (!from)
    return std::nullopt;
  const auto text = [from](std::string_view name) {
    const auto* x = from->find(name);
    return x ? x->text : std::string{};
  };
  return domain::address{text("street"), text("city"), text("state"), text("postal_code"),
                         text("country")};
}

void place(const context_ptr& ctx) {
  if (body_field(*ctx, "shipping_address_id"))
    return fail_invalid(
      *ctx, {{"/shipping_address_id", "addresses are not kept yet: send shipping_address"}});
  actors::place_order cmd;
  cmd.call = make_call(*ctx);
  cmd.lines = take_lines(*ctx);
  cmd.shipping_address = take_address(*ctx);
  cmd.note = body_text(*ctx, "note");
  if (const auto* method = body_field(*ctx, "payment_method"))
    cmd.payment = domain::parse_payment_method(method->text).value_or(cmd.payment);
  ask<order_answer>(
    ctx, owner(ctx->shop().orders, ctx->caller), std::move(cmd),
    [](const context_ptr& c, const order_answer& placed) {
      const auto& x = placed.value;
      auto answer =
        make_change_answer(*c, 201, order_json(*c, x), version_tag(x.version), placed.replayed);
      answer.headers.emplace_back("Location", "/api/v1/orders/" + std::to_string(x.id));
      respond(*c, std::move(answer));
    });
}

void answer_page(const context_ptr& ctx, const order_page& page) {
  std::string body;
  json_writer out{body};
  out.begin_array();
  for (const auto& x : page.items)
    write_order(out, x, ctx->shop().currency.digits);
  out.end_array();
  auto answer = make_answer(*ctx, 200, std::move(body));
  if (page.more && !page.items.empty())
    add_next_link(*ctx, answer, page.items.back().id);
  respond(*ctx, std::move(answer));
}

void list(const context_ptr& ctx) {
  actors::list_orders cmd;
  cmd.call = make_call(*ctx);
  cmd.user_id = ctx->caller;
  if (const auto* whose = ctx->query_value("user_id"))
    cmd.user_id = domain::parse_uuid(*whose).value_or(ctx->caller);
  if (cmd.user_id != ctx->caller && !ctx->is_admin())
    return fail(*ctx, actors::ec::forbidden);
  if (const auto* status = ctx->query_value("status"))
    cmd.status = domain::parse_order_status(*status);
  if (const auto* after = ctx->query_value("created_after"))
    cmd.created_after = parse_time(*after).value_or(0);
  if (const auto* before = ctx->query_value("created_before"))
    cmd.created_before = parse_time(*before).value_or(0);
  if (const auto* cursor = ctx->query_value("cursor"))
    cmd.before_id = decode_cursor(*cursor).value_or(0);
  cmd.limit = ctx->query_integer("limit", 100);
  const auto& shard = owner(ctx->shop().orders, cmd.user_id);
  ask<order_page>(ctx, shard, std::move(cmd), answer_page);
}

const actors::order_actor& shard_of_path(request_context& ctx) {
  return owner(ctx.shop().orders, ctx.id);
}

void get(const context_ptr& ctx) {
  actors::get_order cmd{make_call(*ctx), ctx->id};
  ask<domain::order>(ctx, shard_of_path(*ctx), std::move(cmd),
                     [](const context_ptr& c, const domain::order& x) {
                       respond(*c, make_answer(*c, 200, order_json(*c, x), version_tag(x.version)));
                     });
}

/// PATCH names the status; cancel has no body.
void change(const context_ptr& ctx, std::optional<int64_t> expected_version) {
  const auto status = domain::parse_order_status(body_text(*ctx, "status"));
  actors::change_order_status cmd{
    make_call(*ctx), ctx->id, status.value_or(domain::order_status::cancelled), expected_version};
  ask<order_answer>(ctx, shard_of_path(*ctx), std::move(cmd),
                    [](const context_ptr& c, const order_answer& x) {
                      respond(*c, make_change_answer(*c, 200, order_json(*c, x.value),
                                                     version_tag(x.value.version), x.replayed));
                    });
}

void change_if_match(const context_ptr& ctx) {
  with_expected_version<domain::order>(
    ctx, 'v', shard_of_path(*ctx), actors::get_order{make_call(*ctx), ctx->id},
    [](const domain::order& x) { return x.version; }, change);
}

void add_reads(std::vector<route>& to) {
  to.push_back({
    .path = "/api/v1/orders",
    .operation = "listOrders",
    .summary = "The caller's orders, newest first",
    .who = access::user,
    .domain = domain::domain_id::order,
    .query = {{"status", &schemas::order_status},
              {"created_after", &schemas::time, "exclusive"},
              {"created_before", &schemas::time, "exclusive"},
              {"user_id", &schemas::user_id, "whose; another's for an ADMIN only"},
              {"limit", &schemas::page_limit},
              {"cursor", &schemas::cursor}},
    .paged = true,
    .answers = {{200, "a page of orders", &schemas::orders}, {403, "another user's orders"}},
    .run = list,
  });
  to.push_back({
    .path = "/api/v1/orders/{id}",
    .operation = "getOrder",
    .summary = "An order of the caller's (an ADMIN: of anyone)",
    .who = access::user,
    .domain = domain::domain_id::order,
    .tagged = true,
    .answers = {{200, "the order", &schemas::order}},
    .run = get,
  });
}

void add_changes(std::vector<route>& to) {
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/orders",
    .operation = "placeOrder",
    .summary = "Place an order: all lines or nothing",
    .who = access::user,
    .domain = domain::domain_id::order,
    .body = &schemas::order_create,
    .body_example = R"({"items":[{"product_id":1,"quantity":2}]})",
    .changes = true,
    .tagged = true,
    .limited = true,
    .answers = {{201, "the order, committed", &schemas::order},
                {409, "`out_of_stock`: see `shortages`"}},
    .run = place,
  });
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
}

} // namespace

void add_order_routes(std::vector<route>& to) {
  add_reads(to);
  add_changes(to);
}

} // namespace souk::http
