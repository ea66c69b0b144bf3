#include "actors/product/actor.hpp"

#include "actors/messages/codec.hpp"
#include "actors/runtime/stored_answer.hpp"

namespace souk::actors {

namespace {

/// What `cached` counts: a product without much of a text. One with 10,000 characters takes the
/// room of many, so that all shards together stay below 100 MiB unless told otherwise.
constexpr size_t product_bytes = 384;

event product_event(const char* kind, int64_t id, int64_t now) {
  auto text = std::to_string(id);
  return {0, kind, "product:" + text, "{\"product_id\":" + text + "}", now, {}};
}

} // namespace

void product_state::start(shard_config c, router<writer_actor> writer, router<reader_actor> readers,
                          router<stock_actor> stock) {
  products_ = lru_cache<int64_t, domain::product>{c.cached * product_bytes};
  readers_ = std::move(readers);
  stock_ = std::move(stock);
  shard_base::start(std::move(c), std::move(writer));
}

const stock_actor& product_state::stock_of(int64_t product_id) {
  return stock_.at(domain::shard_of(product_id, config.shards));
}

void product_state::with_product(int64_t id, std::function<void(const domain::product&)> done,
                                 std::function<void(caf::error)> failed) {
  if (auto* x = products_.find(id))
    return done(*x);
  read_own<domain::product>(
    readers_, load_product{id},
    [this, done](domain::product& found) {
      // A change may have been committed while this was read.
      auto* known = products_.find(found.id);
      if (known != nullptr && known->version >= found.version)
        return done(domain::product{*known});
      remember(found);
      done(found);
    },
    std::move(failed));
}

void product_state::remember(const domain::product& x) {
  products_.put(x.id, x, entry_bytes + bytes_of(x));
}

caf::result<product_answer> product_state::create(create_product& cmd) {
  promise p{self};
  when_ready(cmd.call, p, [this, p, cmd = std::move(cmd)]() mutable {
    if (!answers_.begin(cmd.call.key, p))
      return;
    with_id(
      [this, p, cmd] { create_with_id(cmd.call, p, cmd.product, cmd.quantity, cmd.reason); },
      [this, p, key = cmd.call.key](ec code) { answers_.fail(key, p, caf::make_error(code)); });
  });
  return p.raw();
}

void product_state::create_with_id(const call& c, const promise& p, domain::product product,
                                   int64_t quantity, const std::string& reason) {
  auto now = config.now();
  product.id = next_id();
  product.created_at = product.updated_at = now;
  product.version = 1;
  product_view view{product, {product.id, quantity, 1, now}};
  write w;
  w.request_id = c.request_id;
  w.product = row_change<domain::product>{product, 0};
  w.stock.push_back({product.id, stock_change_kind::create, quantity,
                     reason.empty() ? "initial" : reason, 0, 0, 0});
  w.events.push_back(product_event("product_created", product.id, now));
  if (!c.key.id.empty())
    w.keep = kept_answer{c.key.id, c.key.fingerprint, encode(view)};
  p.if_lost(ec::outcome_unknown);
  send(
    std::move(w),
    [=, this](written& answer) {
      if (answer.refused == refusal::replayed)
        return answer_from_row(answers_, c.key, p, answer, decode_product_view);
      if (answer.refused != refusal::none)
        return refuse(c, p, caf::make_error(to_error(answer.refused)));
      remember(view.product);
      answers_.succeed(c.key, p, view);
    },
    [=, this](ec code) { answers_.fail(c.key, p, caf::make_error(code)); });
}

caf::result<product_answer> product_state::update(update_product& cmd) {
  promise p{self};
  when_ready(cmd.call, p, [this, p, cmd = std::move(cmd)]() mutable {
    if (!answers_.begin(cmd.call.key, p))
      return;
    auto id = cmd.id;
    changing_.begin(id, [this, p, cmd = std::move(cmd)] {
      if (late(cmd.call)) {
        answers_.fail(cmd.call.key, p, caf::make_error(ec::overloaded));
        return changing_.end(cmd.id);
      }
      with_product(
        cmd.id, [=, this](const domain::product& old) { apply(cmd, p, old); },
        [=, this](caf::error why) {
          refuse(cmd.call, p, std::move(why));
          changing_.end(cmd.id);
        });
    });
  });
  return p.raw();
}

void product_state::apply(const update_product& cmd, const promise& p, const domain::product& old) {
  auto bad = old.deleted                                                    ? ec::not_found
             : cmd.expected_version && *cmd.expected_version != old.version ? ec::stale_version
                                                                            : ec::none;
  if (bad != ec::none) {
    refuse(cmd.call, p, caf::make_error(bad));
    return changing_.end(cmd.id);
  }
  auto product = old;
  product.name = cmd.name.value_or(product.name);
  product.price = cmd.price.value_or(product.price);
  product.detail = cmd.detail.value_or(product.detail);
  product.category_id = cmd.category_id.value_or(product.category_id);
  product.image_url = cmd.image_url.value_or(product.image_url);
  product.external_id = cmd.external_id.value_or(product.external_id);
  if (cmd.remove) {
    product.deleted = true;
    product.category_id = 0;
    product.external_id.clear();
  }
  product.updated_at = config.now();
  ++product.version;
  // The answer, and with it what is kept, shows the count as well.
  ask<product_view>(
    stock_of(product.id), config.request_timeout, complete_product{product},
    [=, this](product_view& view) { save(cmd, p, std::move(view)); },
    [=, this](const caf::error&) {
      answers_.fail(cmd.call.key, p, caf::make_error(ec::overloaded));
      changing_.end(cmd.id);
    });
}

void product_state::save(const update_product& cmd, const promise& p, product_view view) {
  write w;
  w.request_id = cmd.call.request_id;
  w.product = row_change<domain::product>{view.product, view.product.version - 1};
  if (cmd.quantity)
    w.stock.push_back({cmd.id, stock_change_kind::set, *cmd.quantity, "import", 0, 0, 0});
  w.events.push_back(product_event(cmd.remove ? "product_deleted" : "product_changed", cmd.id,
                                   view.product.updated_at));
  if (!cmd.call.key.id.empty())
    w.keep = kept_answer{cmd.call.key.id, cmd.call.key.fingerprint, encode(view)};
  p.if_lost(ec::outcome_unknown);
  send(
    std::move(w),
    [=, this](written& answer) {
      if (answer.refused == refusal::none) {
        remember(view.product);
        auto now = view;
        if (!answer.levels.empty())
          now.stock = answer.levels.front();
        answers_.succeed(cmd.call.key, p, now);
      } else if (answer.refused == refusal::replayed) {
        answer_from_row(answers_, cmd.call.key, p, answer, decode_product_view);
      } else {
        products_.erase(cmd.id); // someone else may have written it: read it anew
        auto ours = answer.refused == refusal::stale_version && !cmd.expected_version;
        refuse(cmd.call, p, caf::make_error(ours ? ec::overloaded : to_error(answer.refused)));
      }
      changing_.end(cmd.id);
    },
    [=, this](ec code) {
      answers_.fail(cmd.call.key, p, caf::make_error(code));
      changing_.end(cmd.id);
    });
}

void product_state::refuse(const call& c, const promise& p, caf::error why) {
  refuse_unless_kept(this, readers_, answers_, c.key, p, std::move(why), decode_product_view);
}

caf::result<product_view> product_state::get(const get_product& cmd) {
  if (auto* x = products_.find(cmd.id)) {
    if (x->deleted)
      return caf::make_error(ec::not_found);
    return self->delegate(stock_of(cmd.id), complete_product{*x});
  }
  promised<product_view> p{self};
  with_product(
    cmd.id,
    [this, p](const domain::product& x) {
      if (x.deleted)
        return p.fail(ec::not_found);
      ask<product_view>(
        stock_of(x.id), config.request_timeout, complete_product{x},
        [p](product_view& view) { p.deliver(std::move(view)); },
        [p](const caf::error& why) { p.fail(why); });
    },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

caf::result<product_page> product_state::list(const list_products& cmd) {
  return self->delegate(readers_.any(), cmd);
}

product_impl::behavior_type product_behavior(product_impl::stateful_pointer<product_state> self,
                                             shard_config config, router<writer_actor> writer,
                                             router<reader_actor> readers,
                                             router<stock_actor> stock) {
  self->state.start(std::move(config), std::move(writer), std::move(readers), std::move(stock));
  return {
    [self](create_product& x) { return self->state.create(x); },
    [self](create_category& x) { return self->state.create(x); },
    [self](update_product& x) { return self->state.update(x); },
    [self](update_category& x) { return self->state.update(x); },
    [self](delete_category& x) { return self->state.remove(x); },
    [self](const get_category& x) { return self->state.get(x); },
    [self](const list_categories& x) { return self->state.list(x); },
    [self](const get_product& x) { return self->state.get(x); },
    [self](const list_products& x) { return self->state.list(x); },
    [self](caf::tick_atom) { self->state.on_tick(); },
    [self](caf::timeout_atom) { self->state.on_timeouts(); },
  };
}

} // namespace souk::actors
