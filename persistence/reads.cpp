#include "persistence/reads.hpp"

#include "actors/domain/json_text.hpp"
#include "actors/messages/codec.hpp"
#include "persistence/event_rows.hpp"
#include "persistence/order_movements.hpp"
#include "persistence/order_reads.hpp"
#include "persistence/product_list.hpp"
#include "persistence/sql.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace souk::persistence {

using namespace actors;

namespace {

using ll = long long;
using text = std::string;

// Column lists and what they become; nulls are folded into the domain's "none" here.
constexpr std::string_view user_columns =
  "cast(id as text), username, email, first_name, last_name, full_name, phone, role, disabled, "
  "created_at, updated_at, version";
constexpr std::string_view detail_columns =
  ", addresses, sessions, reset_hash, reset_expires, password_version";
domain::user to_user(const text& id, const text& username, const text& email, const text& first,
                     const text& last, const text& full, const text& phone, ll role, ll disabled,
                     ll created, ll updated, ll version) {
  auto uuid = domain::parse_uuid(id);
  if (!uuid)
    throw std::runtime_error("users.id is no UUID: " + id);
  return {*uuid,         username, email,   first,
          last,          full,     phone,   static_cast<domain::user_role>(role),
          disabled != 0, created,  updated, version};
}

domain::account to_account(const text& id, const text& username, const text& email,
                           const text& first, const text& last, const text& full, const text& phone,
                           ll role, ll disabled, ll created, ll updated, ll version,
                           const text& addresses, const text& sessions, const text& reset_hash,
                           ll reset_expires, ll password_version) {
  auto kept = decode_addresses(addresses);
  auto open = decode_sessions(sessions);
  if (!kept || !open)
    throw std::runtime_error("the account " + id + " cannot be read");
  return {to_user(id, username, email, first, last, full, phone, role, disabled, created, updated,
                  version),
          {std::move(*kept), std::move(*open), reset_hash, reset_expires, password_version}};
}

using credentials_query =
  query<text, text, text, text, text, text, text, ll, ll, ll, ll, ll, text, ll>;

credentials read_credentials(credentials_query& q) {
  credentials result;
  q.run([&](const text& id, const text& username, const text& email, const text& first,
            const text& last, const text& full, const text& phone, ll role, ll disabled, ll created,
            ll updated, ll version, const text& hash, ll password_version) {
    result.found = true;
    result.row.user = to_user(id, username, email, first, last, full, phone, role, disabled,
                              created, updated, version);
    result.row.password_hash = hash;
    result.row.details.password_version = password_version;
  });
  return result;
}

} // namespace

struct reads::prepared {
  prepared(soci::session& s, backend k)
    : stock{s, select_products("where p.id " + any_of_ids(k)), {"ids"}},
      product{s, select(product_columns, "product p where p.id = cast(:id as bigint)"), {"id"}},
      products{s, k},
      found{s,
            "select external_id, cast(id as bigint) from product where external_id "
              + any_of_texts(k),
            {"texts"}},
      categories{s,
                 "select cast(id as bigint), coalesce(parent_id, 0), name, created_at, updated_at, "
                 "version from category where id > cast(:after as bigint) order by id "
                 "limit cast(:n as bigint)",
                 {"after", "n"}},
      movements{s,
                "select cast(id as bigint), product_id, delta, reason, coalesce(order_id, 0), "
                "created_at, coalesce(orders, '') from stock_movement "
                "where product_id = cast(:product as bigint) "
                "and id < cast(:before as bigint) order by id desc limit cast(:n as bigint)",
                {"product", "before", "n"}},
      account{s,
              select(std::string{user_columns} + std::string{detail_columns},
                     "users where id = " + uuid_param(k)),
              {"id"}},
      users{s,
            select(user_columns, "users where id > " + uuid_param(k)
                                   + " order by users.id limit cast(:n as bigint)"),
            {"id", "n"}},
      named_users{s,
                  select(user_columns, "users where username_key = :name or email_key = :mail"),
                  {"name", "mail"}},
      password{s,
               select(std::string{user_columns} + ", password_hash, password_version",
                      "users where id = " + uuid_param(k)),
               {"id"}},
      login{s,
            select(std::string{user_columns} + ", password_hash, password_version",
                   "users where username_key = :a or email_key = :b "
                   "order by case when username_key = :c then 0 else 1 end limit 1"),
            {"a", "b", "c"}},
      orders{s, k},
      events{s, events_after(k), {"xid", "id", "n"}},
      position{s, "select xid, id from event_reader where consumer = :consumer", {"consumer"}},
      kept{s, "select id, fingerprint, answer from idempotency where id = :id", {"id"}},
      ping{s, "select 1", {}} {}

