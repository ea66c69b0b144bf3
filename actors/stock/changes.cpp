// Counts as administrators read and change them.
#include "actors/messages/codec.hpp"
#include "actors/runtime/stored_answer.hpp"
#include "actors/stock/actor.hpp"

#include <algorithm>

namespace souk::actors {

stock_view stock_state::view(int64_t product_id, const item& x) const {
  return {{product_id, x.count.on_hand(), x.count.version(), x.count.updated_at()}, x.count.held()};
}

caf::result<product_view> stock_state::complete(complete_product& cmd) {
  auto id = cmd.product.id;
  if (auto* x = find(id))
    return product_view{std::move(cmd.product), view(id, *x).level};
  promised<product_view> p{self};
  with_product(
    id,
    [this, p, product = std::move(cmd.product)] {
      if (auto* x = find(product.id))
        p.deliver({product, view(product.id, *x).level});
      else
        p.fail(ec::not_found);
    },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

caf::result<product_descriptions> stock_state::describe(describe_products& cmd) {
  promised<product_descriptions> p{self};
  std::vector<wanted_line> lines;
  lines.reserve(cmd.ids.size());
  for (auto id : cmd.ids)
    lines.push_back({id, 0});
  with_products(
    lines,
    [this, p, ids = std::move(cmd.ids)](bool absent) {
      product_descriptions answer;
      answer.items.reserve(ids.size());
      for (auto id : ids) {
        // A count that is doubted meanwhile is good enough to be shown.
        auto* x = items_.find(id);
        auto read = x != nullptr && x->product_version > 0;
        if (!read && !absent)
          return p.fail(ec::overloaded); // evicted by all the others
        auto& to = answer.items.emplace_back();
        to.product_id = id;
        if (read)
          to = {id,          x->product_name,
                x->price,    x->deleted ? 0 : std::max<int64_t>(0, x->count.available()),
                !x->deleted, x->external_id};
      }
      p.deliver(std::move(answer));
    },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

caf::result<stock_view> stock_state::get(const get_stock& cmd) {
  promised<stock_view> p{self};
  with_product(
    cmd.product_id,
    [this, p, id = cmd.product_id] {
      auto* x = find(id);
      if (x == nullptr || x->deleted)
        p.fail(ec::not_found);
      else
        p.deliver(view(id, *x));
    },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

caf::result<stock_answer> stock_state::set(set_stock& cmd) {
  promised<stock_answer> p{self};
  change(cmd.call, p,
         {cmd.product_id, stock_change_kind::set, cmd.quantity, std::move(cmd.reason), 0, 0,
          cmd.expected_version.value_or(0)});
  return p.raw();
}

caf::result<stock_answer> stock_state::adjust(adjust_stock& cmd) {
  promised<stock_answer> p{self};
  change(cmd.call, p,
         {cmd.product_id, stock_change_kind::add, cmd.delta, std::move(cmd.reason), 0, 0,
          cmd.expected_version.value_or(0)});
  return p.raw();
}

namespace {

/// A change that takes away is held like an order while it is written; that is not told.
int64_t held_by_others(int64_t held, const stock_change& change) {
  return change.reservation_id != 0 ? std::max<int64_t>(0, held + change.amount) : held;
}

} // namespace

void stock_state::change(const call& c, const promised<stock_answer>& p, stock_change change) {
  when_ready(c, p, [this, c, p, change = std::move(change)] {
    if (!answers_.begin(c.key, p))
      return;
    with_product(
      change.product_id, [=, this] { change_known(c, p, change); },
      [=, this](caf::error why) { refuse(c, p, std::move(why)); });
  });
}

/// Less is taken away like an order takes it: it waits for what others hold and never takes from
/// them what they were promised.
void stock_state::change_known(const call& c, const promised<stock_answer>& p,
                               stock_change change) {
  auto* x = find(change.product_id);
  if (x == nullptr || x->deleted)
    return refuse(c, p, caf::make_error(ec::not_found));
  // A later version may be the database's by now, but for the one that never is.
  if (change.expected_version != 0
      && (change.expected_version < x->count.version() || change.expected_version == no_version))
    return refuse(c, p, caf::make_error(ec::stale_version));
  auto write_it = [this, c, p](stock_change ch) {
    write w;
    w.request_id = c.request_id;
    // Persistence puts the count into the kept answer, since only the commit knows it.
    if (!c.key.id.empty()) {
      auto* y = find(ch.product_id);
      w.keep =
        kept_answer{c.key.id, c.key.fingerprint,
                    encode(stock_view{{}, y != nullptr ? held_by_others(y->count.held(), ch) : 0})};
    }
    w.stock.push_back(ch);
    w.events.push_back({0,
                        "stock_changed",
                        "product:" + std::to_string(ch.product_id),
                        "{\"product_id\":" + std::to_string(ch.product_id) + "}",
                        config.now(),
                        {}});
    p.if_lost(ec::outcome_unknown);
    send(
      std::move(w), [=, this](written& answer) { on_written(c, p, ch, answer); },
      [=, this](ec code) {
        if (ch.reservation_id != 0)
          release(ch.reservation_id);
        answers_.fail(c.key, p, caf::make_error(code));
      });
  };
  if (change.kind != stock_change_kind::add || change.amount >= 0)
    return write_it(std::move(change));
  change.reservation_id = next_reservation();
  reserve_stock hold{change.reservation_id,
                     {{change.product_id, -change.amount}},
                     config.now() + config.write_deadline.count()};
  ask<stock_reserved>(
    caf::actor_cast<stock_actor>(self), config.write_deadline + std::chrono::seconds{2},
    std::move(hold),
    [write_it, change](const stock_reserved&) mutable { write_it(std::move(change)); },
    [=, this](const caf::error& why) {
      release(change.reservation_id);
      refuse(c, p, code_of(why) == ec::outcome_unknown ? caf::make_error(ec::overloaded) : why);
    });
}

void stock_state::on_written(const call& c, const promised<stock_answer>& p,
                             const stock_change& change, written& answer) {
  auto* x = find(change.product_id);
  if (answer.refused != refusal::none && change.reservation_id != 0)
    release(change.reservation_id);
  switch (answer.refused) {
  case refusal::none: {
    stock_view v{{}, x != nullptr ? x->count.held() : 0};
    if (!answer.levels.empty())
      v.level = answer.levels.front();
    if (auto kept = answer.kept ? decode_stock_view(answer.kept->answer) : std::nullopt)
      v = *kept;
    return answers_.succeed(c.key, p, v);
  }
  case refusal::replayed: return answer_from_row(answers_, c.key, p, answer, decode_stock_view);
  case refusal::out_of_stock: {
    auto left = answer.levels.empty() ? 0 : answer.levels.front().on_hand;
    std::vector<shortage> missing{{change.product_id, -change.amount, left}};
    return refuse(c, p, caf::make_error(ec::out_of_stock, std::move(missing)));
  }
  default: return refuse(c, p, caf::make_error(to_error(answer.refused)));
  }
}

void stock_state::refuse(const call& c, const promised<stock_answer>& p, caf::error why) {
  refuse_unless_kept(this, readers_, answers_, c.key, p, std::move(why), decode_stock_view);
}

} // namespace souk::actors
