#include "actors/stock/actor.hpp"

#include "actors/runtime/later.hpp"

#include <algorithm>
#include <unordered_set>

namespace souk::actors {

void stock_state::start(stock_config c, router<writer_actor> writer, router<reader_actor> readers) {
  config_ = c;
  items_ = lru_cache<int64_t, item>{c.cached};
  readers_ = std::move(readers);
  shard_base::start(c, std::move(writer));
}

stock_state::item* stock_state::find(int64_t product_id) {
  auto* x = items_.find(product_id);
  return x != nullptr && x->known() ? x : nullptr;
}

/// Counts may have changed unseen: all are read anew when they are next wanted, those that are
/// waited for at once.
void stock_state::doubt_all() {
  ++doubts_;
  items_.for_each([](int64_t, item& x) { x.count.doubt(); });
  if (!line_.empty())
    advance_line();
}

// -- reservations --------------------------------------------------------------------------------

caf::result<stock_reserved> stock_state::reserve(reserve_stock& cmd) {
  promised<stock_reserved> p{self};
  const auto known = [this](const wanted_line& l) { return find(l.product_id) != nullptr; };
  if (std::all_of(cmd.lines.begin(), cmd.lines.end(), known)) { // nearly always
    reserve_loaded(cmd, p);
    return p.raw();
  }
  auto shared = std::make_shared<reserve_stock>(std::move(cmd));
  with_products(
    shared->lines,
    [this, shared, p](bool absent) {
      if (!absent)
        return reserve_loaded(*shared, p);
      unknown_products unknown;
      for (auto& l : shared->lines)
        if (auto* x = find(l.product_id); x == nullptr || x->deleted)
          unknown.ids.push_back(l.product_id);
      p.fail(caf::make_error(ec::product_not_found, std::move(unknown)));
    },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

void stock_state::reserve_loaded(reserve_stock& cmd, const promised<stock_reserved>& p) {
  if (config.now() > cmd.deadline)
    return p.fail(ec::overloaded);
  bool behind = std::any_of(cmd.lines.begin(), cmd.lines.end(),
                            [this](auto& l) { return in_line_.contains(l.product_id); });
  caf::error why;
  switch (decide(cmd, behind, why)) {
  case verdict::refused: return p.fail(std::move(why));
  case verdict::held: return answer_held(cmd, p);
  case verdict::wait: break;
  }
  if (line_.size() >= config_.max_line)
    return p.fail(ec::overloaded);
  for (auto& l : cmd.lines)
    ++in_line_[l.product_id];
  line_.push_back({std::move(cmd), p});
  arm_timer();
}

/// Holds all lines or none; nothing if others came first (`behind`). Refuses by committed counts
/// alone: what is only held by others may yet come back, so that is waited for, as is a count that
/// has to be read anew.
stock_state::verdict stock_state::decide(const reserve_stock& cmd, bool behind, caf::error& why) {
  unknown_products unknown;
  std::vector<shortage> missing;
  std::vector<int64_t> doubtful;
  bool wait = behind;
  for (auto& l : cmd.lines) {
    auto* x = find(l.product_id);
    if (x == nullptr) {
      if (!loads_.contains(l.product_id))
        doubtful.push_back(l.product_id);
      wait = true;
      continue;
    }
    if (x->deleted) {
      unknown.ids.push_back(l.product_id);
      continue;
    }
    if (x->count.on_hand() < l.quantity)
      missing.push_back({l.product_id, l.quantity, std::max<int64_t>(0, x->count.available())});
    wait = wait || x->count.available() < l.quantity;
  }
  if (!unknown.ids.empty()) {
    why = caf::make_error(ec::product_not_found, std::move(unknown));
    return verdict::refused;
  }
  if (!missing.empty()) {
    why = caf::make_error(ec::out_of_stock, std::move(missing));
    return verdict::refused;
  }
  if (!doubtful.empty())
    load(std::move(doubtful)); // `loaded` advances the line
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
    answer.lines.push_back({l.product_id, x->product_name, x->price, x->external_id});
  }
  p.deliver(std::move(answer));
}

/// Goes through those who wait, in order of arrival; nobody overtakes one who wants the same
/// product.
void stock_state::advance_line() {
  std::unordered_set<int64_t> blocked;
  for (auto w = line_.begin(); w != line_.end();) {
    auto current = w++;
    auto& lines = current->cmd.lines;
    bool behind = std::any_of(lines.begin(), lines.end(),
                              [&](auto& l) { return blocked.contains(l.product_id); });
    caf::error why;
    auto v = decide(current->cmd, behind, why);
    if (v == verdict::wait) {
      for (auto& l : lines)
        blocked.insert(l.product_id);
      continue;
    }
    auto cmd = current->cmd;
    auto promise = current->promise;
    leave_line(current);
    if (v == verdict::held)
      answer_held(cmd, promise);
    else
      promise.fail(std::move(why));
  }
}

/// The last of an entry: its place, and its products' counters.
void stock_state::leave_line(std::list<waiting>::iterator w) {
  for (auto& l : w->cmd.lines)
    if (--in_line_[l.product_id] == 0)
      in_line_.erase(l.product_id);
  line_.erase(w);
}

/// Nobody waits for a product that does not exist.
void stock_state::refuse_line(int64_t absent) {
  for (auto w = line_.begin(); w != line_.end();) {
    auto current = w++;
    auto& lines = current->cmd.lines;
    if (std::none_of(lines.begin(), lines.end(), [&](auto& l) { return l.product_id == absent; }))
      continue;
    auto promise = current->promise;
    leave_line(current);
    promise.fail(caf::make_error(ec::product_not_found, unknown_products{{absent}}));
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
    auto promise = w->promise;
    leave_line(w);
    promise.fail(ec::overloaded);
  }
  if (!line_.empty())
    advance_line();
}

void stock_state::settle(const settle_stock& fact) {
  if (fact.doubt)
    doubt_all();
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
  x->external_id = fact.product.external_id;
  x->price = fact.product.price;
  x->deleted = fact.product.deleted;
  x->product_version = fact.product.version;
}

// -- time ----------------------------------------------------------------------------------------

void stock_state::arm_timer() {
  if (std::exchange(timer_, true))
    return;
  send_later(self, std::chrono::seconds{1}, caf::update_atom_v);
}

/// Ends what has waited too long: holds of orders that were never decided, and who stands in line.
void stock_state::on_timer() {
  timer_ = false;
  auto now = config.now();
  bool expired = false;
  items_.for_each([&](int64_t, item& x) {
    if (x.count.held() != 0 && x.count.expire(now) > 0) {
      x.count.doubt();
      expired = true;
    }
  });
  if (expired) {
    std::erase_if(holds_, [this](auto& h) {
      return std::none_of(h.second.begin(), h.second.end(), [&](auto id) {
        auto* x = items_.find(id);
        return x != nullptr && x->count.holds(h.first);
      });
    });
    ++doubts_; // reads under way are void
  }
  for (auto w = line_.begin(); w != line_.end();) {
    auto current = w++;
    if (now <= current->cmd.deadline)
      continue;
    auto promise = current->promise;
    leave_line(current);
    promise.fail(ec::overloaded);
  }
  if (!line_.empty())
    advance_line();
  if (!holds_.empty() || !line_.empty())
    arm_timer();
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
    [self](describe_products& x) { return self->state.describe(x); },
    [self](const get_stock& x) { return self->state.get(x); },
    [self](set_stock& x) { return self->state.set(x); },
    [self](adjust_stock& x) { return self->state.adjust(x); },
    [self](caf::tick_atom) { self->state.on_tick(); },
    [self](caf::timeout_atom) { self->state.on_timeouts(); },
    [self](caf::update_atom) { self->state.on_timer(); },
  };
}

} // namespace souk::actors
