// What the readers of the database in memory answer.
#include "actors/domain/user.hpp"
#include "tests/actors/support/scripted_store.hpp"

#include <algorithm>
#include <typeinfo>

namespace souk::actors::test {

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

} // namespace souk::actors::test
