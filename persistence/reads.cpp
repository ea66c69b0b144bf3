#include "persistence/reads.hpp"

#include "actors/domain/json_text.hpp"
#include "actors/messages/codec.hpp"
#include "persistence/product_list.hpp"
#include "persistence/sql.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace souk::persistence {

using namespace actors;

namespace {

/// Orders that a list with a filter looks at for one page.
constexpr int64_t max_order_window = 5'000;

using ll = long long;
using text = std::string;

// Column lists and what they become; nulls are folded into the domain's "none" here.
constexpr std::string_view user_columns =
  "cast(id as text), username, email, first_name, last_name, full_name, phone, role, disabled, "
  "created_at, updated_at, version";
constexpr std::string_view detail_columns =
  ", addresses, sessions, reset_hash, reset_expires, password_version";
constexpr std::string_view order_columns =
  "cast(id as bigint), cast(user_id as text), status, payment, cast(lines as text), "
  "total_quantity, total_amount, "
  "currency, coalesce(cast(shipping_address as text), ''), note, created_at, updated_at, version, "
  "cast(changes as text)";

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

domain::order to_order(ll id, const text& user, ll status, ll payment, const text& lines,
                       ll quantity, ll amount, const text& currency, const text& address,
                       const text& note, ll created, ll updated, ll version, const text& changes) {
  domain::order o;
  auto uuid = domain::parse_uuid(user);
  auto read = decode_lines(lines);
  auto history = decode_changes(changes);
  if (!uuid || !read || !history)
    throw std::runtime_error("order " + std::to_string(id) + " cannot be read");
  o.id = id;
  o.user_id = *uuid;
  o.status = static_cast<domain::order_status>(status);
  o.payment = static_cast<domain::payment_method>(payment);
  o.lines = std::move(*read);
  o.total_quantity = quantity;
  o.total_amount = amount;
  o.currency = currency;
  if (!address.empty())
    o.shipping_address = decode_address(address);
  o.note = note;
  o.created_at = created;
  o.updated_at = updated;
  o.version = version;
  o.changes = std::move(*history);
  return o;
}

using order_query = query<ll, text, ll, ll, text, ll, ll, text, text, text, ll, ll, ll, text>;
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

std::string select(std::string_view columns, std::string_view rest) {
  return std::string{"select "}.append(columns).append(" from ").append(rest);
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
                "created_at from stock_movement where product_id = cast(:product as bigint) "
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
      order{s, select(order_columns, "orders where id = cast(:id as bigint)"), {"id"}},
      orders{s,
             order_window(order_columns, "user_id = " + uuid_param(k) + " and "),
             {"id", "at", "before", "since", "window", "any", "status", "n"}},
      all_orders{s,
                 order_window(order_columns, ""),
                 {"at", "before", "since", "window", "any", "status", "n"}},
      window_end{s,
                 order_window_end("user_id = " + uuid_param(k) + " and "),
                 {"id", "at", "before", "since", "window"}},
      all_window_end{s, order_window_end(""), {"at", "before", "since", "window"}},
      cart{s,
           "select cast(lines as text), updated_at, version from cart where user_id = "
             + uuid_param(k),
           {"id"}},
      payment{s,
              "select reference, order_id, amount, created_at from payment where reference = :r",
              {"r"}},
      unpaid{s,
             "select cast(id as bigint) from orders where unpaid_since < cast(:before as bigint) "
             "order by unpaid_since limit cast(:n as bigint)",
             {"before", "n"}},
      events{s, events_after(k), {"xid", "id", "n"}},
      position{s, "select xid, id from event_reader where consumer = :consumer", {"consumer"}},
      times{s,
            "select created_at from (select created_at from orders where user_id = " + uuid_param(k)
              + " order by created_at desc, id desc limit cast(:n as bigint)) as newest "
                "where created_at > cast(:since as bigint)",
            {"id", "n", "since"}},
      kept{s, "select id, fingerprint, answer from idempotency where id = :id", {"id"}},
      ping{s, "select 1", {}} {}

  /// An array, not a set of JSON rows: PostgreSQL would guess their number and scan the table.
  static std::string any_of_ids(backend k) {
    return k == backend::postgresql ? "= any(cast(:ids as bigint[]))"
                                    : "in (select value from json_each(:ids))";
  }

  /// A bounded number of the newest orders before a place, and those of them that are wanted:
  /// however few match, no more rows are read.
  static std::string window_of(std::string_view columns, const std::string& whose) {
    return select(columns, "orders where " + whose
                             + "(created_at, id) < (cast(:at as bigint), cast(:before as bigint)) "
                               "and created_at > cast(:since as bigint) order by created_at desc, "
                               "id desc limit cast(:window as bigint)");
  }
  static std::string order_window(std::string_view columns, const std::string& whose) {
    return "select " + std::string{columns} + " from ("
           + window_of("id, user_id, status, payment, lines, total_quantity, total_amount, "
                       "currency, shipping_address, note, created_at, updated_at, version, changes",
                       whose)
           + ") as w where cast(:any as integer) = 1 or status = cast(:status as integer) "
             "order by created_at desc, id desc limit cast(:n as bigint)";
  }
  static std::string order_window_end(const std::string& whose) {
    return "select count(*) over (), created_at, cast(id as bigint) from ("
           + window_of("created_at, id", whose) + ") as w order by created_at, id limit 1";
  }

  /// Below the oldest transaction that still runs, nothing can appear in the log any more.
  static std::string events_after(backend k) {
    if (k == backend::sqlite)
      return "select cast(0 as bigint), cast(id as bigint), kind, subject, payload, created_at "
             "from event where cast(:xid as bigint) = 0 and id > cast(:id as bigint) order by id "
             "limit cast(:n as bigint)";
    return "select cast(cast(xid as text) as bigint), id, kind, subject, cast(payload as text), "
           "created_at from event where (xid, id) > (cast(cast(:xid as text) as xid8), "
           "cast(:id as bigint)) and xid < pg_snapshot_xmin(pg_current_snapshot()) "
           "order by xid, id limit cast(:n as bigint)";
  }

  static std::string any_of_texts(backend k) {
    return k == backend::postgresql
             ? "= any(array(select json_array_elements_text(cast(:texts as json))))"
             : "in (select value from json_each(:texts))";
  }

  static std::string uuid_param(backend k) {
    return k == backend::postgresql ? "cast(:id as uuid)" : ":id";
  }

  product_level_query stock;
  product_query product;
  product_list products;
  query<text, ll> found;
  query<ll, ll, text, ll, ll, ll> categories;
  query<ll, ll, ll, text, ll, ll> movements;
  query<text, text, text, text, text, text, text, ll, ll, ll, ll, ll, text, text, text, ll, ll>
    account;
  query<text, text, text, text, text, text, text, ll, ll, ll, ll, ll> users;
  query<text, text, text, text, text, text, text, ll, ll, ll, ll, ll> named_users;
  credentials_query password;
  credentials_query login;
  order_query order;
  order_query orders;
  order_query all_orders;
  query<ll, ll, ll> window_end;
  query<ll, ll, ll> all_window_end;
  query<text, ll, ll> cart;
  query<text, ll, ll, ll> payment;
  query<ll> unpaid;
  query<ll, ll, text, text, text, ll> events;
  query<ll, ll> position;
  query<ll> times;
  query<text, text, text> kept;
  query<ll> ping;
};

reads::reads(soci::session& s, backend kind)
  : kind_{kind}, q_{std::make_unique<prepared>(s, kind)} {}

reads::~reads() = default;

stock_records reads::stock(std::span<const int64_t> product_ids) {
  auto brackets = kind_ == backend::postgresql ? std::string_view{"{}"} : std::string_view{"[]"};
  auto& ids = q_->stock.param(0);
  ids = brackets[0];
  for (auto id : product_ids)
    ids.append(ids.size() > 1 ? "," : "").append(std::to_string(id));
  ids += brackets[1];
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
  q_->movements.param(1) =
    std::to_string(ask.before_id == 0 ? std::numeric_limits<int64_t>::max() : ask.before_id);
  q_->movements.param(2) = std::to_string(ask.limit + 1);
  q_->movements.run([&](ll id, ll product, ll delta, const text& reason, ll order, ll created) {
    page.items.push_back({id, product, delta, reason, order, created});
  });
  page.more = page.items.size() > static_cast<size_t>(ask.limit);
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
  std::optional<domain::order> result;
  q_->order.param(0) = std::to_string(id);
  q_->order.run([&](const auto&... columns) { result = to_order(columns...); });
  return result;
}

order_page reads::orders(const list_orders& ask) {
  constexpr auto forever = std::numeric_limits<int64_t>::max();
  auto whose = ask.user_id.nil() ? 0u : 1u;
  auto& q = whose == 1 ? q_->orders : q_->all_orders;
  auto before_time = ask.before_id != 0 ? ask.before_time : forever;
  auto before_id = ask.before_id != 0 ? ask.before_id : forever;
  if (ask.created_before != 0 && ask.created_before <= before_time) {
    before_time = ask.created_before;
    before_id = 0;
  }
  // With a filter most rows of the window may be left out; without one none is.
  auto window = ask.status ? std::max<int64_t>(max_order_window, ask.limit + 1) : ask.limit + 1;
  order_page page;
  auto set = [&](size_t i, int64_t value) { q.param(whose + i) = std::to_string(value); };
  if (whose == 1)
    q.param(0) = domain::to_string(ask.user_id);
  set(0, before_time);
  set(1, before_id);
  set(2, ask.created_after);
  set(3, window);
  set(4, ask.status ? 0 : 1);
  set(5, ask.status ? static_cast<int64_t>(*ask.status) : 0);
  set(6, ask.limit + 1);
  q.run([&](const auto&... columns) { page.items.push_back(to_order(columns...)); });
  page.more = page.items.size() > static_cast<size_t>(ask.limit);
  if (page.more)
    page.items.pop_back();
  if (!page.items.empty()) {
    page.last_time = page.items.back().created_at;
    page.last_id = page.items.back().id;
  }
  if (!page.more && ask.status)
    read_window_end(ask, {before_time, before_id, window}, page);
  return page;
}

/// A page that was cut by the window and not by its limit goes on after the window's last row.
void reads::read_window_end(const list_orders& ask, const order_window& w, order_page& page) {
  auto whose = ask.user_id.nil() ? 0u : 1u;
  auto& q = whose == 1 ? q_->window_end : q_->all_window_end;
  if (whose == 1)
    q.param(0) = domain::to_string(ask.user_id);
  q.param(whose) = std::to_string(w.before_time);
  q.param(whose + 1) = std::to_string(w.before_id);
  q.param(whose + 2) = std::to_string(ask.created_after);
  q.param(whose + 3) = std::to_string(w.size);
  q.run([&](ll rows, ll oldest_time, ll oldest_id) {
    page.more = rows >= w.size;
    if (!page.more)
      return;
    page.last_time = oldest_time;
    page.last_id = oldest_id;
  });
}

std::optional<domain::cart> reads::cart(const domain::uuid& user) {
  std::optional<domain::cart> result;
  q_->cart.param(0) = domain::to_string(user);
  q_->cart.run([&](const text& lines, ll updated, ll version) {
    auto read = decode_cart_lines(lines);
    if (!read)
      throw std::runtime_error("the cart of " + domain::to_string(user) + " cannot be read");
    result = domain::cart{user, std::move(*read), updated, version};
  });
  return result;
}

std::optional<payment_row> reads::payment(const std::string& reference) {
  std::optional<payment_row> result;
  q_->payment.param(0) = reference;
  q_->payment.run([&](const text& key, ll order, ll amount, ll created) {
    result = payment_row{key, order, amount, created};
  });
  return result;
}

order_ids reads::unpaid_orders(const load_unpaid_orders& ask) {
  order_ids result;
  q_->unpaid.param(0) = std::to_string(ask.placed_before);
  q_->unpaid.param(1) = std::to_string(ask.limit);
  q_->unpaid.run([&](ll id) { result.items.push_back(id); });
  return result;
}

events_page reads::events(const load_events& ask) {
  events_page page;
  page.end = ask.after;
  q_->events.param(0) = std::to_string(ask.after.transaction);
  q_->events.param(1) = std::to_string(ask.after.id);
  q_->events.param(2) = std::to_string(ask.limit);
  q_->events.run(
    [&](ll xid, ll id, const text& kind, const text& subject, const text& payload, ll created) {
      page.items.push_back({id, kind, subject, payload, created, {}});
      page.end = {static_cast<uint64_t>(xid), id};
    });
  page.more = page.items.size() >= static_cast<size_t>(ask.limit);
  return page;
}

log_position reads::position(const std::string& consumer) {
  log_position result;
  q_->position.param(0) = consumer;
  q_->position.run([&](ll xid, ll id) { result = {static_cast<uint64_t>(xid), id}; });
  return result;
}

order_times reads::order_times(const load_order_times& ask) {
  actors::order_times result;
  q_->times.param(0) = domain::to_string(ask.user_id);
  q_->times.param(1) = std::to_string(ask.limit);
  q_->times.param(2) = std::to_string(ask.since);
  q_->times.run([&](ll t) { result.created_at.push_back(t); });
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
