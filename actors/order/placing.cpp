// An order on its way: limits, holds at the stock shards, the write, and the answer.
#include "actors/domain/money.hpp"
#include "actors/messages/codec.hpp"
#include "actors/order/actor.hpp"
#include "actors/runtime/stored_answer.hpp"

#include <algorithm>

namespace souk::actors {

caf::result<order_answer> order_state::place(place_order& cmd) {
  promise p{self};
  auto x = std::make_shared<placing>(std::move(cmd), p);
  when_ready(x->cmd.call, p, [this, x] {
    if (answers_.begin(x->cmd.call.key, x->answer))
      begin_placing(x);
  });
  return p.raw();
}

void order_state::begin_placing(const placing_ptr& x) {
  auto& c = x->cmd.call;
  x->deadline = c.deadline != 0 ? c.deadline : config.now() + config.write_deadline.count();
  if (x->cmd.address_missing) {
    refuse(c, x->answer, caf::make_error(ec::address_not_found));
    return end_placing(x);
  }
  check_limit(x);
}

/// It is decided, one way or the other: the next change of its cart may begin.
void order_state::end_placing(const placing_ptr& x) {
  if (x->cart)
    changing_carts_.end(x->cmd.call.caller);
}

/// Nothing happened, for a reason that passes.
void order_state::drop_placing(const placing_ptr& x, ec code) {
  answers_.fail(x->cmd.call.key, x->answer, caf::make_error(code));
  end_placing(x);
}

void order_state::check_limit(const placing_ptr& x) {
  if (!limiter_.on())
    return with_id([this, x = x] { prepare(x); },
                   [this, x = x](ec code) { drop_placing(x, code); });
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
    [this, x](const caf::error&) { drop_placing(x, ec::overloaded); });
}

void order_state::admit(const placing_ptr& x) {
  auto wait = limiter_.admit(x->cmd.call.caller, config.now());
  if (wait == 0)
    return with_id([this, x] { prepare(x); },
                   [this, x](ec code) {
                     limiter_.decided(x->cmd.call.caller, 0);
                     drop_placing(x, code);
                   });
  refuse(x->cmd.call, x->answer,
         caf::make_error(ec::order_limit_reached, int64_t{(wait + 999) / 1000}));
  end_placing(x);
}

void order_state::prepare(const placing_ptr& x) {
  auto& o = x->order;
  o.id = next_id();
  o.user_id = x->cmd.call.caller;
  o.payment = x->cmd.payment;
  o.currency = config_.currency;
  o.shipping_address = std::move(x->cmd.shipping_address);
  o.note = std::move(x->cmd.note);
  auto lines = std::move(x->cmd.lines);
  o.lines.resize(lines.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    o.lines[i].id = o.id * 128 + static_cast<int64_t>(i);
    o.lines[i].product_id = lines[i].product_id;
    o.lines[i].quantity = lines[i].quantity;
  }
  std::sort(lines.begin(), lines.end(), [this](auto& a, auto& b) {
    return std::pair{domain::shard_of(a.product_id, config.shards), a.product_id}
           < std::pair{domain::shard_of(b.product_id, config.shards), b.product_id};
  });
  for (auto from = lines.begin(); from != lines.end();) {
    const auto shard = domain::shard_of(from->product_id, config.shards);
    const auto to = std::find_if(from, lines.end(), [&](auto& l) {
      return domain::shard_of(l.product_id, config.shards) != shard;
    });
    x->parts.emplace_back(shard, std::vector<wanted_line>(from, to));
    from = to;
  }
  reserve_next(x);
}

void order_state::reserve_next(const placing_ptr& x) {
  if (x->next == x->parts.size()) {
    if (!x->unknown.ids.empty())
      return give_up(x, caf::make_error(ec::product_not_found, std::move(x->unknown)));
    if (!x->missing.empty())
      return give_up(x, caf::make_error(ec::out_of_stock, std::move(x->missing)));
    return save(x);
  }
  auto& [shard, lines] = x->parts[x->next++];
  // The stock shard answers by the deadline itself; this is for one that fell silent.
  auto patience = config.write_deadline + std::chrono::seconds{2};
  ask<stock_reserved>(
    stock_.at(shard), patience, reserve_stock{x->order.id, std::move(lines), x->deadline},
    // Not `x` alone: what is captured from a const reference could only be copied, again and again.
    [this, x = x](stock_reserved& got) {
      for (auto& r : got.lines)
        for (auto& l : x->order.lines)
          if (l.product_id == r.product_id) {
            l.product_name = r.product_name;
            l.product_price = r.product_price;
            l.external_id = std::move(r.external_id);
          }
      reserve_next(x);
    },
    [this, x = x](caf::error& why) {
      auto code = code_of(why);
      if (code == ec::product_not_found && why.context().match_elements<unknown_products>()) {
        note_unknown(*x, why.context().get_as<unknown_products>(0));
        return reserve_next(x);
      }
      if (code == ec::out_of_stock && why.context().match_elements<std::vector<shortage>>()) {
        // The others are asked all the same: whoever orders hears of all that is missing at once.
        auto& here = why.context().get_as<std::vector<shortage>>(0);
        x->missing.insert(x->missing.end(), here.begin(), here.end());
        return reserve_next(x);
      }
      // A stock shard that restarted has forgotten its holds: nothing happened.
      give_up(x, code == ec::outcome_unknown ? caf::make_error(ec::overloaded) : std::move(why));
    });
}

