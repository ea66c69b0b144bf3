#include "actors/order/actor.hpp"

#include "actors/domain/json_text.hpp"
#include "actors/domain/money.hpp"
#include "actors/messages/codec.hpp"
#include "actors/runtime/stored_answer.hpp"

#include <algorithm>

namespace souk::actors {

namespace {

event order_event(std::string kind, const domain::order& o, int64_t now) {
  std::string payload = "{\"order_id\":";
  domain::append_int(payload, o.id);
  payload += ",\"user_id\":\"" + domain::to_string(o.user_id) + "\",\"status\":";
  domain::append_json_string(payload, domain::to_string(o.status));
  payload += ",\"total_amount\":";
  domain::append_int(payload, o.total_amount);
  payload += '}';
  return {0, std::move(kind), "order:" + std::to_string(o.id), std::move(payload), now, {}};
}

bool may_see(const call& c, const domain::uuid& owner) {
  return c.role == domain::user_role::admin || c.caller == owner;
}

} // namespace

void order_state::start(order_config c, router<writer_actor> writer, router<reader_actor> readers,
                        router<stock_actor> stock) {
  config_ = c;
  orders_ = lru_cache<int64_t, domain::order>{c.cached};
  limiter_ = orders::limiter{c.limit};
  readers_ = std::move(readers);
  stock_ = std::move(stock);
  shard_base::start(c, std::move(writer));
}

void order_state::forget() {
  orders_.clear();
  limiter_.forget();
}

// -- placing -------------------------------------------------------------------------------------

caf::result<order_answer> order_state::place(place_order& cmd) {
  promise p{self};
  when_ready(cmd.call, p, [this, p, cmd = std::move(cmd)]() mutable {
    if (!answers_.begin(cmd.call.key, p))
      return;
    auto x = std::make_shared<placing>(placing{std::move(cmd), p, {}, {}, 0, 0});
    x->deadline = x->cmd.call.deadline != 0 ? x->cmd.call.deadline
                                            : config.now() + config.write_deadline.count();
    check_limit(x);
  });
  return p.raw();
}

void order_state::check_limit(const placing_ptr& x) {
  if (!limiter_.on())
    return with_id(
      [this, x] { prepare(x); },
      [this, x](ec code) { answers_.fail(x->cmd.call.key, x->answer, caf::make_error(code)); });
  auto& user = x->cmd.call.caller;
  if (limiter_.knows(user))
    return admit(x);
  auto since = config.now() - config_.limit.window;
  read_own<order_times>(
    readers_, load_order_times{user, since, config_.limit.count},
    [this, x](const order_times& t) {
      if (!limiter_.knows(x->cmd.call.caller))
        limiter_.remember(x->cmd.call.caller, t.created_at);
      admit(x);
    },
    [this, x](const caf::error&) {
      answers_.fail(x->cmd.call.key, x->answer, caf::make_error(ec::overloaded));
    });
}

void order_state::admit(const placing_ptr& x) {
  auto wait = limiter_.admit(x->cmd.call.caller, config.now());
  if (wait == 0)
    return with_id([this, x] { prepare(x); },
                   [this, x](ec code) {
                     limiter_.decided(x->cmd.call.caller, 0);
                     answers_.fail(x->cmd.call.key, x->answer, caf::make_error(code));
                   });
  refuse(x->cmd.call, x->answer,
         caf::make_error(ec::order_limit_reached, int64_t{(wait + 999) / 1000}));
}

void order_state::prepare(const placing_ptr& x) {
  auto& o = x->order;
  o.id = next_id();
  o.user_id = x->cmd.call.caller;
  o.payment = x->cmd.payment;
  o.currency = config_.currency;
  o.shipping_address = std::move(x->cmd.shipping_address);
  o.note = std::move(x->cmd.note);
  o.lines.resize(x->cmd.lines.size());
  auto lines = x->cmd.lines;
  for (size_t i = 0; i < lines.size(); ++i) {
    o.lines[i].id = o.id * 128 + static_cast<int64_t>(i);
    o.lines[i].product_id = lines[i].product_id;
    o.lines[i].quantity = lines[i].quantity;
  }
  std::sort(lines.begin(), lines.end(), [this](auto& a, auto& b) {
    return std::pair{domain::shard_of(a.product_id, config.shards), a.product_id}
           < std::pair{domain::shard_of(b.product_id, config.shards), b.product_id};
  });
  for (auto& l : lines) {
    auto shard = domain::shard_of(l.product_id, config.shards);
    if (x->parts.empty() || x->parts.back().first != shard)
      x->parts.emplace_back(shard, std::vector<wanted_line>{});
    x->parts.back().second.push_back(l);
  }
  reserve_next(x);
}

void order_state::reserve_next(const placing_ptr& x) {
  if (x->next == x->parts.size())
    return save(x);
  auto& [shard, lines] = x->parts[x->next++];
  // The stock shard answers by the deadline itself; this is for one that fell silent.
  auto patience = config.write_deadline + std::chrono::seconds{2};
  ask<stock_reserved>(
    stock_.at(shard), patience, reserve_stock{x->order.id, lines, x->deadline},
    [this, x](stock_reserved& got) {
      for (auto& r : got.lines)
        for (auto& l : x->order.lines)
          if (l.product_id == r.product_id) {
            l.product_name = r.product_name;
            l.product_price = r.product_price;
          }
      reserve_next(x);
    },
    [this, x](caf::error& why) {
      auto code = code_of(why);
      // A stock shard that restarted has forgotten its holds: nothing happened.
      give_up(x, code == ec::outcome_unknown ? caf::make_error(ec::overloaded) : std::move(why));
    });
}

bool order_state::compute_totals(domain::order& o) const {
  for (auto& l : o.lines) {
    auto subtotal = domain::multiply_money(l.product_price, l.quantity);
    if (!subtotal)
      return false;
    o.total_amount += *subtotal;
    o.total_quantity += l.quantity;
    if (o.total_amount > (int64_t{1} << 53) - 1)
      return false;
  }
  return true;
}

void order_state::save(const placing_ptr& x) {
  auto& o = x->order;
  if (!compute_totals(o))
    return give_up(x, caf::make_error(ec::amount_too_large));
  o.created_at = o.updated_at = config.now();
  write w;
  w.request_id = x->cmd.call.request_id;
  w.stock.reserve(o.lines.size());
  for (auto& l : o.lines)
    w.stock.push_back({l.product_id, stock_change_kind::add, -l.quantity, "order", o.id, o.id, 0});
  w.events.push_back(order_event("order_placed", o, o.created_at));
  if (!x->cmd.call.key.id.empty())
    w.keep = kept_answer{x->cmd.call.key.id, x->cmd.call.key.fingerprint, encode(o)};
  w.order = row_change<domain::order>{o, 0};
  x->answer.if_lost(ec::outcome_unknown);
  send(
    std::move(w), [this, x](written& answer) { on_saved(x, answer); },
    [this, x](ec code) {
      limiter_.decided(x->cmd.call.caller, 0);
      // Of an unknown outcome the holds stay until they expire: the counts are read anew then.
      if (code != ec::outcome_unknown)
        release(x);
      answers_.fail(x->cmd.call.key, x->answer, caf::make_error(code));
    });
}

void order_state::on_saved(const placing_ptr& x, written& answer) {
  auto& c = x->cmd.call;
  if (answer.refused == refusal::none) {
    limiter_.decided(c.caller, x->order.created_at);
    orders_.put(x->order.id, x->order, weight_of(x->order));
    return answers_.succeed(c.key, x->answer, x->order);
  }
  if (answer.refused == refusal::replayed) {
    limiter_.decided(c.caller, 0);
    release(x);
    return answer_from_row(answers_, c.key, x->answer, answer, decode_order);
  }
  if (answer.refused == refusal::out_of_stock) {
    std::vector<shortage> missing;
    for (auto& l : x->order.lines)
      if (l.product_id == answer.subject)
        missing.push_back(
          {l.product_id, l.quantity, answer.levels.empty() ? 0 : answer.levels.front().on_hand});
    return give_up(x, caf::make_error(ec::out_of_stock, std::move(missing)));
  }
  if (answer.refused == refusal::not_found)
    return give_up(x, caf::make_error(ec::product_not_found, int64_t{answer.subject}));
  give_up(x, caf::make_error(to_error(answer.refused)));
}

/// Ends the holds at every stock shard that was asked.
void order_state::release(const placing_ptr& x) {
  for (size_t i = 0; i < x->next; ++i)
    caf::anon_send(stock_.at(x->parts[i].first), release_stock{x->order.id});
}

void order_state::give_up(const placing_ptr& x, caf::error why) {
  limiter_.decided(x->cmd.call.caller, 0);
  release(x);
  refuse(x->cmd.call, x->answer, std::move(why));
}

void order_state::refuse(const call& c, const promise& p, caf::error why) {
  refuse_unless_kept(this, readers_, answers_, c.key, p, std::move(why), decode_order);
}

// -- reading -------------------------------------------------------------------------------------

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
  if (!may_see(cmd.call, cmd.user_id))
    return caf::make_error(ec::not_found);
  return self->delegate(readers_.any(), cmd);
}

