#include "persistence/order_reads.hpp"

#include "actors/messages/codec.hpp"
#include "persistence/order_list.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace souk::persistence {

using namespace actors;

namespace {

/// Orders that a list with a filter looks at for one page.
constexpr int64_t max_order_window = 5'000;

using ll = long long;
using text = std::string;

// Nulls are folded into the domain's "none" here.
constexpr std::string_view order_columns =
  "cast(id as bigint), cast(user_id as text), status, payment, cast(lines as text), "
  "total_quantity, total_amount, "
  "currency, coalesce(cast(shipping_address as text), ''), note, created_at, updated_at, version, "
  "cast(changes as text)";

/// Nothing if the row cannot be decoded.
std::optional<domain::order> to_order(ll id, const text& user, ll status, ll payment,
                                      const text& lines, ll quantity, ll amount,
                                      const text& currency, const text& address, const text& note,
                                      ll created, ll updated, ll version, const text& changes) {
  domain::order o;
  auto uuid = domain::parse_uuid(user);
  auto read = decode_lines(lines);
  auto history = decode_changes(changes);
  if (!uuid || !read || !history)
    return std::nullopt;
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

constexpr std::string_view listed_columns =
  "id, user_id, status, payment, lines, total_quantity, total_amount, currency, shipping_address, "
  "note, orders.created_at, updated_at, version, changes";

/// A bounded number of the newest orders before a place, and those of them that are wanted:
/// however few match, no more rows are read.
std::string window_of(std::string_view columns, backend k) {
  return select(columns, "orders where user_id = " + uuid_param(k)
                           + " and (created_at, id) < (cast(:at as bigint), "
                             "cast(:before as bigint)) and created_at > cast(:since as bigint) "
                             "order by created_at desc, id desc limit cast(:window as bigint)");
}
std::string page_of(const std::string& window) {
  return "select " + std::string{order_columns} + " from (" + window
         + ") as w where cast(:any as integer) = 1 or status = cast(:status as integer) "
           "order by created_at desc, id desc limit cast(:n as bigint)";
}
std::string end_of(const std::string& window) {
  return "select count(*) over (), created_at, cast(id as bigint) from " + window
         + " order by created_at, id limit 1";
}

} // namespace

order_reads::order_reads(soci::session& s, backend k)
  : kind_{k},
    by_ids_{s, select(order_columns, "orders where id " + any_of_ids(k)), {"ids"}},
    orders_{s,
            page_of(window_of(listed_columns, k)),
            {"id", "at", "before", "since", "window", "any", "status", "n"}},
    all_orders_{s,
                page_of(select(listed_columns, newest_orders(k) + " join orders using (id)")),
                {"at", "before", "since", "window", "any", "status", "n"}},
    window_end_{s,
                end_of("(" + window_of("created_at, id", k) + ") as w"),
                {"id", "at", "before", "since", "window"}},
    all_window_end_{s, end_of(newest_orders(k)), {"at", "before", "since", "window"}},
    cart_{s,
          "select cast(lines as text), updated_at, version from cart where user_id = "
            + uuid_param(k),
          {"id"}},
    payment_{
      s, "select reference, order_id, amount, created_at from payment where reference = :r", {"r"}},
    unpaid_{s,
            "select cast(id as bigint) from orders where unpaid_since < cast(:before as bigint) "
            "order by unpaid_since limit cast(:n as bigint)",
            {"before", "n"}},
    times_{s,
           "select created_at from (select created_at from orders where user_id = " + uuid_param(k)
             + " order by created_at desc, id desc limit cast(:n as bigint)) as newest "
               "where created_at > cast(:since as bigint)",
           {"id", "n", "since"}} {}

std::vector<domain::order> order_reads::orders(std::span<const int64_t> ids,
                                               std::vector<int64_t>& unreadable) {
  std::vector<domain::order> result;
  by_ids_.param(0) = ids_text(kind_, ids);
  by_ids_.run([&](ll id, const auto&... columns) {
    if (auto o = to_order(id, columns...))
      result.push_back(std::move(*o));
    else
      unreadable.push_back(id);
  });
  return result;
}

order_page order_reads::page(const list_orders& ask) {
  constexpr auto forever = std::numeric_limits<int64_t>::max();
  auto whose = ask.user_id.nil() ? 0u : 1u;
  auto& q = whose == 1 ? orders_ : all_orders_;
  auto before_time = ask.before_id != 0 ? ask.before_time : forever;
  auto before_id = ask.before_id != 0 ? ask.before_id : forever;
  if (ask.created_before <= before_time) {
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
  q.run([&](ll id, const auto&... columns) {
    auto o = to_order(id, columns...);
    if (!o)
      throw std::runtime_error("order " + std::to_string(id) + " cannot be read");
    page.items.push_back(std::move(*o));
  });
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
void order_reads::read_window_end(const list_orders& ask, const order_window& w, order_page& page) {
  auto whose = ask.user_id.nil() ? 0u : 1u;
  auto& q = whose == 1 ? window_end_ : all_window_end_;
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

std::optional<domain::cart> order_reads::cart(const domain::uuid& user) {
  std::optional<domain::cart> result;
  cart_.param(0) = domain::to_string(user);
  cart_.run([&](const text& lines, ll updated, ll version) {
    auto read = decode_cart_lines(lines);
    if (!read)
      throw std::runtime_error("the cart of " + domain::to_string(user) + " cannot be read");
    result = domain::cart{user, std::move(*read), updated, version};
  });
  return result;
}

std::optional<payment_row> order_reads::payment(const std::string& reference) {
  std::optional<payment_row> result;
  payment_.param(0) = reference;
  payment_.run([&](const text& key, ll order, ll amount, ll created) {
    result = payment_row{key, order, amount, created};
  });
  return result;
}

order_ids order_reads::unpaid(const load_unpaid_orders& ask) {
  order_ids result;
  unpaid_.param(0) = std::to_string(ask.placed_before);
  unpaid_.param(1) = std::to_string(ask.limit);
  unpaid_.run([&](ll id) { result.items.push_back(id); });
  return result;
}

order_times order_reads::times(const load_order_times& ask) {
  actors::order_times result;
  times_.param(0) = domain::to_string(ask.user_id);
  times_.param(1) = std::to_string(ask.limit);
  times_.param(2) = std::to_string(ask.since);
  times_.run([&](ll t) { result.created_at.push_back(t); });
  return result;
}

} // namespace souk::persistence
