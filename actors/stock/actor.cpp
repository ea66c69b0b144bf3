#include "actors/stock/actor.hpp"

#include "actors/messages/codec.hpp"
#include "actors/runtime/stored_answer.hpp"

#include <algorithm>
#include <unordered_set>

namespace souk::actors {

void stock_state::start(stock_config c, router<writer_actor> writer, router<reader_actor> readers) {
  config_ = c;
  items_ = lru_cache<int64_t, item>{c.cached};
  readers_ = std::move(readers);
  shard_base::start(c, std::move(writer));
}

void stock_state::forget() {
  items_.for_each([](int64_t, item& x) { x.count.doubt(); });
}

stock_state::item* stock_state::find(int64_t product_id) {
  auto* x = items_.find(product_id);
  return x != nullptr && x->known() ? x : nullptr;
}

// -- reading products ----------------------------------------------------------------------------

/// Runs `done` when all products of the lines have been asked for; those that do not exist are not
/// in the cache then.
void stock_state::with_products(const std::vector<wanted_line>& lines, std::function<void()> done,
                                std::function<void(caf::error)> failed) {
  std::vector<int64_t> missing;
  for (auto& l : lines)
    if (find(l.product_id) == nullptr)
      missing.push_back(l.product_id);
  if (missing.empty())
    return done();
  auto wait = std::make_shared<loading>(loading{missing.size(), std::move(done), std::move(failed)});
  std::vector<int64_t> ask;
  for (auto id : missing) {
    auto& queue = loads_[id];
    queue.push_back(wait);
    if (queue.size() == 1)
      ask.push_back(id);
  }
  if (!ask.empty())
    load(std::move(ask));
}

void stock_state::load(std::vector<int64_t> ids) {
  // Facts that arrive meanwhile find their entry; the newer version wins, whichever comes first.
  for (auto id : ids)
    if (items_.find(id) == nullptr)
      items_.put(id, {}, [](const item& x) { return x.count.held() == 0; });
  self->request(readers_.any(), config_.request_timeout, load_stock{ids})
    .then([this, ids](const stock_records& found) { loaded(ids, found); },
          [this, ids](const caf::error& why) { load_failed(ids, why); });
}

void stock_state::loaded(const std::vector<int64_t>& ids, const stock_records& found) {
  for (auto& r : found.items) {
    auto* x = items_.find(r.product.id);
    if (x == nullptr)
      x = &items_.put(r.product.id, {}, [](const item& y) { return y.count.held() == 0; });
    x->count.confirm(r.level.on_hand, r.level.version, r.level.updated_at);
    if (r.product.version > x->product_version) {
      x->product_name = r.product.name;
      x->price = r.product.price;
      x->product_version = r.product.version;
      x->deleted = r.product.deleted;
    }
  }
  for (auto id : ids) {
    auto queue = loads_.extract(id);
    if (!queue)
      continue;
    for (auto& w : queue.mapped())
      if (--w->missing == 0 && !std::exchange(w->over, true))
        w->done();
    if (auto* x = items_.find(id); x != nullptr && !x->known() && x->count.held() == 0)
      items_.erase(id); // there is no such product
  }
}

void stock_state::load_failed(const std::vector<int64_t>& ids, const caf::error& why) {
  auto code = code_of(why);
  for (auto id : ids)
    if (auto queue = loads_.extract(id))
      for (auto& w : queue.mapped())
        if (!std::exchange(w->over, true))
          w->failed(caf::make_error(code == ec::outcome_unknown ? ec::overloaded : code));
}

// -- reservations --------------------------------------------------------------------------------

caf::result<stock_reserved> stock_state::reserve(reserve_stock& cmd) {
  promised<stock_reserved> p{self};
  if (config.now() > cmd.deadline) {
    p.fail(ec::overloaded);
    return p.raw();
  }
  auto lines = cmd.lines;
  auto shared = std::make_shared<reserve_stock>(std::move(cmd));
  with_products(
    lines, [this, shared, p] { reserve_known(*shared, p); },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

void stock_state::reserve_known(reserve_stock& cmd, const promised<stock_reserved>& p) {
  bool behind = std::any_of(cmd.lines.begin(), cmd.lines.end(),
                            [this](auto& l) { return in_line_.contains(l.product_id); });
  caf::error why;
  switch (decide(cmd, behind, why)) {
    case verdict::refused:
      return p.fail(std::move(why));
    case verdict::held:
      return answer_held(cmd, p);
    case verdict::wait:
      break;
  }
  if (line_.size() >= config_.max_line)
    return p.fail(ec::overloaded);
  for (auto& l : cmd.lines)
    ++in_line_[l.product_id];
  line_.push_back({std::move(cmd), p});
  arm_timer();
}

/// Holds all lines or none; nothing if others came first (`behind`). Refuses by committed counts alone:
/// what is only held by others may yet come back, so that is waited for.
stock_state::verdict stock_state::decide(const reserve_stock& cmd, bool behind, caf::error& why) {
  std::vector<shortage> missing;
  bool wait = behind;
  for (auto& l : cmd.lines) {
    auto* x = find(l.product_id);
    if (x == nullptr || x->deleted) {
      why = caf::make_error(ec::product_not_found, int64_t{l.product_id});
      return verdict::refused;
    }
    if (x->count.on_hand() < l.quantity)
      missing.push_back({l.product_id, l.quantity, std::max<int64_t>(0, x->count.available())});
    wait = wait || x->count.available() < l.quantity;
  }
  if (!missing.empty()) {
    why = caf::make_error(ec::out_of_stock, std::move(missing));
    return verdict::refused;
  }
  if (wait)
    return verdict::wait;
  auto expires = config.now() + config_.hold_lifetime.count();
  auto& products = holds_[cmd.reservation_id];
  for (auto& l : cmd.lines) {
    find(l.product_id)->count.hold(cmd.reservation_id, l.quantity, expires);
    products.push_back(l.product_id);
  }
  arm_timer();
  return verdict::held;
}

void stock_state::answer_held(const reserve_stock& cmd, const promised<stock_reserved>& p) {
  stock_reserved answer;
  answer.lines.reserve(cmd.lines.size());
  for (auto& l : cmd.lines) {
    auto* x = find(l.product_id);
    answer.lines.push_back({l.product_id, x->product_name, x->price});
  }
  p.deliver(std::move(answer));
}

/// Goes through those who wait, in order of arrival; nobody overtakes one who wants the same product.
void stock_state::advance_line() {
  std::unordered_set<int64_t> blocked;
  for (auto w = line_.begin(); w != line_.end();) {
    auto& lines = w->cmd.lines;
    bool behind = std::any_of(lines.begin(), lines.end(),
                              [&](auto& l) { return blocked.contains(l.product_id); });
    caf::error why;
    auto v = decide(w->cmd, behind, why);
    if (v == verdict::wait) {
      for (auto& l : lines)
        blocked.insert(l.product_id);
      ++w;
      continue;
    }
    auto next = std::move(*w);
    w = line_.erase(w);
    for (auto& l : next.cmd.lines)
      if (--in_line_[l.product_id] == 0)
        in_line_.erase(l.product_id);
    if (v == verdict::held)
      answer_held(next.cmd, next.promise);
    else
      next.promise.fail(std::move(why));
  }
}

void stock_state::release(int64_t reservation) {
  if (auto held = holds_.extract(reservation)) {
    for (auto product : held.mapped())
      if (auto* x = items_.find(product))
        x->count.end(reservation);
  } else {
    auto w = std::find_if(line_.begin(), line_.end(),
                          [&](auto& x) { return x.cmd.reservation_id == reservation; });
    if (w == line_.end())
      return;
    for (auto& l : w->cmd.lines)
      if (--in_line_[l.product_id] == 0)
        in_line_.erase(l.product_id);
    w->promise.fail(ec::overloaded);
    line_.erase(w);
  }
  if (!line_.empty())
    advance_line();
}

void stock_state::settle(const settle_stock& fact) {
  for (auto& s : fact.items) {
    auto* x = items_.find(s.level.product_id);
    if (x != nullptr)
      x->count.confirm(s.level.on_hand, s.level.version, s.level.updated_at);
    for (auto r : s.reservations) {
      if (x != nullptr)
        x->count.end(r);
      // The order's other products here come in the same message.
      holds_.erase(r);
    }
  }
  if (!line_.empty())
    advance_line();
}

void stock_state::relabel(const relabel_product& fact) {
  auto* x = items_.find(fact.product.id);
  if (x == nullptr || fact.product.version <= x->product_version)
    return;
  x->product_name = fact.product.name;
  x->price = fact.product.price;
  x->deleted = fact.product.deleted;
  x->product_version = fact.product.version;
}

// -- time ----------------------------------------------------------------------------------------

void stock_state::arm_timer() {
  if (std::exchange(timer_, true))
    return;
  self->delayed_send(self, std::chrono::seconds{1}, caf::update_atom_v);
}

/// Ends what has waited too long: holds of orders that were never decided, and who stands in line.
void stock_state::on_timer() {
  timer_ = false;
  auto now = config.now();
  std::vector<int64_t> doubtful;
  items_.for_each([&](int64_t id, item& x) {
    if (x.count.held() != 0 && x.count.expire(now) > 0) {
      x.count.doubt();
      doubtful.push_back(id);
    }
  });
  if (!doubtful.empty()) {
    std::erase_if(holds_, [this](auto& h) {
      return std::none_of(h.second.begin(), h.second.end(), [&](auto id) {
        auto* x = items_.find(id);
        return x != nullptr && x->count.holds(h.first);
      });
    });
    std::vector<wanted_line> lines;
    for (auto id : doubtful)
      lines.push_back({id, 0});
    with_products(lines, [this] { advance_line(); }, [](const caf::error&) {});
  }
  std::vector<int64_t> late;
  for (auto& w : line_)
    if (now > w.cmd.deadline)
      late.push_back(w.cmd.reservation_id);
  for (auto r : late)
    release(r);
  if (!holds_.empty() || !line_.empty())
    arm_timer();
}

// -- counts --------------------------------------------------------------------------------------

stock_view stock_state::view(int64_t product_id, const item& x) const {
  return {{product_id, x.count.on_hand(), x.count.version(), x.count.updated_at()}, x.count.held()};
}

caf::result<product_view> stock_state::complete(complete_product& cmd) {
  auto id = cmd.product.id;
  if (auto* x = find(id))
    return product_view{std::move(cmd.product), view(id, *x).level};
  promised<product_view> p{self};
  with_products(
    {{id, 0}},
    [this, p, product = std::move(cmd.product)] {
      if (auto* x = find(product.id))
        p.deliver({product, view(product.id, *x).level});
      else
        p.fail(ec::not_found);
    },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

caf::result<stock_view> stock_state::get(const get_stock& cmd) {
  promised<stock_view> p{self};
  with_products(
    {{cmd.product_id, 0}},
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

void stock_state::change(const call& c, const promised<stock_answer>& p, stock_change change) {
  when_ready(c, p, [this, c, p, change = std::move(change)] {
    if (!answers_.begin(c.key, p))
      return;
    with_products(
      {{change.product_id, 0}}, [=, this] { change_known(c, p, change); },
      [=, this](caf::error why) { answers_.fail(c.key, p, why); });
  });
}

/// Less is taken away like an order takes it: it waits for what others hold and never takes from
/// them what they were promised.
void stock_state::change_known(const call& c, const promised<stock_answer>& p,
                               stock_change change) {
  auto* x = find(change.product_id);
  if (x == nullptr || x->deleted)
    return refuse(c, p, caf::make_error(ec::not_found));
  auto level = x->count;
  if (change.expected_version != 0 && change.expected_version < level.version())
    return refuse(c, p, caf::make_error(ec::stale_version));
  auto write_it = [this, c, p](stock_change ch) {
    write w;
    w.request_id = c.request_id;
    // Persistence puts the count into the kept answer, since only the commit knows it.
    if (!c.key.id.empty()) {
      auto* y = find(ch.product_id);
      w.keep = kept_answer{c.key.id, c.key.fingerprint,
                           encode(stock_view{{}, y != nullptr ? y->count.held() : 0})};
    }
    w.stock.push_back(ch);
    w.events.push_back({0, "stock_changed", "product:" + std::to_string(ch.product_id),
                        "{\"product_id\":" + std::to_string(ch.product_id) + "}", config.now(), {}});
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
  reserve_stock hold{change.reservation_id, {{change.product_id, -change.amount}},
                     config.now() + config.write_deadline.count()};
  self->request(stock_impl{self}, config.write_deadline, std::move(hold))
    .then([write_it, change](const stock_reserved&) mutable { write_it(std::move(change)); },
          [=, this](const caf::error& why) { refuse(c, p, why); });
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
    case refusal::replayed:
      return answer_from_row(answers_, c.key, p, answer, decode_stock_view);
    case refusal::out_of_stock: {
      auto left = answer.levels.empty() ? 0 : answer.levels.front().on_hand;
      std::vector<shortage> missing{{change.product_id, -change.amount, left}};
      return refuse(c, p, caf::make_error(ec::out_of_stock, std::move(missing)));
    }
    default:
      return refuse(c, p, caf::make_error(to_error(answer.refused)));
  }
}

void stock_state::refuse(const call& c, const promised<stock_answer>& p, caf::error why) {
  refuse_unless_kept(self, readers_, config.request_timeout, answers_, c.key, p, std::move(why),
                     decode_stock_view);
}

stock_impl::behavior_type stock_behavior(stock_impl::stateful_pointer<stock_state> self,
                                         stock_config config, router<writer_actor> writer,
                                         router<reader_actor> readers) {
  self->state.start(std::move(config), std::move(writer), std::move(readers));
  return {
    [self](reserve_stock& x) { return self->state.reserve(x); },
    [self](const release_stock& x) { self->state.release(x.reservation_id); },
    [self](const settle_stock& x) { self->state.settle(x); },
    [self](const relabel_product& x) { self->state.relabel(x); },
    [self](complete_product& x) { return self->state.complete(x); },
    [self](const get_stock& x) { return self->state.get(x); },
    [self](set_stock& x) { return self->state.set(x); },
    [self](adjust_stock& x) { return self->state.adjust(x); },
    [self](caf::tick_atom) { self->state.on_tick(); },
    [self](caf::update_atom) { self->state.on_timer(); },
  };
}

} // namespace souk::actors
