#include "http/routes/order_commands.hpp"
#include "http/routes/order_schemas.hpp"
#include "http/routes/order_views.hpp"
#include "http/routes/schemas.hpp"
#include "http/routes/time_text.hpp"

#include <algorithm>

namespace souk::http {

using actors::order_answer;
using actors::order_page;

std::string order_json(request_context& ctx, const domain::order& x) {
  std::string body;
  body.reserve(640 + 160 * x.lines.size());
  json_writer out{body};
  write_order(out, x, ctx.shop().currency.digits);
  return body;
}

void answer_change(const context_ptr& ctx, const order_answer& x) {
  respond(*ctx, make_change_answer(*ctx, 200, order_json(*ctx, x.value),
                                   version_tag(x.value.version), x.replayed));
}

void answer_placed(const context_ptr& ctx, const order_answer& placed) {
  const auto& x = placed.value;
  auto answer =
    make_change_answer(*ctx, 201, order_json(*ctx, x), version_tag(x.version), placed.replayed);
  answer.headers.emplace_back("Location", "/api/v1/orders/" + std::to_string(x.id));
  if (placed.rest.left >= 0)
    answer.headers.emplace_back("RateLimit",
                                limit_text("orders", placed.rest.left, placed.rest.seconds));
  respond(*ctx, std::move(answer));
}

const actors::order_actor& shard_of_path(request_context& ctx) {
  return owner(ctx.shop().orders, ctx.id);
}

domain::payment_method payment_method_of(const request_context& ctx) {
  return domain::parse_payment_method(body_text(ctx, "payment_method"))
    .value_or(domain::payment_method::cash_on_delivery);
}

namespace {

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

void place(const context_ptr& ctx) {
  with_destination(ctx, [](const context_ptr& c, destination to) {
    actors::place_order cmd;
    cmd.call = make_call(*c);
    cmd.lines = take_lines(*c);
    cmd.shipping_address = std::move(to.address);
    cmd.address_missing = to.missing;
    cmd.note = body_text(*c, "note");
    cmd.payment = payment_method_of(*c);
    if (const auto* total = body_field(*c, "expected_total"))
      cmd.expected_total = minor_units(*c, *total);
    ask<order_answer>(c, owner(c->shop().orders, c->caller), std::move(cmd), answer_placed);
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
  if (page.more)
    add_next_link(*ctx, answer, encode_place({page.last_time, page.last_id}));
  respond(*ctx, std::move(answer));
}

/// A page of the orders of one user, or (nil) of all.
void list_of(const context_ptr& ctx, const domain::uuid& whose) {
  actors::list_orders cmd;
  cmd.call = make_call(*ctx);
  cmd.user_id = whose;
  if (const auto* status = ctx->query_value("status"))
    cmd.status = domain::parse_order_status(*status);
  if (const auto* after = ctx->query_value("created_after"))
    cmd.created_after = parse_time(*after).value_or(0);
  if (const auto* before = ctx->query_value("created_before"))
    cmd.created_before = parse_time(*before).value_or(cmd.created_before);
  if (const auto* cursor = ctx->query_value("cursor")) {
    const auto place = decode_place(*cursor).value_or(order_place{});
    cmd.before_time = place.time;
    cmd.before_id = place.id;
  }
  cmd.limit = ctx->query_integer("limit", 100);
  const auto& shard =
    whose.nil() ? ctx->shop().orders.any() : owner(ctx->shop().orders, cmd.user_id);
  ask<order_page>(ctx, shard, std::move(cmd), answer_page);
}

void list(const context_ptr& ctx) {
  auto whose = ctx->is_admin() ? domain::uuid{} : ctx->caller;
  if (const auto* named = ctx->query_value("user_id")) {
    whose = domain::parse_uuid(*named).value_or(ctx->caller);
    if (whose.nil()) // nobody has that id, and to list_of it means all
      return answer_page(ctx, {});
  }
  if (whose != ctx->caller && !ctx->is_admin())
    return answer_page(ctx,
                       {}); // of another user one sees none, whether there is such a user or not
  list_of(ctx, whose);
}

void list_users(const context_ptr& ctx) {
  if (ctx->user_id != ctx->caller && !ctx->is_admin())
    return fail(*ctx, actors::ec::not_found);
  if (ctx->user_id.nil())
    return answer_page(ctx, {});
  list_of(ctx, ctx->user_id);
}

void get(const context_ptr& ctx) {
  actors::get_order cmd{make_call(*ctx), ctx->id};
  ask<domain::order>(ctx, shard_of_path(*ctx), std::move(cmd),
                     [](const context_ptr& c, const domain::order& x) {
                       respond(*c, make_answer(*c, 200, order_json(*c, x), version_tag(x.version)));
                     });
}

const std::vector<parameter> list_parameters{{"status", &schemas::order_status},
                                             {"created_after", &schemas::time, "exclusive"},
                                             {"created_before", &schemas::time, "exclusive"},
                                             {"limit", &schemas::page_limit},
                                             {"cursor", &schemas::order_cursor}};

} // namespace

void add_order_routes(std::vector<route>& to) {
  auto with_user = list_parameters;
  with_user.insert(with_user.begin() + 3,
                   {"user_id", &schemas::user_id, "whose; another's for an ADMIN only"});
  to.push_back({
    .path = "/api/v1/orders",
    .operation = "listOrders",
    .summary = "The caller's orders (an ADMIN: everyone's), newest first",
    .who = access::user,
    .domain = domain::domain_id::order,
    .query = std::move(with_user),
    .paged = true,
    .answers = {{200, "a page of orders", &schemas::orders}},
    .run = list,
  });
  to.push_back({
    .path = "/api/v1/users/{user_id}/orders",
    .operation = "listUserOrders",
    .summary = "A user's orders, newest first: one's own, or an ADMIN's view",
    .who = access::user,
    .domain = domain::domain_id::order,
    .query = list_parameters,
    .paged = true,
    .answers = {{200, "a page of orders", &schemas::orders}},
    .run = list_users,
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
}

} // namespace souk::http