/// What is gone from the catalog is one more thing that is missing from a cart, which has it still.
void order_state::note_unknown(placing& x, const unknown_products& unknown) {
  for (auto id : unknown.ids) {
    auto line = std::find_if(x.order.lines.begin(), x.order.lines.end(),
                             [id](auto& l) { return l.product_id == id; });
    if (x.cart && line != x.order.lines.end())
      x.missing.push_back({id, line->quantity, 0});
    else
      x.unknown.ids.push_back(id);
  }
}

bool order_state::compute_totals(domain::order& o) {
  o.total_amount = o.total_quantity = 0;
  for (auto& l : o.lines) {
    auto subtotal = domain::multiply_money(l.product_price, l.quantity);
    if (!subtotal)
      return false;
    o.total_amount += *subtotal;
    o.total_quantity += l.quantity;
    if (o.total_amount > domain::max_money)
      return false;
  }
  return true;
}

void order_state::save(const placing_ptr& x) {
  auto& o = x->order;
  if (x->cart)
    if (auto changed = changed_prices(*x->cart, o); !changed.empty())
      return give_up(x, caf::make_error(ec::price_changed, std::move(changed)));
  if (!compute_totals(o))
    return give_up(x, caf::make_error(ec::amount_too_large));
  if (x->cmd.expected_total && *x->cmd.expected_total != o.total_amount)
    return give_up(x, caf::make_error(ec::wrong_total, int64_t{o.total_amount}));
  o.created_at = o.updated_at = config.now();
  write w;
  w.request_id = x->cmd.call.request_id;
  w.stock.reserve(o.lines.size());
  for (auto& l : o.lines)
    w.stock.push_back({l.product_id, stock_change_kind::add, -l.quantity, "order", o.id, o.id, 0});
  w.events.push_back(order_event("order_placed", o, o.created_at));
  if (!x->cmd.call.key.id.empty())
    w.keep = kept_answer{x->cmd.call.key.id, x->cmd.call.key.fingerprint, encode(o)};
  w.order.emplace(o, 0);
  if (x->cart)
    w.cart = row_change<domain::cart>{{o.user_id, {}, o.created_at, x->cart->version + 1}, 0};
  x->answer.if_lost(ec::outcome_unknown);
  send(
    std::move(w), [this, x = x](written& answer) { on_saved(x, answer); },
    [this, x = x](ec code) {
      limiter_.decided(x->cmd.call.caller, 0);
      // Of an unknown outcome the holds stay until they expire: the counts are read anew then.
      if (code != ec::outcome_unknown)
        release(x);
      drop_placing(x, code);
    });
}

void order_state::on_saved(const placing_ptr& x, written& answer) {
  auto& c = x->cmd.call;
  if (answer.refused == refusal::none) {
    limiter_.decided(c.caller, x->order.created_at);
    quota rest;
    if (limiter_.on()) {
      auto [left, wait] = limiter_.left(c.caller, config.now());
      rest = {left, (wait + 999) / 1000};
    }
    if (x->cart)
      carts_.put(c.caller, {c.caller, {}, x->order.created_at, x->cart->version + 1});
    answers_.succeed(c.key, x->answer, x->order, rest);
    const auto id = x->order.id;
    const auto weight = weight_of(x->order);
    orders_.put(id, std::move(x->order), weight);
    return end_placing(x);
  }
  if (answer.refused == refusal::replayed) {
    limiter_.decided(c.caller, 0);
    release(x);
    answer_from_row(answers_, c.key, x->answer, answer, decode_order);
    return end_placing(x);
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
    return give_up(x, caf::make_error(ec::product_not_found, unknown_products{{answer.subject}}));
  if (answer.refused == refusal::stale_version) {
    carts_.erase(c.caller); // someone else may have written it: read it anew
    return give_up(x, caf::make_error(ec::overloaded));
  }
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
  end_placing(x);
}

void order_state::refuse(const call& c, const promise& p, caf::error why) {
  refuse_unless_kept(this, readers_, answers_, c.key, p, std::move(why), decode_order);
}

} // namespace souk::actors
