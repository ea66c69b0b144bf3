#include "http/routes/external_products.hpp"

#include "actors/domain/product.hpp"

#include <optional>

namespace souk::http {
namespace {

using actors::product_answer;
using actors::product_page;
using actors::product_view;

/// One product being looked for.
struct fetching {
  std::string external_id;
  std::optional<product_view> known; ///< as it is kept here
  bool again = false;                ///< someone else has made it meanwhile
};
using fetching_ptr = std::shared_ptr<fetching>;

void answer(const context_ptr& ctx, const std::optional<product_view>& found) {
  std::string body;
  json_writer out{body};
  out.begin_array();
  if (found)
    write_product(out, *found, ctx->shop().currency);
  out.end_array();
  respond(*ctx, make_answer(*ctx, 200, std::move(body)));
}

/// Sold without stock control: nobody has set a count since it came from the external catalog.
bool is_uncounted(const product_view& x) {
  return x.stock.on_hand > domain::max_quantity / 2;
}

void find(const context_ptr& ctx, const fetching_ptr& x);

void create(const context_ptr& ctx, const fetching_ptr& x, const actors::external_product& from) {
  actors::create_product cmd;
  cmd.call = make_call(*ctx);
  cmd.product.external_id = from.external_id;
  cmd.product.name = from.name;
  cmd.product.price = from.price;
  cmd.product.detail = from.detail;
  cmd.product.image_url = from.image_url;
  cmd.quantity = domain::max_quantity;
  auto& products = ctx->shop().products;
  const auto& shard =
    products.at(static_cast<uint32_t>(stable_hash(from.external_id) % products.size()));
  if (!shard)
    return fail(*ctx, actors::ec::overloaded);
  ctx->core->self->open_requests().ask<product_answer>(
    ctx->core->self, shard, timeout_of(*ctx), std::move(cmd),
    [ctx](const product_answer& made) { guarded(*ctx, [&] { answer(ctx, made.value); }); },
    [ctx, x, id = from.external_id](const caf::error& why) {
      guarded(*ctx, [&] {
        if (actors::code_of(why) != actors::ec::external_id_taken || x->again)
          return fail(*ctx, why);
        x->external_id = id;
        x->again = true;
        find(ctx, x);
      });
    });
}

void renew(const context_ptr& ctx, const fetching_ptr& x, const actors::external_product& from) {
  actors::update_product cmd;
  cmd.call = make_call(*ctx);
  cmd.id = x->known->product.id;
  cmd.name = from.name;
  cmd.price = from.price;
  cmd.detail = from.detail;
  cmd.image_url = from.image_url;
  ask<product_answer>(
    ctx, owner(ctx->shop().products, cmd.id), std::move(cmd),
    [](const context_ptr& c, const product_answer& renewed) { answer(c, renewed.value); });
}

void ask_outside(const context_ptr& ctx, const fetching_ptr& x) {
  auto& external = ctx->shop().external;
  const auto& worker =
    external.at(static_cast<uint32_t>(stable_hash(x->external_id) % external.size()));
  if (!worker)
    return fail(*ctx, actors::ec::overloaded);
  ctx->core->self->open_requests().ask<actors::external_answer>(
    ctx->core->self, worker, timeout_of(*ctx), actors::fetch_external{x->external_id},
    [ctx, x](const actors::external_answer& got) {
      guarded(*ctx, [&] {
        using enum actors::external_outcome;
        if (got.outcome == found)
          return x->known ? renew(ctx, x, got.product) : create(ctx, x, got.product);
        if (got.outcome == not_found)
          return answer(ctx, {}); // gone there: what is kept of it is not sold any more
        if (!x->known)
          return fail(*ctx, {503, "overloaded", "The external catalog does not answer.", true});
        answer(ctx, x->known);
      });
    },
    [ctx, x](const caf::error&) {
      guarded(*ctx, [&] {
        if (x->known)
          answer(ctx, x->known);
        else
          fail(*ctx, actors::ec::overloaded);
      });
    });
}

void find(const context_ptr& ctx, const fetching_ptr& x) {
  actors::list_products cmd;
  cmd.call = make_call(*ctx);
  cmd.external_id = x->external_id;
  cmd.limit = 1;
  ask<product_page>(
    ctx, ctx->shop().products.any(), std::move(cmd),
    [x](const context_ptr& c, const product_page& page) {
      if (!page.items.empty())
        x->known = page.items.front();
      const auto oldest =
        unix_ms_now()
        - std::chrono::duration_cast<std::chrono::milliseconds>(c->shop().external_ttl).count();
      const bool good =
        x->known && (!is_uncounted(*x->known) || x->known->product.updated_at >= oldest);
      if (good || x->again || c->shop().external.size() == 0)
        answer(c, x->known);
      else
        ask_outside(c, x);
    });
}

} // namespace

void answer_fetched(const context_ptr& ctx, const std::string& external_id) {
  find(ctx, std::make_shared<fetching>(fetching{external_id, {}, false}));
}

} // namespace souk::http
