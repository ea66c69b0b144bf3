#include "tests/system/support/books.hpp"

#include <stdexcept>

namespace souk::tests {

namespace {

/// What the lines of orders that are neither cancelled (5) nor returned (6) hold of product `s`.
std::string sold(engine kind) {
  const bool sqlite = kind == engine::sqlite;
  const std::string lines =
    sqlite ? "json_each(o.lines)" : "json_array_elements(cast(o.lines as json))";
  const auto member = [sqlite](const std::string& name) {
    return sqlite ? "json_extract(l.value, '$." + name + "')"
                  : "cast(l.value->>'" + name + "' as bigint)";
  };
  return "(select coalesce(sum(" + member("quantity") + "), 0) from orders o, " + lines
         + " l where o.status not in (5, 6) and " + member("product_id") + " = s.product_id)";
}

std::string movements(const std::string& condition) {
  return "(select coalesce(sum(m.delta), 0) from stock_movement m where m.product_id = s.product_id"
         + condition + ")";
}

std::string lines_for(const database& where, const std::string& condition,
                      const std::string& what) {
  std::string result;
  for (const auto product :
       where.numbers("select s.product_id from stock s where " + condition + " order by 1"))
    result += "product " + std::to_string(product) + ": " + what + "\n";
  return result;
}

} // namespace

std::string unbalanced(const database& where) {
  return lines_for(where, "s.quantity < 0", "oversold")
         + lines_for(where, "s.quantity <> " + movements(""), "movements are not the count on hand")
         + lines_for(where,
                     "s.quantity + " + sold(where.kind()) + " <> "
                       + movements(" and m.order_id is null"),
                     "initial + adjustments are not on hand + sold");
}

std::set<int64_t> order_ids(const database& where) {
  const auto ids = where.numbers("select id from orders");
  const std::set<int64_t> result{ids.begin(), ids.end()};
  if (result.size() != ids.size())
    throw std::runtime_error{"an order is there twice"};
  return result;
}

int64_t count_orders(const database& where) {
  return where.number("select count(*) from orders");
}

} // namespace souk::tests
