#include "tests/actors/support/scripted_store.hpp"

#include "actors/domain/user.hpp"
#include "actors/messages/codec.hpp"

#include <algorithm>

namespace souk::actors::test {

scripted_store::scripted_store(actor_fixture& f)
  : fixture_{f},
    writer_table_{std::make_shared<shard_table<writer_actor>>(1)},
    reader_table_{std::make_shared<shard_table<reader_actor>>(1)},
    password_table_{std::make_shared<shard_table<password_actor>>(1)} {
  writer_ =
    f.keep(f.sys.spawn([this](writer_impl::pointer self) { return writer_behavior(self); }));
  reader_ =
    f.keep(f.sys.spawn([this](reader_impl::pointer self) { return reader_behavior(self); }));
  writer_table_->set(0, writer_);
  reader_table_->set(0, reader_);
  password_table_->set(
    0, f.keep(f.sys.spawn([this](password_actor::pointer) { return password_behavior(); })));
}

void scripted_store::add_product(int64_t id, int64_t on_hand, int64_t price) {
  domain::product p;
  p.id = id;
  p.name = "product " + std::to_string(id);
  p.price = price;
  products[id] = p;
  counts[id] = {id, on_hand, 1, 0};
}

// -- the writer ----------------------------------------------------------------------------------

/// Promises are answered by the actor that made them, in its own context.
void scripted_store::in_writer(std::function<void()> work) {
  work_.push_back(std::move(work));
  fixture_.tell(writer_, caf::tick_atom_v);
}

void scripted_store::commit(size_t n) {
  in_writer([this, n] {
    auto p = std::move(open_writes_.extract(n).mapped());
    if (auto bad = may_write(writes.at(n).by); bad != ec::none)
      p.deliver(caf::make_error(bad));
    else
      p.deliver(apply(writes.at(n)));
  });
}

void scripted_store::refuse(size_t n, written answer) {
  in_writer([this, n, answer] { open_writes_.extract(n).mapped().deliver(answer); });
}

void scripted_store::fail(size_t n, ec code) {
  in_writer([this, n, code] {
    auto& by = writes.at(n).by;
    if (code != ec::write_expired && code != ec::overloaded)
      poisoned_[{by.domain, by.shard}] = by.number;
    open_writes_.extract(n).mapped().deliver(caf::make_error(code));
  });
}

void scripted_store::commit_in_silence(size_t n) {
  auto told = std::exchange(settled, nullptr);
  apply(writes.at(n));
  settled = std::move(told);
}

void scripted_store::lose(size_t n) {
  if (may_write(writes.at(n).by) != ec::none)
    return fail(n, ec::stale_incarnation);
  commit_in_silence(n);
  fail(n, ec::outcome_unknown);
}

void scripted_store::answer_fences() {
  for (auto& x : std::exchange(open_fences_, {}))
    in_writer(x);
}

void scripted_store::answer_ids() {
  for (auto& x : std::exchange(open_ids_, {}))
    in_writer(x);
}

fenced scripted_store::begin(const fence& f) {
  shard_key key{f.domain, f.shard};
  auto number = ++incarnations_[key];
  poisoned_[key] = number - 1;
  return {{f.domain, f.shard, number, 7}, next_block(f.domain, f.shard)};
}

id_block scripted_store::next_block(domain::domain_id d, uint32_t shard) {
  auto& next = next_id_.try_emplace({d, shard}, first_counter).first->second;
  return {std::exchange(next, next + block), block};
}

ec scripted_store::may_write(const incarnation& by) const {
  auto p = poisoned_.find({by.domain, by.shard});
  return p != poisoned_.end() && by.number <= p->second ? ec::stale_incarnation : ec::none;
}

/// What the database would object to.
written scripted_store::refused(const write& w) const {
  if (w.keep)
    if (auto k = kept.find(w.keep->id); k != kept.end())
      return {refusal::replayed, 0, {}, k->second};
  for (auto& c : w.stock) {
    auto x = counts.find(c.product_id);
    if (c.kind == stock_change_kind::create)
      continue;
    if (x == counts.end())
      return {refusal::not_found, c.product_id, {}, {}};
    if (c.expected_version != 0 && c.expected_version != x->second.version)
      return {refusal::stale_version, c.product_id, {x->second}, {}};
    if (c.kind == stock_change_kind::add && x->second.on_hand + c.amount < 0)
      return {refusal::out_of_stock, c.product_id, {x->second}, {}};
  }
  auto stale = [](auto& rows, auto& key, int64_t expected) {
    auto x = rows.find(key);
    auto version = [](auto& row) {
      if constexpr (requires { row.user.version; })
        return row.user.version;
      else
        return row.version;
    };
    return expected == 0 ? x != rows.end() : x == rows.end() || version(x->second) != expected;
  };
  if (w.order && stale(orders, w.order->row.id, w.order->expected_version))
    return {refusal::stale_version, w.order->row.id, {}, {}};
  if (w.payment && payments.contains(w.payment->reference))
    return {refusal::reference_taken, payments.at(w.payment->reference).order_id, {}, {}};
  if (w.cart) {
    auto x = carts.find(w.cart->row.user_id);
    if ((x == carts.end() ? 0 : x->second.version) + 1 != w.cart->row.version)
      return {refusal::stale_version, 0, {}, {}};
  }
  if (w.product && stale(products, w.product->row.id, w.product->expected_version))
    return {refusal::stale_version, w.product->row.id, {}, {}};
  if (w.category && stale(categories, w.category->row.id, w.category->expected_version))
    return {refusal::stale_version, w.category->row.id, {}, {}};
  if (auto& gone = w.removed_category) {
    for (auto& [id, p] : products)
      if (p.category_id == gone->id)
        return {refusal::category_not_empty, gone->id, {}, {}};
    if (stale(categories, gone->id, gone->expected_version))
      return {refusal::stale_version, gone->id, {}, {}};
  }
  if (w.user && w.user->expected_version != 0
      && stale(users, w.user->row.user.id, w.user->expected_version))
    return {refusal::stale_version, 0, {}, {}};
  if (w.user && w.user->row.demotes)
    if (std::none_of(users.begin(), users.end(), [&](auto& x) {
          return x.first != w.user->row.user.id && !x.second.user.disabled
                 && x.second.user.role == domain::user_role::admin;
        }))
      return {refusal::last_administrator, 0, {}, {}};
  if (w.user && !w.user->row.remove)
    for (auto& [id, row] : users)
      if (id != w.user->row.user.id
          && domain::fold_login(row.user.username) == domain::fold_login(w.user->row.user.username))
        return {refusal::username_taken, 0, {}, {}};
  return {};
}

written scripted_store::apply(const write& w) {
  auto answer = refused(w);
  if (answer.refused != refusal::none)
    return answer;
  for (auto& c : w.stock) {
    auto& x =
      counts.try_emplace(c.product_id, domain::stock_level{c.product_id, 0, 0, 0}).first->second;
    x.on_hand = c.kind == stock_change_kind::add ? x.on_hand + c.amount : c.amount;
    ++x.version;
    if (w.by.domain != domain::domain_id::order)
      answer.levels.push_back(x);
  }
  if (w.order)
    orders[w.order->row.id] = w.order->row;
  if (w.product)
    products[w.product->row.id] = w.product->row;
  if (w.category)
    categories[w.category->row.id] = w.category->row;
  if (w.payment)
    payments[w.payment->reference] = *w.payment;
  if (w.cart)
    carts[w.cart->row.user_id] = w.cart->row;
  for (auto e : w.events) {
    e.id = static_cast<int64_t>(events.size()) + 1;
    events.push_back(std::move(e));
  }
  if (w.removed_category)
    categories.erase(w.removed_category->id);
  if (w.user && w.user->row.remove) {
    users.erase(w.user->row.user.id);
  } else if (w.user) {
    auto& row = users[w.user->row.user.id];
    auto hash = w.user->row.password_hash.empty() ? row.password_hash : w.user->row.password_hash;
    row = w.user->row;
    row.password_hash = hash;
  }
  if (w.keep) {
    auto& row = kept[w.keep->id] = *w.keep;
    if (auto view = decode_stock_view(row.answer);
        view && w.by.domain == domain::domain_id::stock) {
      view->level = answer.levels.front();
      row.answer = encode(*view);
      answer.kept = row;
    }
  }
  tell_stock(w);
  return answer;
}

void scripted_store::tell_stock(const write& w) {
  if (!settled)
    return;
  for (auto& c : w.stock) {
    settlement s{counts.at(c.product_id), {}};
    if (c.reservation_id != 0)
      s.reservations.push_back(c.reservation_id);
    settled({{s}});
  }
}

writer_impl::behavior_type scripted_store::writer_behavior(writer_impl::pointer self) {
  return {
    [=, this](const write& w) -> caf::result<written> {
      auto n = writes.size();
      writes.push_back(w);
      if (auto bad = may_write(w.by); bad != ec::none)
        return caf::make_error(bad);
      if (writes_fail)
        return caf::make_error(*writes_fail);
      if (!hold_writes)
        return apply(w);
      auto p = self->make_response_promise<written>();
      open_writes_[n] = p;
      return p;
    },
    [=, this](const fence& f) -> caf::result<fenced> {
      fences.push_back(f);
      if (fences_fail)
        return caf::make_error(*fences_fail);
      if (!hold_fences)
        return begin(f);
      auto p = self->make_response_promise<fenced>();
      open_fences_.push_back([this, p, f]() mutable { p.deliver(begin(f)); });
      return p;
    },
    [=, this](const take_ids& t) -> caf::result<id_block> {
      ids_taken.push_back(t);
      if (auto bad = may_write(t.by); bad != ec::none)
        return caf::make_error(bad);
      if (ids_fail)
        return caf::make_error(*ids_fail);
      if (!hold_ids)
        return next_block(t.by.domain, t.by.shard);
      auto p = self->make_response_promise<id_block>();
      open_ids_.push_back(
        [this, p, t]() mutable { p.deliver(next_block(t.by.domain, t.by.shard)); });
      return p;
    },
    [this](const save_log_position& x) -> caf::result<bool> {
      positions[x.consumer] = x.position;
      return true;
    },
    [this](caf::tick_atom) {
      for (auto& x : std::exchange(work_, {}))
        x();
    },
  };
}

// -- the password workers ------------------------------------------------------------------------

password_actor::behavior_type scripted_store::password_behavior() {
  return {
    [this](const hash_password& x) -> caf::result<std::string> {
      hashed.push_back(x);
      if (passwords_fail)
        return caf::make_error(*passwords_fail);
      return "hash of " + x.password;
    },
    [this](const verify_password& x) -> caf::result<password_verified> {
      verified.push_back(x);
      if (passwords_fail)
        return caf::make_error(*passwords_fail);
      if (x.hash == "old hash of " + x.password)
        return password_verified{true, "hash of " + x.password};
      return password_verified{x.hash == "hash of " + x.password};
    },
  };
}

} // namespace souk::actors::test
