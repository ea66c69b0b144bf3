#include "http/routes/request_context.hpp"
#include "http/routes/schemas.hpp"

namespace souk::http {
namespace {

using actors::product_answer;
using actors::product_page;
using actors::product_view;

std::string product_json(request_context& ctx, const product_view& x) {
  std::string body;
  body.reserve(384 + x.product.name.size() + x.product.detail.size());
  json_writer out{body};
  write_product(out, x, ctx.shop().currency);
  return body;
}

void answer_page(const context_ptr& ctx, const product_page& page) {
  std::string body;
  json_writer out{body};
  out.begin_array();
  for (const auto& x : page.items)
    write_product(out, x, ctx->shop().currency);
  out.end_array();
  auto answer = make_answer(*ctx, 200, std::move(body));
  if (page.more && !page.items.empty())
    add_next_link(*ctx, answer, page.items.back().product.id);
  respond(*ctx, std::move(answer));
}

void list(const context_ptr& ctx) {
  const auto* cursor = ctx->query_value("cursor");
  const auto after = cursor ? decode_cursor(*cursor).value_or(0) : 0;
  actors::list_products cmd{make_call(*ctx), after, ctx->query_integer("limit", 100)};
  ask<product_page>(ctx, ctx->shop().products.any(), std::move(cmd), answer_page);
}

void get(const context_ptr& ctx) {
  actors::get_product cmd{make_call(*ctx), ctx->id};
  ask<product_view>(ctx, owner(ctx->shop().products, ctx->id), std::move(cmd),
                    [](const context_ptr& c, const product_view& x) {
                      respond(*c, make_answer(*c, 200, product_json(*c, x), product_tag(x)));
                    });
}

void create(const context_ptr& ctx) {
  actors::create_product cmd;
  cmd.call = make_call(*ctx);
  cmd.product.name = body_text(*ctx, "name");
  cmd.product.price = minor_units(*ctx, *body_field(*ctx, "price"));
  cmd.product.detail = body_text(*ctx, "detail");
  cmd.product.external_id = body_text(*ctx, "external_id");
  cmd.product.category_id = body_integer(*ctx, "category_id", 0);
  cmd.quantity = body_integer(*ctx, "quantity", 0);
  const auto& shard = owner_of_new(ctx->shop().products, ctx->key);
  ask<product_answer>(ctx, shard, std::move(cmd),
                      [](const context_ptr& c, const product_answer& made) {
                        auto answer = make_change_answer(*c, 201, product_json(*c, made.value),
                                                         product_tag(made.value), made.replayed);
                        answer.headers.emplace_back(
                          "Location", "/api/v1/products/" + std::to_string(made.value.product.id));
                        respond(*c, std::move(answer));
                      });
}

/// PUT replaces: what the body leaves out becomes empty. PATCH leaves that as it is.
void change(const context_ptr& ctx, std::optional<int64_t> expected_version) {
  const bool replace = ctx->at->method == http_method::put;
  actors::update_product cmd;
  cmd.call = make_call(*ctx);
  cmd.id = ctx->id;
  cmd.expected_version = expected_version;
  if (body_field(*ctx, "name"))
    cmd.name = body_text(*ctx, "name");
  if (const auto* price = body_field(*ctx, "price"))
    cmd.price = minor_units(*ctx, *price);
  if (replace || ctx->body.find("detail"))
    cmd.detail = body_text(*ctx, "detail");
  if (replace || ctx->body.find("category_id"))
    cmd.category_id = body_integer(*ctx, "category_id", 0);
  ask<product_answer>(ctx, owner(ctx->shop().products, ctx->id), std::move(cmd),
                      [](const context_ptr& c, const product_answer& x) {
                        respond(*c, make_change_answer(*c, 200, product_json(*c, x.value),
                                                       product_tag(x.value), x.replayed));
                      });
}

void change_if_match(const context_ptr& ctx) {
  with_expected_version<product_view>(
    ctx, 'p', owner(ctx->shop().products, ctx->id), actors::get_product{make_call(*ctx), ctx->id},
    [](const product_view& x) { return x.product.version; }, change);
}

constexpr std::string_view example =
  R"({"name":"Desk","price":129.90,"detail":"oak","category_id":1,"quantity":12})";

} // namespace

void add_product_routes(std::vector<route>& to) {
  to.push_back({
    .path = "/api/v1/products",
    .operation = "listProducts",
    .summary = "The catalog, by ascending id",
    .domain = domain::domain_id::product,
    .query = {{"limit", &schemas::page_limit}, {"cursor", &schemas::cursor}},
    .paged = true,
    .cacheable = true,
    .answers = {{200, "a page of products", &schemas::products}},
    .run = list,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/products",
    .operation = "createProduct",
    .summary = "Add a product with its first stock",
    .who = access::admin,
    .domain = domain::domain_id::product,
    .body = &schemas::product_create,
    .body_example = example,
    .changes = true,
    .tagged = true,
    .answers = {{201, "the new product", &schemas::product}, {409, "`external_id_taken`"}},
    .run = create,
  });
  to.push_back({
    .path = "/api/v1/products/{id}",
    .operation = "getProduct",
    .summary = "A product and its stock",
    .domain = domain::domain_id::product,
    .tagged = true,
    .cacheable = true,
    .answers = {{200, "the product", &schemas::product}},
    .run = get,
  });
  to.push_back({
    .method = http_method::put,
    .path = "/api/v1/products/{id}",
    .operation = "replaceProduct",
    .summary = "Replace what the catalog says of a product",
    .who = access::admin,
    .domain = domain::domain_id::product,
    .body = &schemas::product_replace,
    .changes = true,
    .if_match = true,
    .tagged = true,
    .answers = {{200, "the product", &schemas::product}},
    .run = change_if_match,
  });
  to.push_back({
    .method = http_method::patch,
    .path = "/api/v1/products/{id}",
    .operation = "changeProduct",
    .summary = "Change some of what the catalog says of a product",
    .who = access::admin,
    .domain = domain::domain_id::product,
    .body = &schemas::product_change,
    .changes = true,
    .if_match = true,
    .tagged = true,
    .answers = {{200, "the product", &schemas::product}},
    .run = change_if_match,
  });
}

} // namespace souk::http
