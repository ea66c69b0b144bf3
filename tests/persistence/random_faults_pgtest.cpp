// Drives the committer with random batches and random faults at random steps, with fixed seeds,
// against a SQLite file and a PostgreSQL server whose sessions are ended under its hands.
#include "persistence/batch_keys.hpp"
#include "persistence/order_movements.hpp"
#include "persistence/sql.hpp"
#include "tests/persistence/support/faults.hpp"
#include "tests/persistence/support/store.hpp"

#include <array>
#include <map>
#include <random>

namespace souk::tests {

using namespace actors;
using domain::order_status;
using persistence::batch_keys;
using persistence::connection;
using persistence::decision;
using persistence::step;

namespace {

constexpr int64_t products = 6;
constexpr int64_t at_first = 40; ///< of each
constexpr uint32_t shards = 4;

/// Chance with a memory: the same seed, the same story.
class dice {
public:
  explicit dice(uint32_t seed) : engine_{seed} {}
  int64_t upto(int64_t n) { return static_cast<int64_t>(engine_() % static_cast<uint64_t>(n)); }
  bool one_in(int64_t n) { return upto(n) == 0; }

private:
  std::mt19937 engine_;
};

/// Makes writes that are marked with a number of their own, and remembers what became of them.
class shop_floor {
public:
  explicit shop_floor(uint32_t seed) : random_{seed} {
    for (int64_t p = 1; p <= products; ++p)
      counts[p] = at_first;
  }

  std::vector<write> next_batch() {
    std::vector<write> batch;
    batch_keys keys;
    for (auto n = random_.upto(25) + 1; n > 0; --n) {
      auto w = next_write();
      if (!keys.accepts(w))
        break;
      keys.add(w);
      batch.push_back(mark(std::move(w)));
    }
    return batch;
  }

  /// Takes note of a decision; returns what is wrong with it, if anything.
  std::string note(const write& w, const decision& d) {
    auto number = std::stoll(w.events[0].subject);
    if (d.error != ec::none) {
      if (d.error != ec::write_failed && d.error != ec::stale_incarnation)
        return "an outcome that nothing explains: " + std::string{to_string(d.error)};
      ++lives_[w.by.shard]; // as the shard does
    }
    if (d.error != ec::none || d.answer.refused != refusal::none) {
      ++absent;
      return "";
    }
    present[number] = 1;
    for (auto id : d.event_ids)
      ++event_ids[id];
    for (auto& c : w.stock) {
      auto& count = counts[c.product_id];
      auto before = count;
      auto is_set = c.kind == stock_change_kind::set;
      count = is_set ? c.amount : count + c.amount;
      if (w.order)
        ++moved_for[{c.order_id, c.product_id, c.amount}];
      else if (!is_set || count != before)
        ++moved[number];
    }
    if (w.order)
      orders[w.order->row.id] = *w.order;
    return "";
  }

  std::map<int64_t, int64_t> present; ///< a committed write's number -> 1
  std::map<int64_t, int64_t> moved;   ///< and how many movements it made, unless none or an order's
  std::map<std::array<int64_t, 3>, int64_t> moved_for; ///< orders': (order, product, delta) -> 1
  std::map<int64_t, int64_t> event_ids;                ///< as told
  std::map<int64_t, int64_t> counts;                   ///< on hand, by product
  std::map<int64_t, row_change<domain::order>> orders; ///< as last committed
  int64_t absent = 0;

private:
  incarnation life(domain::domain_id domain, uint32_t shard) {
    return life_of(domain, shard, lives_[shard]);
  }

  write next_write() {
    auto shard = static_cast<uint32_t>(random_.upto(shards));
    auto of_stock = life(domain::domain_id::stock, shard);
    auto of_orders = life(domain::domain_id::order, shard);
    auto product = random_.upto(products) + 1;
    switch (random_.upto(10)) {
    case 0: return set_count(product, random_.upto(60), 0, of_stock);
    case 1: return adjust(product, random_.upto(50) - 15, random_.upto(20), of_stock);
    case 2: return adjust(product, random_.upto(50) - 15, 0, of_stock);
    case 3:
    case 4:
      if (auto w = cancel_one())
        return std::move(*w);
      [[fallthrough]];
    default: break;
    }
    std::vector<wanted_line> lines{{product, random_.upto(6) + 1}};
    if (random_.one_in(2))
      lines.push_back({product % products + 1, random_.upto(6) + 1});
    auto id = static_cast<int64_t>(next_order_++ * shards + shard);
    auto w = place(id, lines, of_orders);
    if (random_.one_in(3)) // some keys come twice
      w = under_key(std::move(w), "key " + std::to_string(random_.upto(200)));
    return w;
  }

