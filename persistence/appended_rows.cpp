#include "persistence/appended_rows.hpp"

#include "actors/messages/codec.hpp"
#include "persistence/copy_rows.hpp"
#include "persistence/row_text.hpp"
#include "persistence/sql.hpp"

namespace souk::persistence {

using namespace actors;

namespace {

void copy_order(std::string& out, const domain::order& o) {
  copy_row row{out, 14};
  row.bigint(o.id)
    .uuid(o.user_id)
    .smallint(static_cast<int64_t>(o.status))
    .smallint(static_cast<int64_t>(o.payment))
    .text(encode_lines(o.lines))
    .bigint(o.total_quantity)
    .bigint(o.total_amount)
    .text(o.currency);
  if (o.shipping_address)
    row.text(encode_address(*o.shipping_address));
  else
    row.null();
  row.text(o.note).bigint(o.created_at).bigint(o.updated_at).bigint(o.version);
  if (o.payment == domain::payment_method::prepaid) // waits to be paid
    row.bigint(o.created_at);
  else
    row.null();
}

void copy_movement(std::string& out, const movement_row& m) {
  copy_row row{out, 6};
  row.bigint(m.product_id).bigint(m.delta).text(m.reason);
  if (m.order_id != 0)
    row.bigint(m.order_id);
  else
    row.null();
  row.bigint(m.created_at);
  if (m.orders.empty())
    row.null();
  else
    row.text(m.orders);
}

} // namespace

std::string insert_orders() {
  return "insert into orders (id, user_id, status, payment, lines, total_quantity, total_amount, "
         "currency, shipping_address, note, created_at, updated_at, version, unpaid_since) "
         "select id, us, st, pm, li, tq, ta, cu, ad, no, ca, ua, ve, "
         "case when pm = 1 then ca end from "
         + rows_of(backend::sqlite, "rows",
                   {{"id", "bigint"},
                    {"us", "uuid"},
                    {"st", "smallint"},
                    {"pm", "smallint"},
                    {"li", "text"},
                    {"tq", "bigint"},
                    {"ta", "bigint"},
                    {"cu", "text"},
                    {"ad", "text"},
                    {"no", "text"},
                    {"ca", "bigint"},
                    {"ua", "bigint"},
                    {"ve", "bigint"}});
}

std::string insert_movements() {
  return "insert into stock_movement (product_id, delta, reason, order_id, created_at, orders) "
         "select p, d, r, o, c, q from "
         + rows_of(backend::sqlite, "rows",
                   {{"p", "bigint"},
                    {"d", "bigint"},
                    {"r", "text"},
                    {"o", "bigint"},
                    {"c", "bigint"},
                    {"q", "text"}});
}

std::string insert_events() {
  return "insert into event (kind, subject, payload, created_at) select k, s, p, c from "
         + rows_of(backend::sqlite, "rows",
                   {{"k", "text"}, {"s", "text"}, {"p", "text"}, {"c", "bigint"}})
         + " returning cast(id as bigint)";
}

void appended_rows::add(const write& w, int64_t now, const std::vector<int64_t>* deltas) {
  auto delta = [&](size_t c) { return deltas ? (*deltas)[c] : w.stock[c].amount; };
  auto copy = kind == backend::postgresql;
  if (w.order && w.order->expected_version == 0) {
    const auto& o = w.order->row;
    if (copy) {
      copy_order(orders, o);
      list.add(o.created_at, o.id);
    } else {
      append_row(orders, *w.order);
    }
  }
  for (size_t c = 0; c < w.stock.size(); ++c) {
    if (w.stock[c].kind != stock_change_kind::set || delta(c) != 0) // else it was so already
      changes.add(w.stock[c], delta(c), now);
  }
  event_count += w.events.size();
  for (auto& e : w.events) {
    if (copy)
      shared_events.add(e);
    else
      append_row(events, e);
  }
}

void appended_rows::finish(std::span<const int64_t> event_ids) {
  if (event_ids.size() == shared_events.count()) // else the transaction fails
    shared_events.copy(events, event_ids);
  list.copy(order_times);
  for (auto& m : changes.take()) {
    if (kind == backend::postgresql)
      copy_movement(movements, m);
    else
      append_row(movements, m);
  }
}

} // namespace souk::persistence