  /// Below the oldest transaction that still runs, nothing can appear in the log any more.
  /// The order names the table's columns: a bare xid would be the text that is selected, and sort
  /// the whole rest of the log for each page.
  static std::string events_after(backend k) {
    if (k == backend::sqlite)
      return "select cast(0 as bigint), cast(id as bigint), kind, subject, payload, created_at "
             "from event where cast(:xid as bigint) = 0 and id > cast(:id as bigint) order by id "
             "limit cast(:n as bigint)";
    return "select cast(cast(xid as text) as bigint), id, kind, subject, cast(payload as text), "
           "created_at from event where (xid, id) > (cast(cast(:xid as text) as xid8), "
           "cast(:id as bigint)) and xid < pg_snapshot_xmin(pg_current_snapshot()) "
           "order by event.xid, event.id limit cast(:n as bigint)";
  }

  static std::string any_of_texts(backend k) {
    return k == backend::postgresql
             ? "= any(array(select json_array_elements_text(cast(:texts as json))))"
             : "in (select value from json_each(:texts))";
  }

  product_level_query stock;
  product_query product;
  product_list products;
  query<text, ll> found;
  query<ll, ll, text, ll, ll, ll> categories;
  query<ll, ll, ll, text, ll, ll, text> movements;
  query<text, text, text, text, text, text, text, ll, ll, ll, ll, ll, text, text, text, ll, ll>
    account;
  query<text, text, text, text, text, text, text, ll, ll, ll, ll, ll> users;
  query<text, text, text, text, text, text, text, ll, ll, ll, ll, ll> named_users;
  credentials_query password;
  credentials_query login;
  order_reads orders;
  query<ll, ll, text, text, text, ll> events;
  query<ll, ll> position;
  query<text, text, text> kept;
  query<ll> ping;
};

reads::reads(soci::session& s, backend kind)
  : kind_{kind}, q_{std::make_unique<prepared>(s, kind)} {}

reads::~reads() = default;

stock_records reads::stock(std::span<const int64_t> product_ids) {
  q_->stock.param(0) = ids_text(kind_, product_ids);
  stock_records result;
  q_->stock.run([&](const auto&... columns) {
    auto found = to_product_view(columns...);
    result.items.push_back({found.stock, std::move(found.product)});
  });
  return result;
}

std::optional<domain::product> reads::product(int64_t id) {
  std::optional<domain::product> result;
  q_->product.param(0) = std::to_string(id);
  q_->product.run([&](const auto&... columns) { result = to_product(columns...); });
  return result;
}

product_page reads::products(const list_products& ask) {
  return q_->products.page(ask);
}

actors::found_products reads::find_products(const std::vector<std::string>& external_ids) {
  actors::found_products result;
  auto& texts = q_->found.param(0);
  texts = "[";
  for (auto& x : external_ids) {
    if (texts.size() > 1)
      texts += ',';
    domain::append_json_string(texts, x);
  }
  texts += ']';
  q_->found.run([&](const text& external, ll id) { result.items.push_back({external, id}); });
  return result;
}

actors::category_rows reads::categories(const load_categories& ask) {
  actors::category_rows result;
  q_->categories.param(0) = std::to_string(ask.after_id);
  q_->categories.param(1) = std::to_string(ask.limit + 1);
  q_->categories.run([&](ll id, ll parent, const text& name, ll created, ll updated, ll version) {
    result.items.push_back({id, parent, name, created, updated, version});
  });
  result.more = result.items.size() > static_cast<size_t>(ask.limit);
  if (result.more)
    result.items.pop_back();
  return result;
}

std::optional<movement_page> reads::movements(const list_movements& ask) {
  auto known = product(ask.product_id);
  if (!known || known->deleted)
    return std::nullopt;
  movement_page page;
  q_->movements.param(0) = std::to_string(ask.product_id);
  constexpr auto newest = std::numeric_limits<int64_t>::max();
  constexpr size_t rows_at_once = 16; // one may be enough, and they are large
  auto before = ask.before_id == 0 ? newest : ask.before_id;
  const auto limit = static_cast<size_t>(ask.limit);
  for (size_t rows = rows_at_once; rows == rows_at_once && page.items.size() <= limit;) {
    // Of the row that `before` lies in, what is before it.
    q_->movements.param(1) =
      std::to_string(before / movements_a_row + (before % movements_a_row == 0 ? 0 : 1));
    q_->movements.param(2) = std::to_string(rows_at_once);
    rows = q_->movements.run([&](ll id, ll product, ll delta, const text& reason, ll order,
                                 ll created, const text& orders) {
      for (auto& x : movements_of(id, {product, delta, reason, order, created, orders}))
        if (x.id < before && page.items.size() <= limit)
          page.items.push_back(std::move(x));
      before = id * movements_a_row;
    });
  }
  page.more = page.items.size() > limit;
  if (page.more)
    page.items.pop_back();
  return page;
}

