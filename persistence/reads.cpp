#include "persistence/reads.hpp"

#include "actors/domain/json_text.hpp"
#include "actors/messages/codec.hpp"
#include "persistence/product_list.hpp"
#include "persistence/sql.hpp"

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
constexpr std::string_view order_columns =
  "cast(id as bigint), cast(user_id as text), status, payment, cast(lines as text), "
  "total_quantity, total_amount, "
  "currency, coalesce(cast(shipping_address as text), ''), note, created_at, updated_at, version";

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

domain::order to_order(ll id, const text& user, ll status, ll payment, const text& lines,
                       ll quantity, ll amount, const text& currency, const text& address,
                       const text& note, ll created, ll updated, ll version) {
  domain::order o;
  auto uuid = domain::parse_uuid(user);
  auto read = decode_lines(lines);
  if (!uuid || !read)
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
  return o;
}

using order_query = query<ll, text, ll, ll, text, ll, ll, text, text, text, ll, ll, ll>;

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
      user{s, select(user_columns, "users where id = " + uuid_param(k)), {"id"}},
      login{s,
            select(std::string{user_columns} + ", password_hash",
                   "users where username_key = :a or email_key = :b "
                   "order by case when username_key = :c then 0 else 1 end limit 1"),
            {"a", "b", "c"}},
      order{s, select(order_columns, "orders where id = cast(:id as bigint)"), {"id"}},
      orders{
        s,
        select(order_columns,
               "orders where user_id = " + uuid_param(k)
                 + " and id < cast(:before as bigint) and (cast(:any as integer) = 1 or "
                   "status = cast(:status as integer)) and created_at > cast(:since as bigint) "
                   "and created_at < cast(:til as bigint) order by id desc "
                   "limit cast(:n as bigint)"),
        {"id", "before", "any", "status", "since", "til", "n"}},
      times{s,
            "select created_at from (select created_at from orders where user_id = " + uuid_param(k)
              + " order by id desc limit cast(:n as bigint)) as newest "
                "where created_at > cast(:since as bigint)",
            {"id", "n", "since"}},
      kept{s, "select id, fingerprint, answer from idempotency where id = :id", {"id"}},
      ping{s, "select 1", {}} {}

  /// An array, not a set of JSON rows: PostgreSQL would guess their number and scan the table.
  static std::string any_of_ids(backend k) {
    return k == backend::postgresql ? "= any(cast(:ids as bigint[]))"
                                    : "in (select value from json_each(:ids))";
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
  query<text, text, text, text, text, text, text, ll, ll, ll, ll, ll> user;
  query<text, text, text, text, text, text, text, ll, ll, ll, ll, ll, text> login;
  order_query order;
  order_query orders;
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

std::optional<domain::user> reads::user(const domain::uuid& id) {
  std::optional<domain::user> result;
  q_->user.param(0) = domain::to_string(id);
  q_->user.run([&](const auto&... columns) { result = to_user(columns...); });
  return result;
}

credentials reads::credentials(const std::string& folded_login) {
  actors::credentials result;
  for (size_t i = 0; i < 3; ++i)
    q_->login.param(i) = folded_login;
  q_->login.run([&](const text& id, const text& username, const text& email, const text& first,
                    const text& last, const text& full, const text& phone, ll role, ll disabled,
                    ll created, ll updated, ll version, const text& hash) {
    result.found = true;
    result.row.user = to_user(id, username, email, first, last, full, phone, role, disabled,
                              created, updated, version);
    result.row.password_hash = hash;
  });
  return result;
}

std::optional<domain::order> reads::order(int64_t id) {
  std::optional<domain::order> result;
  q_->order.param(0) = std::to_string(id);
  q_->order.run([&](const auto&... columns) { result = to_order(columns...); });
  return result;
}

order_page reads::orders(const list_orders& ask) {
  constexpr auto forever = std::numeric_limits<int64_t>::max();
  order_page page;
  auto set = [this](size_t i, int64_t value) { q_->orders.param(i) = std::to_string(value); };
  q_->orders.param(0) = domain::to_string(ask.user_id);
  set(1, ask.before_id == 0 ? forever : ask.before_id);
  set(2, ask.status ? 0 : 1);
  set(3, ask.status ? static_cast<int64_t>(*ask.status) : 0);
  set(4, ask.created_after);
  set(5, ask.created_before == 0 ? forever : ask.created_before);
  set(6, ask.limit + 1);
  q_->orders.run([&](const auto&... columns) { page.items.push_back(to_order(columns...)); });
  page.more = page.items.size() > static_cast<size_t>(ask.limit);
  if (page.more)
    page.items.pop_back();
  return page;
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
