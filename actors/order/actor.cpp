#include "actors/order/actor.hpp"

#include "actors/domain/json_text.hpp"
#include "actors/messages/codec.hpp"
#include "actors/runtime/stored_answer.hpp"

namespace souk::actors {

event order_event(std::string kind, const domain::order& o, int64_t now) {
  std::string payload;
  payload.reserve(160); // at once: there is one with every order
  payload += "{\"order_id\":";
  domain::append_int(payload, o.id);
  payload.append(",\"user_id\":\"").append(domain::to_string(o.user_id)).append("\",\"status\":");
  domain::append_json_string(payload, domain::to_string(o.status));
  payload += ",\"total_amount\":";
  domain::append_int(payload, o.total_amount);
  payload += '}';
  return {0, std::move(kind), "order:" + std::to_string(o.id), std::move(payload), now, {}};
}

bool may_see(const call& c, const domain::uuid& owner) {
  return c.role == domain::user_role::admin || c.caller == owner;
}

void order_state::start(order_config c, router<writer_actor> writer, router<reader_actor> readers,
                        router<stock_actor> stock) {
  config_ = c;
  orders_ = lru_cache<int64_t, domain::order>{c.cached};
  limiter_ = orders::limiter{c.limit};
  carts_ = lru_cache<domain::uuid, domain::cart>{c.cached};
  readers_ = std::move(readers);
  stock_ = std::move(stock);
  shard_base::start(c, std::move(writer));
}

void order_state::forget() {
  orders_.clear();
  limiter_.forget();
  carts_.clear();
}

void order_state::with_order(int64_t id, std::function<void(const domain::order&)> done,
                             std::function<void(caf::error)> failed) {
  if (auto* x = orders_.find(id))
    return done(domain::order{*x});
  read_own<domain::order>(
    readers_, load_order{id},
    [this, done](domain::order& found) {
      // A change may have been committed while this was read.
      auto* known = orders_.find(found.id);
      if (known != nullptr && known->version >= found.version)
        return done(domain::order{*known});
      orders_.put(found.id, found, weight_of(found));
      done(found);
    },
    std::move(failed));
}

caf::result<domain::order> order_state::get(const get_order& cmd) {
  promised<domain::order> p{self};
  with_order(
    cmd.id,
    [p, c = cmd.call](const domain::order& o) {
      if (may_see(c, o.user_id))
        p.deliver(o);
      else
        p.fail(ec::not_found);
    },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

caf::result<order_page> order_state::list(const list_orders& cmd) {
  if (!may_see(cmd.call, cmd.user_id) || (cmd.user_id.nil() && cmd.call.caller.nil()))
    return caf::make_error(ec::not_found);
  return self->delegate(readers_.any(), cmd);
}

order_impl::behavior_type order_behavior(order_impl::stateful_pointer<order_state> self,
                                         order_config config, router<writer_actor> writer,
                                         router<reader_actor> readers, router<stock_actor> stock) {
  self->state.start(std::move(config), std::move(writer), std::move(readers), std::move(stock));
  return {
    [self](place_order& x) { return self->state.place(x); },
    [self](const get_order& x) { return self->state.get(x); },
    [self](const list_orders& x) { return self->state.list(x); },
    [self](change_order_status& x) { return self->state.change_status(x); },
    [self](const confirm_order& x) { return self->state.confirm(x); },
    [self](const expire_order& x) { return self->state.expire(x); },
    [self](change_order_item& x) { return self->state.change_item(x); },
    [self](pay_order& x) { return self->state.pay(x); },
    [self](const watch_order& x) { return self->state.watch(x); },
    [self](const get_cart& x) { return self->state.show_cart(x); },
    [self](change_cart& x) { return self->state.change_cart(x); },
    [self](check_out& x) { return self->state.check_out(x); },
    [self](caf::tick_atom) { self->state.on_tick(); },
    [self](caf::timeout_atom) { self->state.on_timeouts(); },
    [self](caf::update_atom) { self->state.on_timer(); },
  };
}

} // namespace souk::actors
