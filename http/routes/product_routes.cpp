#include "actors/domain/money.hpp"
#include "http/routes/external_products.hpp"
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

void answer_page(const context_ptr& ctx, const actors::list_products& asked,
                 const product_page& page) {
  std::string body;
  json_writer out{body};
  out.begin_array();
  for (const auto& x : page.items)
    write_product(out, x, ctx->shop().currency);
  out.end_array();
  auto answer = make_answer(*ctx, 200, std::move(body));
  if (page.more && !page.items.empty())
    add_next_link(*ctx, answer,
                  encode_product_cursor(
                    {asked.sort, asked.descending, page.items.back().product.id, page.last_key}));
  respond(*ctx, std::move(answer));
}

/// The order that the query asks for: by relevance where something is searched, else by id.
void read_order(const request_context& ctx, actors::list_products& cmd) {
  using actors::product_sort;
  const auto* text = ctx.query_value("sort");
  cmd.sort = cmd.search.empty() ? product_sort::id : product_sort::relevance;
  if (!text)
    return;
  std::string_view name = *text;
  cmd.descending = name.front() == '-';
  if (cmd.descending)
    name.remove_prefix(1);
  if (name == "name")
    cmd.sort = product_sort::name;
  else if (name == "price")
    cmd.sort = product_sort::price;
  else if (name == "created_at")
    cmd.sort = product_sort::created_at;
}

std::optional<int64_t> price_bound(const request_context& ctx, std::string_view name) {
  const auto* text = ctx.query_value(name);
  if (!text)
    return std::nullopt;
  return domain::parse_money(*text, ctx.core->shop.currency.digits).minor;
}

void list(const context_ptr& ctx) {
  const auto* external_id = ctx->query_value("external_id");
  const auto* fetch = ctx->query_value("fetch");
  if (external_id && fetch && *fetch == "true")
    return answer_fetched(ctx, *external_id);
  actors::list_products cmd;
  cmd.call = make_call(*ctx);
  cmd.limit = ctx->query_integer("limit", 100);
  if (const auto* text = ctx->query_value("q"))
    cmd.search = *text;
  if (const auto* text = ctx->query_value("external_id"))
    cmd.external_id = *text;
  if (const auto* text = ctx->query_value("in_stock"))
    cmd.in_stock = *text == "true";
  cmd.category_id = ctx->query_integer("category", 0);
  cmd.min_price = price_bound(*ctx, "min_price");
  cmd.max_price = price_bound(*ctx, "max_price");
  read_order(*ctx, cmd);
  if (const auto* text = ctx->query_value("cursor")) {
    const auto cursor = decode_product_cursor(*text);
    if (!cursor || cursor->sort != cmd.sort || cursor->descending != cmd.descending)
      return fail_invalid(*ctx, {{"/query/cursor", "is a cursor of another order"}});
    cmd.after_id = cursor->last_id;
    cmd.after_key = cursor->last_key;
  }
  auto asked = cmd;
  ask<product_page>(
    ctx, ctx->shop().products.any(), std::move(cmd),
    [asked](const context_ptr& c, const product_page& page) { answer_page(c, asked, page); });
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
  cmd.product.image_url = body_text(*ctx, "image_url");
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

/// PUT replaces: what the body leaves out becomes empty, but for the external id, which is no
/// content: other systems rely on it. PATCH leaves all of that as it is.
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
  if (replace || ctx->body.find("image_url"))
    cmd.image_url = body_text(*ctx, "image_url");
  if (ctx->body.find("external_id"))
    cmd.external_id = body_text(*ctx, "external_id");
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

void remove(const context_ptr& ctx, std::optional<int64_t> expected_version) {
  actors::update_product cmd;
  cmd.call = make_call(*ctx);
  cmd.id = ctx->id;
  cmd.expected_version = expected_version;
  cmd.remove = true;
  ask<product_answer>(ctx, owner(ctx->shop().products, ctx->id), std::move(cmd),
                      [](const context_ptr& c, const product_answer& x) {
                        respond(*c, make_change_answer(*c, 204, {}, {}, x.replayed));
                      });
}

void remove_if_match(const context_ptr& ctx) {
  with_expected_version<product_view>(
    ctx, 'p', owner(ctx->shop().products, ctx->id), actors::get_product{make_call(*ctx), ctx->id},
    [](const product_view& x) { return x.product.version; }, remove);
}

constexpr std::string_view example =
  R"({"name":"Desk","price":129.90,"detail":"oak","category_id":1,"quantity":12,)"
  R"("external_id":"desk-1","image_url":"https://shop.example/desk.jpg"})";

} // namespace

void add_product_routes(std::vector<route>& to) {
  to.push_back({
    .path = "/api/v1/products",
    .operation = "listProducts",
    .summary = "The catalog: by ascending id, or what is searched for, by relevance",
    .domain = domain::domain_id::product,
    .query = {{"q", &schemas::search_text,
               "words that the name or the detail has, all of them; without regard to case and "
               "accents"},
              {"category", &schemas::category_filter, "in this one or one below it"},
              {"min_price", &schemas::price_bound},
              {"max_price", &schemas::price_bound},
              {"in_stock", &schemas::flag, "true: with stock on hand; false: without"},
              {"external_id", &schemas::external_id_filter, "this very one"},
              {"fetch", &schemas::flag,
               "true, with external_id: one that is not known here is asked for in the external "
               "catalog and kept"},
              {"sort", &schemas::product_order,
               "`-` in front: descending; `relevance`: those with all words in the name first"},
              {"limit", &schemas::page_limit},
              {"cursor", &schemas::product_cursor}},
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
    .answers = {{200, "the product", &schemas::product}, {409, "`external_id_taken`"}},
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
    .answers = {{200, "the product", &schemas::product}, {409, "`external_id_taken`"}},
    .run = change_if_match,
  });
  to.push_back({
    .method = http_method::remove,
    .path = "/api/v1/products/{id}",
    .operation = "deleteProduct",
    .summary = "Take a product out of the catalog; it stays in old orders",
    .who = access::admin,
    .domain = domain::domain_id::product,
    .changes = true,
    .if_match = true,
    .answers = {{204, "it is gone"}},
    .run = remove_if_match,
  });
}

} // namespace souk::http
