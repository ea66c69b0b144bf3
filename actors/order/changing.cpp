// Everything that changes an order after it was placed: one change at a time for each order.
#include "actors/domain/money.hpp"
#include "actors/messages/codec.hpp"
#include "actors/order/actor.hpp"
#include "actors/runtime/later.hpp"
#include "actors/runtime/stored_answer.hpp"

#include <algorithm>

namespace souk::actors {

namespace {

/// How often the lines of one order may change: its history is kept with it.
constexpr size_t max_changes = 1'000;

domain::changed_by who(const call& c) {
  return c.role == domain::user_role::admin ? domain::changed_by::admin
                                            : domain::changed_by::customer;
}

} // namespace

// -- the frame of every change -------------------------------------------------------------------

caf::result<order_answer> order_state::change(changing x, apply_function apply) {
  promise p{self};
  x.answer = p;
  auto shared = std::make_shared<changing>(std::move(x));
  when_ready(shared->call, p, [this, p, shared, apply = std::move(apply)] {
    if (answers_.begin(shared->call.key, p))
      begin_change(shared, apply);
  });
  return p.raw();
}

caf::result<bool> order_state::change_in_background(int64_t id, apply_function apply) {
  promised<bool> p{self};
  auto shared = std::make_shared<changing>();
  shared->id = id;
  shared->any_order = true;
  shared->background = p;
  when_ready(shared->call, p,
             [this, shared, apply = std::move(apply)] { begin_change(shared, apply); });
  return p.raw();
}

void order_state::begin_change(const changing_ptr& x, const apply_function& apply) {
  changing_.begin(x->id, [this, x, apply] {
    if (late(x->call))
      return break_change(x, ec::overloaded);
    with_order(
      x->id,
      [this, x, apply](const domain::order& old) {
        if (!x->any_order && !may_see(x->call, old.user_id))
          return refuse_change(x, caf::make_error(ec::not_found));
        apply(x, old);
      },
      [this, x](caf::error why) { refuse_change(x, std::move(why)); });
  });
}

/// The shop says no. In the background that is an answer, too.
void order_state::refuse_change(const changing_ptr& x, caf::error why) {
  if (x->answer)
    refuse(x->call, *x->answer, std::move(why));
  else if (code_of(why) < ec::overloaded)
    x->background->deliver(false);
  else
    x->background->fail(std::move(why));
  changing_.end(x->id);
}

/// It did not happen, or nobody knows.
void order_state::break_change(const changing_ptr& x, ec code) {
  if (x->answer)
    answers_.fail(x->call.key, *x->answer, caf::make_error(code));
  else
    x->background->fail(code);
  changing_.end(x->id);
}

/// Notes a step in an order's history, and its event.
void order_state::add_step(domain::order& o, write& w, domain::order_change_kind kind,
                           domain::order_status status, domain::changed_by by) const {
  o.updated_at = config.now();
  o.status = status;
  o.changes.push_back({++o.version, kind, status, by, o.updated_at});
  w.events.push_back(order_event(domain::event_name(o.changes.back()), o, o.updated_at));
}

/// All that is left of its lines goes back to the stock.
void order_state::restore_stock(const domain::order& o, write& w) {
  for (auto& l : o.lines)
    w.stock.push_back({l.product_id, stock_change_kind::add, l.quantity,
                       std::string{domain::to_string(o.status)}, o.id, 0, 0});
}

void order_state::write_change(const changing_ptr& x, int64_t old_version,
                               const domain::order& changed, write w) {
  auto& c = x->call;
  w.request_id = c.request_id;
  w.order = row_change<domain::order>{changed, old_version};
  if (!c.key.id.empty())
    w.keep = kept_answer{c.key.id, c.key.fingerprint, encode(changed)};
  if (x->answer)
    x->answer->if_lost(ec::outcome_unknown);
  send(
    std::move(w), [=, this](written& answer) { on_changed(x, changed, answer); },
    [=, this](ec code) {
      // Of an unknown outcome the hold stays until it expires: the count is read anew then.
      if (code != ec::outcome_unknown)
        release_hold(x);
      break_change(x, code);
    });
}

void order_state::on_changed(const changing_ptr& x, const domain::order& changed, written& answer) {
  if (answer.refused == refusal::none) {
    orders_.put(x->id, changed, weight_of(changed));
    tell_watchers(changed);
    if (x->answer)
      answers_.succeed(x->call.key, *x->answer, changed);
    else
      x->background->deliver(true);
    return changing_.end(x->id);
  }
  release_hold(x);
  if (answer.refused == refusal::replayed) {
    answer_from_row(answers_, x->call.key, *x->answer, answer, decode_order);
    return changing_.end(x->id);
  }
  if (answer.refused == refusal::out_of_stock)
    return refuse_change(x, caf::make_error(ec::out_of_stock, x->shortage_of(answer)));
  orders_.erase(x->id); // someone else may have written it: read it anew
  if (answer.refused == refusal::stale_version && !x->expected_version)
    return refuse_change(x, caf::make_error(ec::overloaded)); // not the caller's mistake
  refuse_change(x, caf::make_error(to_error(answer.refused)));
}

void order_state::release_hold(const changing_ptr& x) {
  if (x->reservation != 0)
    caf::anon_send(stock_.at(domain::shard_of(x->product_id, config.shards)),
                   release_stock{x->reservation});
}

// -- the changes ---------------------------------------------------------------------------------

caf::result<order_answer> order_state::change_status(change_order_status& cmd) {
  changing x;
  x.call = std::move(cmd.call);
  x.id = cmd.id;
  x.expected_version = cmd.expected_version;
  return change(
    std::move(x), [this, to = cmd.status](const changing_ptr& c, const domain::order& old) {
      auto role = c->call.role == domain::user_role::admin ? domain::actor_role::admin
                                                           : domain::actor_role::owner;
      auto bad = role == domain::actor_role::owner && to != domain::order_status::cancelled
                   ? ec::forbidden
                 : c->stale(old)                                          ? ec::stale_version
                 : !domain::may_change(old.status, to, old.payment, role) ? ec::invalid_transition
                                                                          : ec::none;
      if (bad != ec::none)
        return refuse_change(c, caf::make_error(bad));
      set_status(c, old, to, who(c->call));
    });
}

void order_state::set_status(const changing_ptr& x, const domain::order& old,
                             domain::order_status to, domain::changed_by by) {
  auto changed = old;
  write w;
  add_step(changed, w, domain::order_change_kind::status, to, by);
  if (domain::restores_stock(to))
    restore_stock(changed, w);
  write_change(x, old.version, changed, std::move(w));
}

caf::result<bool> order_state::confirm(const confirm_order& cmd) {
  return change_in_background(cmd.id, [this](const changing_ptr& x, const domain::order& old) {
    if (old.status != domain::order_status::pending)
      return refuse_change(x, caf::make_error(ec::invalid_transition));
    set_status(x, old, domain::order_status::confirmed, domain::changed_by::system);
  });
}

caf::result<bool> order_state::expire(const expire_order& cmd) {
  return change_in_background(
    cmd.id, [this, before = cmd.placed_before](const changing_ptr& x, const domain::order& old) {
      auto waits = old.payment == domain::payment_method::prepaid
                   && (old.status == domain::order_status::pending
                       || old.status == domain::order_status::confirmed);
      if (!waits || old.created_at >= before)
        return refuse_change(x, caf::make_error(ec::invalid_transition));
      set_status(x, old, domain::order_status::cancelled, domain::changed_by::system);
    });
}

caf::result<order_answer> order_state::pay(pay_order& cmd) {
  changing x;
  x.call = std::move(cmd.call);
  x.id = cmd.id;
  x.expected_version = cmd.expected_version;
  x.any_order = cmd.provider;
  auto by = cmd.provider ? domain::changed_by::payment : domain::changed_by::admin;
  return change(std::move(x), [this, by, amount = cmd.amount, reference = std::move(cmd.reference)](
                                const changing_ptr& c, const domain::order& old) {
    using enum domain::order_status;
    auto waits = old.payment == domain::payment_method::prepaid
                 && (old.status == pending || old.status == confirmed);
    // Paid already, maybe by this very reference: the row knows.
    if (!waits)
      return with_payment(c, old, reference, amount);
    if (c->stale(old))
      return refuse_change(c, caf::make_error(ec::stale_version));
    if (amount != old.total_amount)
      return refuse_change(c, caf::make_error(ec::wrong_amount));
    auto changed = old;
    write w;
    if (old.status == pending)
      add_step(changed, w, domain::order_change_kind::status, confirmed,
               domain::changed_by::system);
    add_step(changed, w, domain::order_change_kind::status, paid, by);
    w.payment = payment_row{reference, old.id, amount, changed.updated_at};
    write_change(c, old.version, changed, std::move(w));
  });
}

/// A provider tells a payment more than once: the same again is no mistake.
void order_state::with_payment(const changing_ptr& x, const domain::order& old,
                               const std::string& reference, int64_t amount) {
  ask<payment_found>(
    readers_.any(), config.request_timeout, load_payment{reference},
    [=, this](const payment_found& found) {
      auto same = found.payment && found.payment->order_id == old.id;
      if (!same)
        return refuse_change(
          x, caf::make_error(found.payment ? ec::reference_taken : ec::invalid_transition));
      if (found.payment->amount != amount)
        return refuse_change(x, caf::make_error(ec::wrong_amount));
      answer_paid(x, old);
    },
    [=, this](const caf::error&) { break_change(x, ec::overloaded); });
}

/// With a key it may be a retry, which gets the first answer; else the order as it is now.
void order_state::answer_paid(const changing_ptr& x, const domain::order& now) {
  auto& key = x->call.key;
  if (key.id.empty()) {
    answers_.succeed(key, *x->answer, now);
    return changing_.end(x->id);
  }
  ask<kept_answer_found>(
    readers_.any(), config.request_timeout, load_kept_answer{key.id},
    [=, this](const kept_answer_found& found) {
      auto kept = found.kept ? decode_order(found.kept->answer) : std::nullopt;
      if (kept)
        answers_.replayed(x->call.key, *x->answer, found.kept->fingerprint, std::move(*kept));
      else
        answers_.succeed(x->call.key, *x->answer, now);
      changing_.end(x->id);
    },
    [=, this](const caf::error&) { break_change(x, ec::overloaded); });
}

caf::result<order_answer> order_state::change_item(change_order_item& cmd) {
  changing x;
  x.call = std::move(cmd.call);
  x.id = cmd.id;
  x.expected_version = cmd.expected_version;
  return change(std::move(x), [this, item = cmd.item_id, quantity = cmd.quantity](
                                const changing_ptr& c, const domain::order& old) {
    if (c->call.caller != old.user_id) // an ADMIN may see it, which is why this is said
      return refuse_change(c, caf::make_error(ec::forbidden));
    auto line =
      std::find_if(old.lines.begin(), old.lines.end(), [item](auto& l) { return l.id == item; });
    if (line == old.lines.end())
      return refuse_change(c, caf::make_error(ec::not_found));
    auto open =
      old.status == domain::order_status::pending || old.status == domain::order_status::confirmed;
    auto bad = c->stale(old)                                ? ec::stale_version
               : !open || old.changes.size() >= max_changes ? ec::invalid_transition
                                                            : ec::none;
    if (bad != ec::none)
      return refuse_change(c, caf::make_error(bad));
    if (quantity == 0 && old.lines.size() == 1)
      return set_status(c, old, domain::order_status::cancelled, who(c->call));
    c->product_id = line->product_id;
    c->more = quantity - line->quantity;
    if (c->more <= 0)
      return set_quantity(c, old, item, quantity);
    // More is wanted: hold it, as a new order does.
    c->reservation = next_reservation();
    auto deadline = config.now() + config.write_deadline.count();
    ask<stock_reserved>(
      stock_.at(domain::shard_of(c->product_id, config.shards)),
      config.write_deadline + std::chrono::seconds{2},
      reserve_stock{c->reservation, {{c->product_id, c->more}}, deadline},
      [=, this](const stock_reserved&) { set_quantity(c, old, item, quantity); },
      [=, this](caf::error& why) {
        release_hold(c);
        if (code_of(why) == ec::outcome_unknown)
          return break_change(c, ec::overloaded);
        refuse_change(c, std::move(why));
      });
  });
}

void order_state::set_quantity(const changing_ptr& x, const domain::order& old, int64_t item,
                               int64_t quantity) {
  auto changed = old;
  auto line = std::find_if(changed.lines.begin(), changed.lines.end(),
                           [item](auto& l) { return l.id == item; });
  line->quantity = quantity;
  if (quantity == 0)
    changed.lines.erase(line);
  if (!compute_totals(changed)) {
    release_hold(x);
    return refuse_change(x, caf::make_error(ec::amount_too_large));
  }
  write w;
  if (x->more != 0)
    w.stock.push_back({x->product_id, stock_change_kind::add, -x->more, "order changed", old.id,
                       x->reservation, 0});
  add_step(changed, w, domain::order_change_kind::items, old.status, who(x->call));
  write_change(x, old.version, changed, std::move(w));
}

// -- those who watch -----------------------------------------------------------------------------

caf::result<order_news> order_state::watch(const watch_order& cmd) {
  promised<order_news> p{self};
  with_order(
    cmd.id,
    [this, p, cmd](const domain::order& o) {
      if (!may_see(cmd.call, o.user_id))
        return p.fail(ec::not_found);
      auto news = news_of(o, cmd.after);
      if (!news.entries.empty() || domain::is_final(o.status))
        return p.deliver(std::move(news));
      if (watching_ >= max_watchers)
        return p.fail(ec::overloaded);
      ++watching_;
      watchers_[cmd.id].push_back({p, cmd.after, o.status, config.now() + watch_time});
      arm_timer();
    },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

order_news order_state::news_of(const domain::order& o, int64_t after) {
  order_news news{domain::history_of(o), o.status};
  std::erase_if(news.entries, [after](auto& e) { return e.version <= after; });
  return news;
}

void order_state::tell_watchers(const domain::order& o) {
  auto found = watchers_.extract(o.id);
  if (!found)
    return;
  watching_ -= found.mapped().size();
  for (auto& w : found.mapped())
    w.promise.deliver(news_of(o, w.after));
}

/// Tells those who have waited long enough that nothing happened: they ask again if they still are
/// there.
void order_state::on_timer() {
  timer_ = false;
  auto now = config.now();
  for (auto i = watchers_.begin(); i != watchers_.end();) {
    watching_ -= std::erase_if(i->second, [now](auto& w) {
      if (w.until > now)
        return false;
      w.promise.deliver({{}, w.status});
      return true;
    });
    i = i->second.empty() ? watchers_.erase(i) : std::next(i);
  }
  if (!watchers_.empty())
    arm_timer();
}

void order_state::arm_timer() {
  if (!std::exchange(timer_, true))
    send_later(self, std::chrono::milliseconds{500}, caf::update_atom_v);
}

} // namespace souk::actors
