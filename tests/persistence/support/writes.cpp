#include "tests/persistence/support/writes.hpp"

#include <utility>

namespace souk::tests {

using namespace actors;

namespace {

constexpr int64_t some_time = 1'790'000'000'123; // milliseconds; far beyond 31 bits

event event_of(std::string kind, const std::string& subject) {
  event e;
  e.kind = std::move(kind);
  e.subject = subject;
  e.payload = R"({"of":")" + subject + "\"}";
  e.created_at = some_time;
  return e;
}

write count_change(int64_t product, stock_change_kind kind, int64_t amount, int64_t expected,
                   incarnation by) {
  write w;
  w.by = by;
  w.stock.push_back({product, kind, amount, "by hand", 0, 0, expected});
  w.events.push_back(event_of("stock_changed", "product:" + std::to_string(product)));
  return w;
}

} // namespace

incarnation life_of(domain::domain_id domain, uint32_t shard, uint64_t number, uint64_t epoch) {
  return {domain, shard, number, epoch};
}

domain::uuid user_id(uint8_t n) {
  domain::uuid id;
  id.bytes.fill(n);
  return id;
}

write place(int64_t id, std::vector<wanted_line> lines, incarnation by) {
  write w;
  w.by = by;
  auto& o = w.order.emplace().row;
  o.id = id;
  o.user_id = user_id(1);
  o.currency = "USD";
  o.created_at = o.updated_at = some_time + id;
  for (auto& line : lines) {
    auto position = static_cast<int64_t>(o.lines.size());
    o.lines.push_back({id * 128 + position, line.product_id,
                       "thing " + std::to_string(line.product_id), line_price, line.quantity});
    o.total_quantity += line.quantity;
    o.total_amount += line.quantity * line_price;
    w.stock.push_back(
      {line.product_id, stock_change_kind::add, -line.quantity, "order", id, id, 0});
  }
  w.events.push_back(event_of("order_placed", "order:" + std::to_string(id)));
  return w;
}

write change(const write& before, domain::order_status to) {
  write w;
  w.by = before.by;
  w.order = before.order;
  w.order->expected_version = before.order->row.version;
  auto& o = w.order->row;
  ++o.version;
  ++o.updated_at;
  o.status = to;
  if (domain::restores_stock(to))
    for (auto& line : o.lines)
      w.stock.push_back(
        {line.product_id, stock_change_kind::add, line.quantity, "cancelled", o.id, 0, 0});
  w.events.push_back(event_of("order_changed", "order:" + std::to_string(o.id)));
  return w;
}

write adjust(int64_t product, int64_t delta, int64_t expected_version, incarnation by) {
  return count_change(product, stock_change_kind::add, delta, expected_version, by);
}

write set_count(int64_t product, int64_t count, int64_t expected_version, incarnation by) {
  return count_change(product, stock_change_kind::set, count, expected_version, by);
}

write create(int64_t product, int64_t count, incarnation by) {
  auto w = count_change(product, stock_change_kind::create, count, 0, by);
  auto& p = w.product.emplace().row;
  p.id = product;
  p.name = "thing " + std::to_string(product);
  p.price = line_price;
  p.created_at = p.updated_at = some_time;
  return w;
}

write sign_up(uint8_t n, const std::string& username, const std::string& email, incarnation by) {
  write w;
  w.by = by;
  auto& u = w.user.emplace().row;
  u.user.id = user_id(n);
  u.user.username = username;
  u.user.email = email;
  u.user.created_at = u.user.updated_at = some_time;
  u.password_hash = "a hash of " + username;
  return w;
}

write add_category(int64_t id, int64_t parent) {
  write w;
  w.by = product_shard(0);
  auto& c = w.category.emplace().row;
  c.id = id;
  c.parent_id = parent;
  c.name = "category " + std::to_string(id);
  c.created_at = some_time;
  return w;
}

write under_key(write w, const std::string& key, const std::string& answer) {
  w.keep = kept_answer{key, "a hash of the body", answer};
  return w;
}

std::vector<const write*> pointers(const std::vector<write>& writes) {
  std::vector<const write*> result;
  for (auto& w : writes)
    result.push_back(&w);
  return result;
}

} // namespace souk::tests