  std::optional<write> cancel_one() {
    if (orders.empty())
      return std::nullopt;
    auto i = orders.lower_bound(random_.upto(static_cast<int64_t>(next_order_ * shards)));
    if (i == orders.end() || i->second.row.status != order_status::pending)
      return std::nullopt;
    write before;
    auto shard = static_cast<uint32_t>(i->first % shards);
    before.by = life(domain::domain_id::order, shard);
    before.order = i->second;
    return change(before, order_status::cancelled);
  }

  write mark(write w) {
    auto number = std::to_string(++next_number_);
    w.events[0].subject = number;
    if (!w.order) // orders share their movements by reason
      for (auto& c : w.stock)
        c.reason = number;
    return w;
  }

  dice random_;
  uint64_t next_order_ = 1;
  int64_t next_number_ = 0;
  std::map<uint32_t, uint64_t> lives_{{0, 1}, {1, 1}, {2, 1}, {3, 1}};
};

/// Does something bad now and then.
void spoil(dice& random, step now, connection& c, const database& where) {
  if (!random.one_in(14))
    return;
  switch (random.upto(now == step::before_commit ? 4 : 2)) {
  case 0: return lose(c, where);
  case 1: return break_down();
  case 2: return drop_commit(c, where);
  default: return swallow_answer(c, where);
  }
}

std::map<int64_t, int64_t> how_often(const std::vector<int64_t>& numbers) {
  std::map<int64_t, int64_t> result;
  for (auto n : numbers)
    ++result[n];
  return result;
}

/// (order, product, delta) -> how many movements there are of it.
std::map<std::array<int64_t, 3>, int64_t> moved_for_orders(const store& s) {
  std::map<std::array<int64_t, 3>, int64_t> result;
  persistence::connection c{persistence::location::parse(s.options.url),
                            persistence::access::reader, std::chrono::seconds{10}};
  c.open();
  persistence::query<long long, long long, long long, std::string> q{
    c.sql(),
    "select product_id, cast(delta as bigint), order_id, coalesce(orders, '') "
    "from stock_movement where order_id is not null",
    {}};
  size_t shared = 0;
  q.run([&](long long product, long long delta, long long order, const std::string& orders) {
    shared += orders.empty() ? 0 : 1;
    for (auto& x : persistence::movements_of(1, {product, delta, "", order, 0, orders}))
      ++result[{x.order_id, product, x.delta}];
  });
  CHECK(shared > 5);
  return result;
}

void check_that_told_is_true(const store& s, const shop_floor& floor) {
  auto events = how_often(s.sql().numbers(
    "select cast(subject as bigint) from event_list where subject not like 'product%'"));
  auto movements = how_often(s.sql().numbers("select cast(reason as bigint) from stock_movement "
                                             "where order_id is null and reason <> 'by hand'"));
  CHECK(events == floor.present);
  CHECK(movements == floor.moved);
  CHECK(moved_for_orders(s) == floor.moved_for);
  CHECK(how_often(s.sql().numbers("select cast(id as bigint) from event_list "
                                  "where subject not like 'product%'"))
        == floor.event_ids);
  for (auto& [product, count] : floor.counts)
    CHECK(s.on_hand(product) == count);

  std::map<int64_t, int64_t> versions;
  for (auto& [id, order] : floor.orders)
    versions[id * 10 + order.row.version] = 1;
  CHECK(how_often(s.sql().numbers("select cast(id as bigint) * 10 + version from orders"))
        == versions);
  CHECK(s.count("stock", "quantity < 0") == 0);
  CHECK(s.faults().empty());
}

} // namespace

TEST_CASE("whatever breaks and whenever, what was told is what is there") {
  SOUK_FOR_EACH_DATABASE(kind);
  auto seed = GENERATE(range(1u, 6u));
  CAPTURE(seed);
  store s{kind};
  s.stock_up(std::vector<int64_t>(products, at_first));
  shop_floor floor{seed};
  dice faults{seed + 1000};
  int64_t thrown = 0;
  s.committer().on_step([&](step now, connection& c) {
    ++thrown;
    spoil(faults, now, c, s.sql());
    --thrown; // not reached by an exception
  });
  for (int i = 0; i < 60; ++i) {
    auto batch = floor.next_batch();
    auto result = s.commit(batch);
    REQUIRE(result.decisions.size() == batch.size());
    for (size_t k = 0; k < batch.size(); ++k)
      REQUIRE(floor.note(batch[k], result.decisions[k]).empty());
  }
  CHECK(thrown > 5);
  CHECK(floor.present.size() > 100);
  CHECK(floor.absent > 10);
  check_that_told_is_true(s, floor);
}

} // namespace souk::tests
