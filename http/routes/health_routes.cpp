#include "http/routes/openapi.hpp"
#include "http/routes/request_context.hpp"
#include "http/routes/route_table.hpp"
#include "http/routes/schemas.hpp"

namespace souk::http {
namespace {

constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";

void alive(const context_ptr& ctx) {
  respond(*ctx, make_answer(*ctx, 200, R"({"status":"ok"})"));
}

void fail_not_ready(request_context& ctx, std::string_view why) {
  fail(ctx, {503, "not_ready", why, true});
}

template <class Handle>
bool all_placed(actors::router<Handle>& shards) {
  for (uint32_t i = 0; i < shards.size(); ++i)
    if (!shards.at(i))
      return false;
  return shards.size() > 0;
}

void ready(const context_ptr& ctx) {
  auto& shop = ctx->shop();
  if (shop.ready && !shop.ready())
    return fail_not_ready(*ctx, "Not ready to take requests.");
  if (!all_placed(shop.users) || !all_placed(shop.products) || !all_placed(shop.stock)
      || !all_placed(shop.orders) || shop.readers.size() == 0)
    return fail_not_ready(*ctx, "Not all shards have been placed.");
  // Its failure is a 503 like any read's.
  ask<actors::store_alive>(ctx, shop.readers.any(), actors::ping_store{},
                           [](const context_ptr& c, const actors::store_alive&) {
                             respond(*c, make_answer(*c, 200, R"({"status":"ready"})"));
                           });
}

void metrics(const context_ptr& ctx) {
  auto& shop = ctx->shop();
  if (!shop.load)
    return fail(*ctx, {404, "not_found", "There is nothing at this path."});
  auto answer =
    make_answer(*ctx, 200, std::string{ctx->core->counts.page(*shop.doors, shop.load())});
  answer.content_type = metrics_type;
  respond(*ctx, std::move(answer));
}

void openapi(const context_ptr& ctx) {
  static const std::string document =
    make_openapi(all_routes().all(), aliases::list_forms(all_routes().all()).forms);
  respond(*ctx, make_answer(*ctx, 200, std::string{document}));
}

} // namespace

void add_health_routes(std::vector<route>& to) {
  to.push_back({
    .path = "/",
    .operation = "root",
    .summary = "Tell that the server runs",
    .answers = {{200, "it runs", &schemas::status, R"({"status":"ok"})"}},
    .run = alive,
  });
  to.push_back({
    .path = "/healthz",
    .operation = "health",
    .summary = "Tell that the server runs",
    .answers = {{200, "it runs", &schemas::status, R"({"status":"ok"})"}},
    .run = alive,
  });
  to.push_back({
    .path = "/readyz",
    .operation = "readiness",
    .summary = "Tell whether the database answers and all shards are placed",
    .answers = {{200, "ready", &schemas::status, R"({"status":"ready"})"},
                {503, "`not_ready` or `overloaded`"}},
    .run = ready,
  });
  to.push_back({
    .path = "/metrics",
    .operation = "metrics",
    .summary = "Tell what was counted, for Prometheus",
    .answers = {{200, "numbers in Prometheus' text format 0.0.4", nullptr, {}, "text/plain"},
                {404, "not served (`http.metrics`)"}},
    .run = metrics,
  });
  to.push_back({
    .path = "/openapi.json",
    .operation = "openapi",
    .summary = "This document",
    .cacheable = true,
    .answers = {{200, "an OpenAPI 3.1 document", &schemas::openapi}},
    .run = openapi,
  });
}

} // namespace souk::http