std::optional<domain::account> reads::account(const domain::uuid& id) {
  std::optional<domain::account> result;
  q_->account.param(0) = domain::to_string(id);
  q_->account.run([&](const auto&... columns) { result = to_account(columns...); });
  return result;
}

user_page reads::users(const list_users& ask) {
  user_page page;
  if (!ask.username.empty() || !ask.email.empty()) {
    q_->named_users.param(0) = ask.username;
    q_->named_users.param(1) = ask.email;
    q_->named_users.run([&](const auto&... columns) {
      auto x = to_user(columns...);
      if ((ask.username.empty() || domain::fold_login(x.username) == ask.username)
          && (ask.email.empty() || domain::fold_login(x.email) == ask.email) && x.id > ask.after)
        page.items.push_back(std::move(x));
    });
    return page;
  }
  q_->users.param(0) = domain::to_string(ask.after);
  q_->users.param(1) = std::to_string(ask.limit + 1);
  q_->users.run([&](const auto&... columns) { page.items.push_back(to_user(columns...)); });
  page.more = page.items.size() > static_cast<size_t>(ask.limit);
  if (page.more)
    page.items.pop_back();
  return page;
}

credentials reads::password(const domain::uuid& id) {
  q_->password.param(0) = domain::to_string(id);
  return read_credentials(q_->password);
}

credentials reads::credentials(const std::string& folded_login) {
  for (size_t i = 0; i < 3; ++i)
    q_->login.param(i) = folded_login;
  return read_credentials(q_->login);
}

std::optional<domain::order> reads::order(int64_t id) {
  std::vector<int64_t> unreadable;
  auto found = q_->orders.orders({&id, 1}, unreadable);
  if (!unreadable.empty())
    throw std::runtime_error("order " + std::to_string(id) + " cannot be read");
  return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
}

std::vector<domain::order> reads::orders(std::span<const int64_t> ids,
                                         std::vector<int64_t>& unreadable) {
  return q_->orders.orders(ids, unreadable);
}

order_page reads::orders(const list_orders& ask) {
  return q_->orders.page(ask);
}

std::optional<domain::cart> reads::cart(const domain::uuid& user) {
  return q_->orders.cart(user);
}

std::optional<payment_row> reads::payment(const std::string& reference) {
  return q_->orders.payment(reference);
}

order_ids reads::unpaid_orders(const load_unpaid_orders& ask) {
  return q_->orders.unpaid(ask);
}

order_times reads::order_times(const load_order_times& ask) {
  return q_->orders.times(ask);
}

events_page reads::events(const load_events& ask) {
  events_page page;
  page.end = ask.after;
  const auto wanted = static_cast<size_t>(ask.limit);
  // A row may hold many of them or, in SQLite always, one.
  for (size_t guess = kind_ == backend::sqlite ? wanted : 2;; guess *= 4) {
    const auto rows = std::min(guess, wanted - page.items.size());
    q_->events.param(0) = std::to_string(page.end.transaction);
    q_->events.param(1) = std::to_string(page.end.id);
    q_->events.param(2) = std::to_string(rows);
    size_t found = 0;
    q_->events.run(
      [&](ll xid, ll id, const text& kind, const text& subject, const text& payload, ll created) {
        ++found;
        if (page.items.size() >= wanted)
          return;
        const auto transaction = static_cast<uint64_t>(xid);
        for (auto& e : events_of({id, kind, subject, payload, created, {}})) {
          const bool read = transaction == ask.after.transaction && e.id <= ask.after.id;
          if (read || page.items.size() >= wanted)
            continue;
          page.end = {transaction, e.id};
          page.items.push_back(std::move(e));
        }
      });
    page.more = page.items.size() >= wanted;
    if (page.more || found < rows)
      return page;
  }
}

log_position reads::position(const std::string& consumer) {
  log_position result;
  q_->position.param(0) = consumer;
  q_->position.run([&](ll xid, ll id) { result = {static_cast<uint64_t>(xid), id}; });
  return result;
}

std::optional<kept_answer> reads::kept_answer(const std::string& id) {
  std::optional<actors::kept_answer> result;
  q_->kept.param(0) = id;
  q_->kept.run([&](const text& key, const text& fingerprint, const text& answer) {
    result = actors::kept_answer{key, fingerprint, answer};
  });
  return result;
}

void reads::ping() {
  q_->ping.run();
}

} // namespace souk::persistence
