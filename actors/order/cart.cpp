// Carts: one change at a time for each user; prices follow the catalog until they are ordered.
#include "actors/domain/money.hpp"
#include "actors/messages/codec.hpp"
#include "actors/order/actor.hpp"
#include "actors/runtime/stored_answer.hpp"

#include <algorithm>
#include <map>

namespace souk::actors {

namespace {

constexpr int64_t max_line_quantity = 1'000'000; // as an order's

auto line_of(domain::cart& c, int64_t product) {
  return std::find_if(c.lines.begin(), c.lines.end(),
                      [product](auto& l) { return l.product_id == product; });
}

/// Makes the change; what is wrong with it, if anything.
ec apply(const change_cart& cmd, domain::cart& cart) {
  auto line = line_of(cart, cmd.product_id);
  switch (cmd.kind) {
  case cart_change::clear: cart.lines.clear(); return ec::none;
  case cart_change::add:
    if (line == cart.lines.end()) {
      if (cart.lines.size() >= domain::max_order_lines)
        return ec::cart_full;
      cart.lines.push_back({cmd.product_id, cmd.quantity, 0});
      return ec::none;
    }
    if (line->quantity + cmd.quantity > max_line_quantity)
      return ec::invalid_value;
    line->quantity += cmd.quantity;
    return ec::none;
  case cart_change::set:
  case cart_change::remove:
    if (line == cart.lines.end())
      return ec::not_found;
    if (cmd.kind == cart_change::remove || cmd.quantity == 0)
      cart.lines.erase(line);
    else
      line->quantity = cmd.quantity;
    return ec::none;
  }
  return ec::internal;
}

int64_t quantity_in(domain::cart& cart, int64_t product) {
  auto line = line_of(cart, product);
  return line == cart.lines.end() ? 0 : line->quantity;
}

/// Whether the sum of a cart is an amount that can be said exactly.
bool can_be_summed(const cart_view& view) {
  int64_t total = 0;
  for (auto& x : view.items) {
    auto subtotal = domain::multiply_money(x.price, x.quantity);
    if (!subtotal || (total += *subtotal) > domain::max_money)
      return false;
  }
  return true;
}

} // namespace

void order_state::with_cart(const domain::uuid& user, std::function<void(const domain::cart&)> done,
                            std::function<void(caf::error)> failed) {
  if (auto* x = carts_.find(user))
    return done(domain::cart{*x});
  read_own<domain::cart>(
    readers_, load_cart{user},
    [this, done](domain::cart& found) {
      auto* known = carts_.find(found.user_id);
      if (known == nullptr || known->version < found.version)
        known = &carts_.put(found.user_id, std::move(found));
      done(domain::cart{*known});
    },
    [this, user, done, failed](caf::error why) {
      if (code_of(why) != ec::not_found)
        return failed(std::move(why));
      auto* known = carts_.find(user);
      done(known != nullptr ? domain::cart{*known} : domain::cart{user, {}, 0, 0});
    });
}

/// One cart's lines being completed by the stock shards, who know names and prices.
struct order_state::describing {
  std::vector<domain::cart_line> lines;
  std::map<int64_t, product_description> found;
  size_t open = 0;
  bool failed = false;
  std::function<void(const std::map<int64_t, product_description>&)> done;
  std::function<void(caf::error)> fail;
};

void order_state::describe(const std::vector<domain::cart_line>& lines,
                           std::function<void(const std::map<int64_t, product_description>&)> done,
                           std::function<void(caf::error)> failed) {
  std::map<uint32_t, describe_products> parts;
  for (auto& l : lines)
    parts[domain::shard_of(l.product_id, config.shards)].ids.push_back(l.product_id);
  if (parts.empty())
    return done({});
  auto x = std::make_shared<describing>();
  x->open = parts.size();
  x->done = std::move(done);
  x->fail = std::move(failed);
  for (auto& [shard, part] : parts)
    ask<product_descriptions>(
      stock_.at(shard), config.request_timeout, std::move(part),
      [x](const product_descriptions& got) {
        for (auto& d : got.items)
          x->found[d.product_id] = d;
        if (--x->open == 0 && !x->failed)
          x->done(x->found);
      },
      [x](const caf::error&) {
        --x->open;
        if (!std::exchange(x->failed, true))
          x->fail(caf::make_error(ec::overloaded));
      });
}

/// The cart as it is shown; of what was deleted nothing is available. Notes the prices that are
/// shown.
cart_view order_state::view_of(domain::cart& cart,
                               const std::map<int64_t, product_description>& known) {
  cart_view view;
  for (auto& l : cart.lines) {
    auto d = known.find(l.product_id);
    if (d == known.end() || d->second.name.empty())
      continue;
    auto& x = d->second;
    l.seen_price = x.price;
    view.items.push_back({l.product_id, x.name, x.price, l.quantity, x.available, x.external_id});
  }
  return view;
}

caf::result<cart_view> order_state::show_cart(const get_cart& cmd) {
  promised<cart_view> p{self};
  auto fail = [p](caf::error why) { p.fail(std::move(why)); };
  with_cart(
    cmd.call.caller,
    [=, this](const domain::cart& cart) {
      describe(
        cart.lines,
        [=, this](const std::map<int64_t, product_description>& known) {
          auto shown = cart;
          auto view = view_of(shown, known);
          // Another change may have come in between: only the same version is the one shown.
          if (auto* x = carts_.find(cart.user_id); x != nullptr && x->version == shown.version)
            *x = std::move(shown);
          else if (x == nullptr && shown.version == 0)
            carts_.put(shown.user_id, shown);
          p.deliver(std::move(view));
        },
        fail);
    },
    fail);
  return p.raw();
}

caf::result<cart_answer> order_state::change_cart(actors::change_cart& cmd) {
  promised<cart_answer> p{self};
  when_ready(cmd.call, p, [this, p, cmd = std::move(cmd)] {
    if (!cart_answers_.begin(cmd.call.key, p))
      return;
    changing_carts_.begin(cmd.call.caller, [this, p, cmd] {
      if (late(cmd.call)) {
        cart_answers_.fail(cmd.call.key, p, caf::make_error(ec::overloaded));
        return changing_carts_.end(cmd.call.caller);
      }
      with_cart(
        cmd.call.caller, [=, this](const domain::cart& cart) { apply_to_cart(cmd, p, cart); },
        [=, this](caf::error why) { refuse_cart(cmd, p, std::move(why)); });
    });
  });
  return p.raw();
}

void order_state::refuse_cart(const actors::change_cart& cmd, const promised<cart_answer>& p,
                              caf::error why) {
  refuse_unless_kept(this, readers_, cart_answers_, cmd.call.key, p, std::move(why),
                     decode_cart_view);
  changing_carts_.end(cmd.call.caller);
}

void order_state::apply_to_cart(const actors::change_cart& cmd, const promised<cart_answer>& p,
                                domain::cart cart) {
  auto before = quantity_in(cart, cmd.product_id);
  if (auto bad = apply(cmd, cart); bad != ec::none)
    return refuse_cart(cmd, p, caf::make_error(bad));
  auto after = quantity_in(cart, cmd.product_id);
  auto lines = cart.lines;
  describe(
    lines,
    [=, this](const std::map<int64_t, product_description>& known) mutable {
      auto gone = [&](int64_t id) {
        auto d = known.find(id);
        return d == known.end() || !d->second.exists;
      };
      if (after > 0 && gone(cmd.product_id))
        return refuse_cart(
          cmd, p, caf::make_error(ec::product_not_found, unknown_products{{cmd.product_id}}));
      auto view = view_of(cart, known);
      if (after > before && !can_be_summed(view))
        return refuse_cart(cmd, p, caf::make_error(ec::amount_too_large));
      save_cart(cmd, p, std::move(cart), std::move(view));
    },
    [=, this](caf::error why) { refuse_cart(cmd, p, std::move(why)); });
}

void order_state::save_cart(const actors::change_cart& cmd, const promised<cart_answer>& p,
                            domain::cart cart, cart_view view) {
  auto& c = cmd.call;
  cart.updated_at = config.now();
  ++cart.version;
  write w;
  w.request_id = c.request_id;
  w.cart = row_change<domain::cart>{cart, 0};
  if (!c.key.id.empty())
    w.keep = kept_answer{c.key.id, c.key.fingerprint, encode(view)};
  p.if_lost(ec::outcome_unknown);
  send(
    std::move(w),
    [=, this](written& answer) {
      if (answer.refused == refusal::none) {
        carts_.put(c.caller, cart);
        cart_answers_.succeed(c.key, p, view);
        return changing_carts_.end(c.caller);
      }
      if (answer.refused == refusal::replayed) {
        answer_from_row(cart_answers_, c.key, p, answer, decode_cart_view);
        return changing_carts_.end(c.caller);
      }
      carts_.erase(c.caller); // someone else may have written it: read it anew
      refuse_cart(cmd, p,
                  caf::make_error(answer.refused == refusal::stale_version
                                    ? ec::overloaded
                                    : to_error(answer.refused)));
    },
    [=, this](ec code) {
      cart_answers_.fail(c.key, p, caf::make_error(code));
      changing_carts_.end(c.caller);
    });
}

// -- checkout ------------------------------------------------------------------------------------

caf::result<order_answer> order_state::check_out(actors::check_out& cmd) {
  promise p{self};
  when_ready(cmd.call, p, [this, p, cmd = std::move(cmd)] {
    if (!answers_.begin(cmd.call.key, p))
      return;
    changing_carts_.begin(cmd.call.caller, [this, p, cmd] {
      if (late(cmd.call)) {
        answers_.fail(cmd.call.key, p, caf::make_error(ec::overloaded));
        return changing_carts_.end(cmd.call.caller);
      }
      with_cart(
        cmd.call.caller, [=, this](const domain::cart& cart) { order_cart(cmd, p, cart); },
        [=, this](caf::error why) {
          refuse(cmd.call, p, std::move(why));
          changing_carts_.end(cmd.call.caller);
        });
    });
  });
  return p.raw();
}

void order_state::order_cart(const actors::check_out& cmd, const promise& p,
                             const domain::cart& cart) {
  if (cart.lines.empty()) {
    refuse(cmd.call, p, caf::make_error(ec::cart_empty));
    return changing_carts_.end(cmd.call.caller);
  }
  place_order order;
  order.call = cmd.call;
  order.payment = cmd.payment;
  order.shipping_address = cmd.shipping_address;
  order.note = cmd.note;
  order.address_missing = cmd.address_missing;
  for (auto& l : cart.lines)
    order.lines.push_back({l.product_id, l.quantity});
  begin_placing(
    std::make_shared<placing>(placing{.cmd = std::move(order), .answer = p, .cart = cart}));
}

/// Lines whose price is not the one that the customer saw; from now on they have seen it.
std::vector<changed_price> order_state::changed_prices(const domain::cart& cart,
                                                       const domain::order& o) {
  std::vector<changed_price> out;
  auto* known = carts_.find(cart.user_id);
  for (auto& l : o.lines)
    for (auto& seen : cart.lines)
      if (seen.product_id == l.product_id && seen.seen_price != l.product_price) {
        out.push_back({l.product_id, seen.seen_price, l.product_price});
        if (known == nullptr)
          continue;
        if (auto line = line_of(*known, l.product_id); line != known->lines.end())
          line->seen_price = l.product_price;
      }
  return out;
}

} // namespace souk::actors