// -- life cycle ----------------------------------------------------------------------------------

caf::result<order_answer> order_state::change_status(change_order_status& cmd) {
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
      with_order(
        cmd.id, [=, this](const domain::order& old) { apply(cmd, p, old); },
        [=, this](caf::error why) {
          refuse(cmd.call, p, std::move(why));
          changing_.end(cmd.id);
        });
    });
  });
  return p.raw();
}

void order_state::apply(const change_order_status& cmd, const promise& p,
                        const domain::order& old) {
  auto& c = cmd.call;
  auto who =
    c.role == domain::user_role::admin ? domain::actor_role::admin : domain::actor_role::owner;
  auto bad = !may_see(c, old.user_id) ? ec::not_found
             : who == domain::actor_role::owner && cmd.status != domain::order_status::cancelled
               ? ec::forbidden
             : cmd.expected_version && *cmd.expected_version != old.version ? ec::stale_version
             : !domain::may_change(old.status, cmd.status, old.payment, who)
               ? ec::invalid_transition
               : ec::none;
  if (bad != ec::none) {
    refuse(c, p, caf::make_error(bad));
    return changing_.end(cmd.id);
  }
  auto changed = old;
  changed.status = cmd.status;
  changed.updated_at = config.now();
  ++changed.version;
  write w;
  w.request_id = c.request_id;
  w.order = row_change<domain::order>{changed, old.version};
  if (domain::restores_stock(cmd.status))
    for (auto& l : old.lines)
      w.stock.push_back({l.product_id, stock_change_kind::add, l.quantity,
                         std::string{domain::to_string(cmd.status)}, old.id, 0, 0});
  w.events.push_back(order_event("order_" + std::string{domain::to_string(cmd.status)}, changed,
                                 changed.updated_at));
  if (!c.key.id.empty())
    w.keep = kept_answer{c.key.id, c.key.fingerprint, encode(changed)};
  p.if_lost(ec::outcome_unknown);
  send(
    std::move(w),
    [=, this](written& answer) {
      on_changed(cmd, p, changed, answer);
      changing_.end(cmd.id);
    },
    [=, this](ec code) {
      answers_.fail(cmd.call.key, p, caf::make_error(code));
      changing_.end(cmd.id);
    });
}

void order_state::on_changed(const change_order_status& cmd, const promise& p,
                             const domain::order& changed, written& answer) {
  if (answer.refused == refusal::none) {
    orders_.put(cmd.id, changed, weight_of(changed));
    return answers_.succeed(cmd.call.key, p, changed);
  }
  if (answer.refused == refusal::replayed)
    return answer_from_row(answers_, cmd.call.key, p, answer, decode_order);
  orders_.erase(cmd.id); // someone else may have written it: read it anew
  if (answer.refused == refusal::stale_version && !cmd.expected_version)
    return refuse(cmd.call, p, caf::make_error(ec::overloaded)); // not the caller's mistake
  refuse(cmd.call, p, caf::make_error(to_error(answer.refused)));
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
    [self](caf::tick_atom) { self->state.on_tick(); },
    [self](caf::timeout_atom) { self->state.on_timeouts(); },
  };
}

} // namespace souk::actors
