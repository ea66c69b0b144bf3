#include "http/routes/order_commands.hpp"
#include "http/routes/order_schemas.hpp"
#include "http/routes/order_views.hpp"
#include "http/routes/schemas.hpp"

namespace souk::http {
namespace {

using actors::cart_answer;
using actors::cart_change;
using actors::cart_view;

const actors::order_actor& shard_of_caller(request_context& ctx) {
  return owner(ctx.shop().orders, ctx.caller);
}

std::string cart_json(request_context& ctx, const cart_view& x) {
  std::string body;
  json_writer out{body};
  write_cart(out, x, ctx.shop().currency);
  return body;
}

void get(const context_ptr& ctx) {
  ask<cart_view>(ctx, shard_of_caller(*ctx), actors::get_cart{make_call(*ctx)},
                 [](const context_ptr& c, const cart_view& x) {
                   respond(*c, make_answer(*c, 200, cart_json(*c, x)));
                 });
}

void change(const context_ptr& ctx, cart_change kind, int64_t product, int64_t quantity,
            unsigned status) {
  actors::change_cart cmd{make_call(*ctx), kind, product, quantity};
  ask<cart_answer>(ctx, shard_of_caller(*ctx), std::move(cmd),
                   [status](const context_ptr& c, const cart_answer& x) {
                     auto body = status == 204 ? std::string{} : cart_json(*c, x.value);
                     auto answer = make_change_answer(*c, status, std::move(body), {}, x.replayed);
                     if (status == 201)
                       answer.headers.emplace_back("Location", "/api/v1/cart");
                     respond(*c, std::move(answer));
                   });
}

void add(const context_ptr& ctx) {
  ctx->product_pointer = "/product_id";
  ctx->value_pointer = "/quantity";
  ctx->value_detail = "is too much with what is in the cart already";
  change(ctx, cart_change::add, body_integer(*ctx, "product_id", 0),
         body_integer(*ctx, "quantity", 0), 201);
}

void set(const context_ptr& ctx) {
  ctx->value_pointer = "/quantity";
  change(ctx, cart_change::set, ctx->id, body_integer(*ctx, "quantity", 0), 200);
}

void remove(const context_ptr& ctx) {
  change(ctx, cart_change::remove, ctx->id, 0, 200);
}

void clear(const context_ptr& ctx) {
  change(ctx, cart_change::clear, 0, 0, 204);
}

void check_out(const context_ptr& ctx) {
  with_destination(ctx, [](const context_ptr& c, destination to) {
    c->shortage_pointer = {};
    actors::check_out cmd;
    cmd.call = make_call(*c);
    cmd.payment = payment_method_of(*c);
    cmd.shipping_address = std::move(to.address);
    cmd.address_missing = to.missing;
    cmd.note = body_text(*c, "note");
    ask<actors::order_answer>(c, shard_of_caller(*c), std::move(cmd), answer_placed);
  });
}

} // namespace

void add_cart_routes(std::vector<route>& to) {
  to.push_back({
    .path = "/api/v1/cart",
    .operation = "getCart",
    .summary = "The caller's cart, at today's prices",
    .who = access::user,
    .domain = domain::domain_id::order,
    .answers = {{200, "the cart", &schemas::cart}},
    .run = get,
  });
  to.push_back({
    .method = http_method::remove,
    .path = "/api/v1/cart",
    .operation = "clearCart",
    .summary = "Empty the cart",
    .who = access::user,
    .domain = domain::domain_id::order,
    .changes = true,
    .answers = {{204, "it is empty"}},
    .run = clear,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/cart/items",
    .operation = "addCartItem",
    .summary = "Put a product into the cart; the same product again adds up",
    .who = access::user,
    .domain = domain::domain_id::order,
    .body = &schemas::cart_add,
    .body_example = R"({"product_id":1,"quantity":2})",
    .changes = true,
    .answers = {{201, "the cart", &schemas::cart}},
    .run = add,
  });
  to.push_back({
    .method = http_method::put,
    .path = "/api/v1/cart/items/{product_id}",
    .operation = "setCartItem",
    .summary = "Another quantity of a product in the cart; 0 removes it",
    .who = access::user,
    .domain = domain::domain_id::order,
    .body = &schemas::item_quantity,
    .body_example = R"({"quantity":3})",
    .changes = true,
    .answers = {{200, "the cart", &schemas::cart}},
    .run = set,
  });
  to.push_back({
    .method = http_method::remove,
    .path = "/api/v1/cart/items/{product_id}",
    .operation = "removeCartItem",
    .summary = "Take a product out of the cart",
    .who = access::user,
    .domain = domain::domain_id::order,
    .changes = true,
    .answers = {{200, "the cart", &schemas::cart}},
    .run = remove,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/cart/checkout",
    .operation = "checkOut",
    .summary = "Order what is in the cart and empty it: both or neither",
    .who = access::user,
    .domain = domain::domain_id::order,
    .body = &schemas::checkout,
    .body_example = R"({"payment_method":"cash_on_delivery"})",
    .body_optional = true,
    .changes = true,
    .tagged = true,
    .limited = true,
    .answers = {{201, "the order, committed", &schemas::order},
                {409, "`cart_empty`; `out_of_stock`: see `shortages`; `price_changed`: see "
                      "`prices`"}},
    .run = check_out,
  });
}

} // namespace souk::http
