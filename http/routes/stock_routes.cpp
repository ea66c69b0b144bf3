#include "http/routes/request_context.hpp"
#include "http/routes/schemas.hpp"

namespace souk::http {
namespace {

using actors::stock_answer;
using actors::stock_view;

std::string stock_json(const stock_view& x) {
  std::string body;
  json_writer out{body};
  write_stock(out, x);
  return body;
}

void answer_change(const context_ptr& ctx, const stock_answer& x) {
  respond(*ctx, make_change_answer(*ctx, 200, stock_json(x.value), stock_tag(x.value), x.replayed));
}

const actors::stock_actor& shard_of_path(request_context& ctx) {
  return owner(ctx.shop().stock, ctx.id);
}

void get(const context_ptr& ctx) {
  actors::get_stock cmd{make_call(*ctx), ctx->id};
  ask<stock_view>(ctx, shard_of_path(*ctx), std::move(cmd),
                  [](const context_ptr& c, const stock_view& x) {
                    respond(*c, make_answer(*c, 200, stock_json(x), stock_tag(x)));
                  });
}

void set(const context_ptr& ctx, std::optional<int64_t> expected_version) {
  auto reason = body_text(*ctx, "reason");
  if (reason.empty())
    reason = "set";
  actors::set_stock cmd{make_call(*ctx), ctx->id, body_integer(*ctx, "stock", 0), std::move(reason),
                        expected_version};
  ask<stock_answer>(ctx, shard_of_path(*ctx), std::move(cmd), answer_change);
}

void adjust(const context_ptr& ctx, std::optional<int64_t> expected_version) {
  actors::adjust_stock cmd{make_call(*ctx), ctx->id, body_integer(*ctx, "delta", 0),
                           body_text(*ctx, "reason"), expected_version};
  ask<stock_answer>(ctx, shard_of_path(*ctx), std::move(cmd), answer_change);
}

template <class Change>
void if_match(const context_ptr& ctx, Change go) {
  with_expected_version<stock_view>(
    ctx, 'v', shard_of_path(*ctx), actors::get_stock{make_call(*ctx), ctx->id},
    [](const stock_view& x) { return x.level.version; }, go);
}

void set_if_match(const context_ptr& ctx) {
  if_match(ctx, set);
}
void adjust_if_match(const context_ptr& ctx) {
  if_match(ctx, adjust);
}

void list_movements(const context_ptr& ctx) {
  const auto* cursor = ctx->query_value("cursor");
  const auto before = cursor ? decode_cursor(*cursor).value_or(0) : 0;
  ask<actors::movement_page>(
    ctx, ctx->shop().readers.any(),
    actors::list_movements{ctx->id, before, ctx->query_integer("limit", 100)},
    [](const context_ptr& c, const actors::movement_page& page) {
      std::string body;
      json_writer out{body};
      out.begin_array();
      for (const auto& x : page.items)
        write_movement(out, x);
      out.end_array();
      auto answer = make_answer(*c, 200, std::move(body));
      if (page.more && !page.items.empty())
        add_next_link(*c, answer, page.items.back().id);
      respond(*c, std::move(answer));
    });
}

} // namespace

void add_stock_routes(std::vector<route>& to) {
  to.push_back({
    .path = "/api/v1/stock/{product_id}",
    .operation = "getStock",
    .summary = "What is on hand of a product, and what is held for orders on their way",
    .who = access::admin,
    .domain = domain::domain_id::stock,
    .tagged = true,
    .answers = {{200, "the stock", &schemas::stock}},
    .run = get,
  });
  to.push_back({
    .path = "/api/v1/stock/{product_id}/movements",
    .operation = "listMovements",
    .summary = "Every change of a product's stock, newest first",
    .who = access::admin,
    .domain = domain::domain_id::stock,
    .query = {{"limit", &schemas::page_limit}, {"cursor", &schemas::cursor}},
    .paged = true,
    .answers = {{200, "a page of movements", &schemas::movements}},
    .run = list_movements,
  });
  to.push_back({
    .method = http_method::put,
    .path = "/api/v1/stock/{product_id}",
    .operation = "setStock",
    .summary = "Set what is on hand",
    .who = access::admin,
    .domain = domain::domain_id::stock,
    .body = &schemas::stock_set,
    .body_example = R"({"stock":50,"reason":"counted"})",
    .changes = true,
    .if_match = true,
    .tagged = true,
    .answers = {{200, "the stock", &schemas::stock}},
    .run = set_if_match,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/stock/{product_id}/adjust",
    .operation = "adjustStock",
    .summary = "Add to what is on hand, or take away from it",
    .who = access::admin,
    .domain = domain::domain_id::stock,
    .body = &schemas::stock_adjust,
    .body_example = R"({"delta":-2,"reason":"broken"})",
    .changes = true,
    .if_match = true,
    .tagged = true,
    .answers = {{200, "the stock", &schemas::stock},
                {409, "`out_of_stock`: it would fall below zero"}},
    .run = adjust_if_match,
  });
}

} // namespace souk::http
