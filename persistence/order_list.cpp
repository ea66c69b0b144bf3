#include "persistence/order_list.hpp"

#include "persistence/copy_rows.hpp"

#include <algorithm>
#include <span>

namespace souk::persistence {

void order_list::copy(std::string& out) {
  std::sort(orders_.begin(), orders_.end());
  std::vector<int64_t> ids;
  for (size_t i = 0; i < orders_.size(); ++i) {
    const auto time = orders_[i].first;
    ids.push_back(orders_[i].second);
    if (i + 1 < orders_.size() && orders_[i + 1].first == time && ids.size() < orders_a_row)
      continue;
    copy_row row{out, 2};
    row.bigint(time).bigints(ids);
    ids.clear();
  }
  orders_.clear();
}

std::string newest_orders(backend kind) {
  if (kind == backend::sqlite)
    return "(select created_at, id from orders where (created_at, id) < (cast(:at as bigint), "
           "cast(:before as bigint)) and created_at > cast(:since as bigint) "
           "order by created_at desc, id desc limit cast(:window as bigint)) as newest";
  // The place's own time may have orders on both sides of it.
  return "(select x.created_at, one.id from (select cast(:at as bigint) as at, "
         "cast(:before as bigint) as before, cast(:since as bigint) as since) as p, "
         "order_time as x, unnest(x.ids) as one (id) "
         "where x.created_at <= p.at and x.created_at > p.since "
         "and (x.created_at < p.at or one.id < p.before) "
         "order by x.created_at desc, one.id desc limit cast(:window as bigint)) as newest";
}

} // namespace souk::persistence
