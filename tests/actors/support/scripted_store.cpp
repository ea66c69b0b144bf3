#include "tests/actors/support/scripted_store.hpp"

#include "actors/domain/user.hpp"
#include "actors/messages/codec.hpp"

#include <algorithm>
#include <typeinfo>

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

// -- the readers ---------------------------------------------------------------------------------

void scripted_store::answer_reads() {
  fixture_.tell(reader_, caf::tick_atom_v);
}

template <class Command, class T>
caf::result<T> scripted_store::read(reader_impl::pointer self, caf::expected<T> found) {
  ++reads_[typeid(Command).name()];
  if (reads_fail)
    found = caf::make_error(*reads_fail);
  if (!hold_reads) {
    if (found)
      return std::move(*found);
    return std::move(found.error());
  }
  auto p = self->make_response_promise<T>();
  open_reads_.push_back([p, found = std::move(found)]() mutable {
    if (found)
      p.deliver(std::move(*found));
    else
      p.deliver(std::move(found.error()));
  });
  return p;
}

namespace {

template <class Rows, class Key>
caf::expected<typename Rows::mapped_type> row(const Rows& rows, const Key& key) {
  auto x = rows.find(key);
  if (x == rows.end())
    return caf::make_error(ec::not_found);
  return x->second;
}

} // namespace

reader_impl::behavior_type scripted_store::reader_behavior(reader_impl::pointer self) {
  return {
    [=, this](const load_stock& x) {
      stock_records found;
      for (auto id : x.product_ids)
        if (counts.contains(id))
          found.items.push_back({counts.at(id), products.at(id)});
      return read<load_stock, stock_records>(self, found);
    },
    [=, this](const load_product& x) {
      return read<load_product, domain::product>(self, row(products, x.id));
    },
    [=, this](const list_products&) {
      product_page page;
      for (auto& [id, p] : products)
        page.items.push_back({p, counts.at(id)});
      return read<list_products, product_page>(self, page);
    },
    [=, this](const find_products& x) {
      found_products found;
      for (auto& [id, p] : products)
        if (std::find(x.external_ids.begin(), x.external_ids.end(), p.external_id)
            != x.external_ids.end())
          found.items.push_back({p.external_id, id});
      return read<find_products, found_products>(self, found);
    },
    [=, this](const load_categories& x) {
      category_rows found;
      for (auto i = categories.upper_bound(x.after_id); i != categories.end(); ++i) {
        found.more = std::cmp_equal(found.items.size(), std::min(x.limit, categories_at_once));
        if (found.more)
          break;
        found.items.push_back(i->second);
      }
      return read<load_categories, category_rows>(self, found);
    },
    [=, this](const list_movements&) {
      return read<list_movements, movement_page>(self, movement_page{});
    },
    [=, this](const load_user& x) {
      caf::expected<domain::account> found{caf::make_error(ec::not_found)};
      if (auto u = users.find(x.id); u != users.end())
        found = domain::account{u->second.user, u->second.details};
      return read<load_user, domain::account>(self, found);
    },
    [=, this](const load_password& x) {
      credentials found;
      if (auto u = users.find(x.id); u != users.end())
        found = {true, u->second};
      return read<load_password, credentials>(self, found);
    },
    [=, this](const list_users& x) {
      user_page page;
      for (auto& [id, r] : users)
        if ((x.username.empty() || domain::fold_login(r.user.username) == x.username)
            && (x.email.empty() || domain::fold_login(r.user.email) == x.email))
          page.items.push_back(r.user);
      return read<list_users, user_page>(self, page);
    },
    [=, this](const load_credentials& x) {
      credentials found;
      for (auto& [id, r] : users)
        if (domain::fold_login(r.user.username) == x.login)
          found = {true, r};
      return read<load_credentials, credentials>(self, found);
    },
    [=, this](const load_order& x) {
      return read<load_order, domain::order>(self, row(orders, x.id));
    },
    [=, this](const list_orders& x) {
      order_page page;
      for (auto& [id, o] : orders)
        if (o.user_id == x.user_id)
          page.items.push_back(o);
      return read<list_orders, order_page>(self, page);
    },
    [=, this](const load_order_times& x) {
      order_times found;
      for (auto o = orders.rbegin(); o != orders.rend(); ++o)
        if (o->second.user_id == x.user_id && o->second.created_at > x.since
            && std::cmp_less(found.created_at.size(), x.limit))
          found.created_at.push_back(o->second.created_at);
      return read<load_order_times, order_times>(self, found);
    },
    [=, this](const load_cart& x) {
      return read<load_cart, domain::cart>(self, row(carts, x.user_id));
    },
    [=, this](const load_payment& x) {
      payment_found found;
      if (auto p = payments.find(x.reference); p != payments.end())
        found.payment = p->second;
      return read<load_payment, payment_found>(self, found);
    },
    [=, this](const load_unpaid_orders& x) {
      order_ids found;
      for (auto& [id, o] : orders)
        if (o.payment == domain::payment_method::prepaid && o.created_at < x.placed_before
            && o.status <= domain::order_status::confirmed
            && std::cmp_less(found.items.size(), x.limit))
          found.items.push_back(id);
      return read<load_unpaid_orders, order_ids>(self, found);
    },
    [=, this](const load_events& x) {
      events_page page;
      page.end = x.after;
      for (auto& e : events)
        if (e.id > x.after.id && std::cmp_less(page.items.size(), x.limit)) {
          page.items.push_back(e);
          page.end.id = e.id;
        }
      page.more = std::cmp_equal(page.items.size(), x.limit);
      return read<load_events, events_page>(self, page);
    },
    [=, this](const load_log_position& x) {
      return read<load_log_position, log_position>(self, positions[x.consumer]);
    },
    [=, this](const load_kept_answer& x) {
      kept_answer_found found;
      if (auto k = kept.find(x.id); k != kept.end())
        found.kept = k->second;
      return read<load_kept_answer, kept_answer_found>(self, found);
    },
    [=, this](const ping_store&) { return read<ping_store, store_alive>(self, store_alive{}); },
    [this](caf::tick_atom) {
      for (auto& x : std::exchange(open_reads_, {}))
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
