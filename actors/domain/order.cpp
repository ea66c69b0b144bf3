#include "actors/domain/order.hpp"

#include <algorithm>
#include <chrono>

namespace souk::domain {

namespace {

/// The next status on the way from pending to delivered; nothing where that way ends.
std::optional<order_status> next_status(order_status s, payment_method method) {
  bool cash = method == payment_method::cash_on_delivery;
  switch (s) {
  case order_status::pending: return order_status::confirmed;
  case order_status::confirmed: return cash ? order_status::shipped : order_status::paid;
  // Nobody pays in advance for cash on delivery, so nothing leads on from there.
  case order_status::paid: return cash ? std::nullopt : std::optional{order_status::shipped};
  case order_status::shipped: return order_status::delivered;
  case order_status::delivered:
  case order_status::cancelled:
  case order_status::returned: return std::nullopt;
  }
  return std::nullopt;
}

bool may_cancel(order_status s) {
  return s == order_status::pending || s == order_status::confirmed || s == order_status::paid;
}

} // namespace

std::string_view to_string(order_status s) {
  switch (s) {
  case order_status::pending: return "pending";
  case order_status::confirmed: return "confirmed";
  case order_status::paid: return "paid";
  case order_status::shipped: return "shipped";
  case order_status::delivered: return "delivered";
  case order_status::cancelled: return "cancelled";
  case order_status::returned: return "returned";
  }
  return "?";
}

std::string_view to_string(payment_method m) {
  switch (m) {
  case payment_method::cash_on_delivery: return "cash_on_delivery";
  case payment_method::prepaid: return "prepaid";
  }
  return "?";
}

std::optional<order_status> parse_order_status(std::string_view text) {
  using enum order_status;
  for (auto s : {pending, confirmed, paid, shipped, delivered, cancelled, returned})
    if (to_string(s) == text)
      return s;
  return std::nullopt;
}

std::optional<payment_method> parse_payment_method(std::string_view text) {
  for (auto m : {payment_method::cash_on_delivery, payment_method::prepaid})
    if (to_string(m) == text)
      return m;
  return std::nullopt;
}

bool may_change(order_status from, order_status to, payment_method method, actor_role who) {
  if (to == order_status::cancelled)
    return may_cancel(from);
  if (who != actor_role::admin)
    return false;
  if (to == order_status::returned)
    return from == order_status::delivered;
  return next_status(from, method) == to;
}

bool restores_stock(order_status to) {
  return !counts_as_sold(to);
}

bool counts_as_sold(order_status s) {
  return s != order_status::cancelled && s != order_status::returned;
}

bool is_final(order_status s) {
  return s == order_status::cancelled || s == order_status::returned;
}

std::string_view to_string(changed_by x) {
  switch (x) {
  case changed_by::customer: return "customer";
  case changed_by::admin: return "admin";
  case changed_by::system: return "system";
  case changed_by::payment: return "payment";
  }
  return "?";
}

std::vector<order_history_entry> history_of(const order& x) {
  std::vector<order_history_entry> out;
  out.reserve(x.changes.size() + 1);
  out.push_back(
    {1, order_change_kind::status, order_status::pending, changed_by::customer, x.created_at});
  out.insert(out.end(), x.changes.begin(), x.changes.end());
  return out;
}

std::string event_name(const order_history_entry& x) {
  if (x.kind == order_change_kind::items)
    return "order_items_changed";
  if (x.version == 1)
    return "order_placed";
  return "order_" + std::string{to_string(x.status)};
}

std::string order_number(const order& x) {
  using namespace std::chrono;
  sys_time<milliseconds> placed{milliseconds{x.created_at}};
  auto year = static_cast<int>(year_month_day{floor<days>(placed)}.year());
  auto id = std::to_string(x.id);
  auto padding = std::string(6 - std::min<size_t>(id.size(), 6), '0');
  return "ORD-" + std::to_string(year) + "-" + padding + id;
}

} // namespace souk::domain
