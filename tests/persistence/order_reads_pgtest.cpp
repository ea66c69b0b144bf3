// Drives the lists of orders on a session of their own,
// against a SQLite file and a PostgreSQL database.
#include "tests/persistence/support/reading.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace souk::tests {

using namespace actors;
using domain::order_status;

namespace {

std::vector<int64_t> ids(const order_page& page) {
  std::vector<int64_t> result;
  for (auto& x : page.items)
    result.push_back(x.id);
  return result;
}

} // namespace

TEST_CASE("a user's orders are read newest first, page by page, with filters") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  std::vector<write> placed;
  for (int64_t i = 1; i <= 6; ++i)
    placed.push_back(place(i * 10, {{1, 1}}));
  auto stranger = place(35, {{1, 1}});
  stranger.order->row.user_id = user_id(2);
  placed.push_back(stranger);
  s.commit(placed);
  s.commit(
    {change(placed[1], order_status::confirmed), change(placed[4], order_status::cancelled)});
  reading r{s};
  list_orders ask;
  ask.user_id = user_id(1);
  ask.limit = 4;
  auto first = r->orders(ask);
  CHECK(ids(first) == std::vector<int64_t>{60, 50, 40, 30});
  CHECK(first.more);
  CHECK(first.last_id == 30);
  ask.before_time = first.last_time;
  ask.before_id = first.last_id;
  auto last = r->orders(ask);
  CHECK(ids(last) == std::vector<int64_t>{20, 10});
  CHECK_FALSE(last.more);

  ask.before_id = 0;
  ask.status = order_status::pending;
  CHECK(ids(r->orders(ask)) == std::vector<int64_t>{60, 40, 30, 10});
  CHECK_FALSE(r->orders(ask).more);
  ask.status = order_status::cancelled;
  CHECK(ids(r->orders(ask)) == std::vector<int64_t>{50});
  ask.status.reset();
  ask.created_after = placed[1].order->row.created_at;
  ask.created_before = placed[4].order->row.created_at;
  CHECK(ids(r->orders(ask)) == std::vector<int64_t>{40, 30});
  ask.user_id = user_id(3);
  CHECK(r->orders(ask).items.empty());
}

TEST_CASE("all orders are read newest first, page by page, however they were written") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({1000});
  // Several batches; many orders of one millisecond, of which the later batches hold older ones.
  std::vector<std::pair<int64_t, int64_t>> expected;
  for (int64_t batch = 0; batch < 3; ++batch) {
    std::vector<write> placed;
    for (int64_t i = 0; i < 150; ++i) {
      auto w = place(4 + 4 * (i * 3 + batch), {{1, 1}});
      auto& o = w.order->row;
      o.user_id = user_id(1 + static_cast<int>(i % 2));
      o.created_at = o.updated_at = 1'000'000 + i / 140 - batch * (i / 145);
      expected.emplace_back(o.created_at, o.id);
      placed.push_back(std::move(w));
    }
    s.commit(placed);
  }
  std::sort(expected.rbegin(), expected.rend());
  reading r{s};
  const auto all = [&](list_orders ask) {
    std::vector<std::pair<int64_t, int64_t>> found;
    for (bool more = true; more && found.size() <= expected.size();) {
      const auto page = r->orders(ask);
      for (const auto& o : page.items)
        found.emplace_back(o.created_at, o.id);
      more = page.more;
      ask.before_time = page.last_time;
      ask.before_id = page.last_id;
    }
    return found;
  };
  list_orders ask;
  ask.limit = 7;
  CHECK(all(ask) == expected);
  ask.status = order_status::confirmed;
  CHECK(all(ask).empty());
  ask.status = order_status::pending;
  ask.created_after = 999'999;
  ask.created_before = 1'000'001;
  std::erase_if(expected, [](const auto& x) { return x.first != 1'000'000; });
  CHECK(all(ask) == expected);
  CHECK(persistence::check_books(s.options.url).faults.empty());
}

TEST_CASE("the times of a user's newest orders are read") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  std::vector<int64_t> times;
  for (int64_t i = 1; i <= 4; ++i) {
    auto w = place(i * 4, {{1, 1}}, order_shard(0));
    times.push_back(w.order->row.created_at);
    s.commit({w});
  }
  reading r{s};
  CHECK(r->order_times({user_id(1), times[0], 10}).created_at
        == std::vector<int64_t>{times[3], times[2], times[1]});
  CHECK(r->order_times({user_id(1), 0, 2}).created_at == std::vector<int64_t>{times[3], times[2]});
  CHECK(r->order_times({user_id(2), 0, 2}).created_at.empty());
}

} // namespace souk::tests
