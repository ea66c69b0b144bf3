#include "http/routes/request_context.hpp"
#include "http/routes/schemas.hpp"
#include "http/routes/views.hpp"

#include <algorithm>

namespace souk::http {
namespace {

using actors::category_answer;
using actors::category_list;
using actors::category_view;

/// The tree has one owner.
const actors::product_actor& tree_owner(request_context& ctx) {
  return ctx.shop().products.at(0);
}

std::string category_json(const category_view& x) {
  std::string body;
  json_writer out{body};
  write_category(out, x);
  return body;
}

/// The categories by id behind the last of the page before, as many as are wanted. True: more
/// follow.
bool cut_page(const request_context& ctx, category_list& x) {
  const auto* cursor = ctx.query_value("cursor");
  const auto after = cursor ? decode_cursor(*cursor).value_or(0) : 0;
  std::erase_if(x.items, [after](const auto& c) { return c.category.id <= after; });
  std::sort(x.items.begin(), x.items.end(),
            [](const auto& a, const auto& b) { return a.category.id < b.category.id; });
  const auto limit = static_cast<size_t>(ctx.query_integer("limit", 100));
  const bool more = x.items.size() > limit;
  x.items.resize(std::min(x.items.size(), limit));
  return more;
}

void list_page(const context_ptr& ctx) {
  ask<category_list>(ctx, tree_owner(*ctx), actors::list_categories{make_call(*ctx)},
                     [](const context_ptr& c, category_list x) {
                       const bool more = cut_page(*c, x);
                       std::string body;
                       json_writer out{body};
                       write_categories(out, x, false);
                       auto answer = make_answer(*c, 200, std::move(body));
                       if (more)
                         add_next_link(*c, answer, x.items.back().category.id);
                       respond(*c, std::move(answer));
                     });
}

void list(const context_ptr& ctx) {
  const auto* nested = ctx->query_value("tree");
  if ((ctx->query_value("limit") || ctx->query_value("cursor")) && !(nested && *nested == "true"))
    return list_page(ctx);
  ask<category_list>(ctx, tree_owner(*ctx), actors::list_categories{make_call(*ctx)},
                     [](const context_ptr& c, const category_list& x) {
                       const auto* tree = c->query_value("tree");
                       std::string body;
                       json_writer out{body};
                       write_categories(out, x, tree && *tree == "true");
                       respond(*c, make_answer(*c, 200, std::move(body)));
                     });
}

void get(const context_ptr& ctx) {
  ask<category_view>(ctx, tree_owner(*ctx), actors::get_category{make_call(*ctx), ctx->id},
                     [](const context_ptr& c, const category_view& x) {
                       respond(*c, make_answer(*c, 200, category_json(x)));
                     });
}

void create(const context_ptr& ctx) {
  actors::create_category cmd;
  cmd.call = make_call(*ctx);
  cmd.category.name = body_text(*ctx, "name");
  cmd.category.parent_id = body_integer(*ctx, "parent_id", 0);
  ask<category_answer>(
    ctx, tree_owner(*ctx), std::move(cmd), [](const context_ptr& c, const category_answer& made) {
      auto answer = make_change_answer(*c, 201, category_json(made.value), {}, made.replayed);
      answer.headers.emplace_back("Location",
                                  "/api/v1/categories/" + std::to_string(made.value.category.id));
      respond(*c, std::move(answer));
    });
}

void replace(const context_ptr& ctx) {
  actors::update_category cmd;
  cmd.call = make_call(*ctx);
  cmd.id = ctx->id;
  cmd.name = body_text(*ctx, "name");
  if (ctx->body.find("parent_id"))
    cmd.parent_id = body_integer(*ctx, "parent_id", 0);
  ask<category_answer>(
    ctx, tree_owner(*ctx), std::move(cmd), [](const context_ptr& c, const category_answer& x) {
      respond(*c, make_change_answer(*c, 200, category_json(x.value), {}, x.replayed));
    });
}

void remove(const context_ptr& ctx) {
  ask<category_answer>(ctx, tree_owner(*ctx), actors::delete_category{make_call(*ctx), ctx->id},
                       [](const context_ptr& c, const category_answer& x) {
                         respond(*c, make_change_answer(*c, 204, {}, {}, x.replayed));
                       });
}

constexpr std::string_view example = R"({"name":"Desks","parent_id":1})";

} // namespace

void add_category_routes(std::vector<route>& to) {
  to.push_back({
    .path = "/api/v1/categories",
    .operation = "listCategories",
    .summary = "All categories: each is followed by those below it, by name; with `limit` a page "
               "of them, by id",
    .domain = domain::domain_id::product,
    .query = {{"tree", &schemas::flag, "true: the roots, with those below each in `children`"},
              {"limit", &schemas::page_limit},
              {"cursor", &schemas::cursor}},
    .paged = true,
    .cacheable = true,
    .answers = {{200, "the categories", &schemas::categories}},
    .run = list,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/categories",
    .operation = "createCategory",
    .summary = "Add a category",
    .who = access::admin,
    .domain = domain::domain_id::product,
    .body = &schemas::category_create,
    .body_example = example,
    .changes = true,
    .answers = {{201, "the new category", &schemas::category_view}, {409, "`too_many_categories`"}},
    .run = create,
  });
  to.push_back({
    .path = "/api/v1/categories/{id}",
    .operation = "getCategory",
    .summary = "A category",
    .domain = domain::domain_id::product,
    .cacheable = true,
    .answers = {{200, "the category", &schemas::category_view}},
    .run = get,
  });
  to.push_back({
    .method = http_method::put,
    .path = "/api/v1/categories/{id}",
    .operation = "replaceCategory",
    .summary = "Rename a category, or move it with all below it",
    .who = access::admin,
    .domain = domain::domain_id::product,
    .body = &schemas::category_replace,
    .body_example = example,
    .changes = true,
    .answers = {{200, "the category", &schemas::category_view},
                {409, "`category_cycle`: it would be below itself"}},
    .run = replace,
  });
  to.push_back({
    .method = http_method::remove,
    .path = "/api/v1/categories/{id}",
    .operation = "deleteCategory",
    .summary = "Take away a category that has no products and no categories in it",
    .who = access::admin,
    .domain = domain::domain_id::product,
    .changes = true,
    .answers = {{204, "it is gone"}, {409, "`category_not_empty`"}},
    .run = remove,
  });
}

} // namespace souk::http
