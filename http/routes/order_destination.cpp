// Where an order goes: as the body says, or one of the caller's addresses.
#include "http/routes/order_commands.hpp"

namespace souk::http {
namespace {

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

} // namespace

void with_destination(const context_ptr& ctx,
                      std::function<void(const context_ptr&, destination)> go) {
  const auto* id = body_field(*ctx, "shipping_address_id");
  if (!id)
    return go(ctx, {take_address(*ctx), false});
  if (body_field(*ctx, "shipping_address"))
    return fail_invalid(*ctx, {{"/shipping_address_id", "excludes shipping_address"}});
  const auto& shard = owner(ctx->shop().users, ctx->caller);
  if (!shard)
    return fail(*ctx, actors::ec::overloaded);
  actors::get_address cmd{make_call(*ctx), ctx->caller, id->integer};
  ctx->core->self->open_requests().ask<domain::kept_address>(
    ctx->core->self, shard, ctx->shop().request_timeout, std::move(cmd),
    [ctx, go](const domain::kept_address& x) { guarded(*ctx, [&] {
                                                 go(ctx, {x.where, false});
                                               }); },
    [ctx, go](const caf::error& why) {
      guarded(*ctx, [&] {
        // A retry of an order that was placed gets its answer, though the address is gone since.
        if (actors::code_of(why) == actors::ec::not_found)
          go(ctx, {std::nullopt, true});
        else
          fail(*ctx, actors::ec::overloaded); // nothing was changed yet
      });
    });
}

} // namespace souk::http
