// Drives the committer with batches whose writes compete for counts,
// against a SQLite file and a PostgreSQL database.
#include "tests/persistence/support/faults.hpp"
#include "tests/persistence/support/store.hpp"

#include <algorithm>

namespace souk::tests {

using namespace actors;
using domain::order_status;
using domain::stock_level;
using persistence::connection;
using persistence::step;

namespace {

constexpr auto done = refusal::none;
constexpr auto sold_out = refusal::out_of_stock;

} // namespace

TEST_CASE("the deltas of one product are written as one change, those of orders as one movement") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  auto before = s.batches();
  std::vector<write> writes;
  for (int64_t i = 1; i <= 20; ++i)
    writes.push_back(place(i * 4 + 1, {{1, i % 3 + 1}}));
  writes.push_back(adjust(1, 9));
  writes.push_back(adjust(1, -4));
  auto result = s.commit(writes);
  CHECK(refusals(result) == std::vector<refusal>(22, done));
  int64_t sold = 0;
  for (auto& w : writes)
    sold += w.order ? w.order->row.total_quantity : 0;
  REQUIRE(result.levels.size() == 1);
  CHECK(result.levels[0].on_hand == 100 - sold + 5);
  CHECK(result.levels[0].version == 2);
  CHECK(s.on_hand(1) == 100 - sold + 5);
  CHECK(s.stock_version(1) == 2);
  CHECK(s.count("stock_movement") == 1 + 2 + 1);
  CHECK(s.count("stock_movement", "orders is not null and order_id = 5 and delta = "
                                    + std::to_string(-sold) + " and orders like '[[5,-2],[9,-3],%'")
        == 1);
  CHECK(persistence::check_books(s.options.url).movements == 1 + 22);
  CHECK(s.batches() == before + 1);
  CHECK(s.faults().empty());
}

TEST_CASE("a guard that fails takes one write out and lets its batch mates through") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({5, 50, 0});
  auto result = s.commit({place(5, {{1, 3}}), place(9, {{2, 1}, {3, 1}}), place(13, {{2, 7}}),
                          place(17, {{1, 3}, {2, 1}}), place(21, {{1, 2}})});
  CHECK(refusals(result) == std::vector{done, sold_out, done, sold_out, done});
  CHECK(result.decisions[1].answer.subject == 3);
  CHECK(result.decisions[3].answer.subject == 1);
  REQUIRE(result.decisions[1].answer.levels.size() == 1);
  CHECK(result.decisions[1].answer.levels[0].on_hand == 0);
  CHECK(result.decisions[1].event_ids.empty());
  CHECK(s.on_hand(1) == 0);
  CHECK(s.on_hand(2) == 43);
  CHECK(s.on_hand(3) == 0);
  CHECK(s.count("orders") == 3);
  CHECK(s.count("event_list", "kind = 'order_placed'") == 3);
  CHECK(s.faults().empty());
}

TEST_CASE("the last units go to those who came first") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({10});
  std::vector<write> writes;
  for (int64_t i = 0; i < 40; ++i)
    writes.push_back(place(401 - i * 4, {{1, 1}})); // not in the order of their ids
  auto got = refusals(s.commit(writes));
  CHECK(std::all_of(got.begin(), got.begin() + 10, [](auto r) { return r == done; }));
  CHECK(std::all_of(got.begin() + 10, got.end(), [](auto r) { return r == sold_out; }));
  CHECK(s.on_hand(1) == 0);
  CHECK(s.faults().empty());
}

TEST_CASE("two orders for the same last two units in opposite order: one gets both") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({1, 1});
  CHECK(refusals(s.commit({place(5, {{1, 1}, {2, 1}}), place(9, {{2, 1}, {1, 1}})}))
        == std::vector{done, sold_out});
  CHECK(s.on_hand(1) == 0);
  CHECK(s.on_hand(2) == 0);
  CHECK(s.faults().empty());
}

TEST_CASE("all writes of a batch may be refused") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({1});
  CHECK(refusals(s.commit({place(5, {{1, 2}}), place(9, {{1, 3}})}))
        == std::vector{sold_out, sold_out});
  CHECK(s.count("orders") == 0);
  CHECK(s.on_hand(1) == 1);
  CHECK(refusals(s.commit({place(5, {{1, 1}})})) == std::vector{done});
}

TEST_CASE("a lost connection while the counts are locked costs nothing") {
  SOUK_FOR_EACH_DATABASE(kind);
  auto where = GENERATE(step::in_transaction, step::before_commit, step::after_commit);
  CAPTURE(static_cast<int>(where));
  store s{kind};
  s.stock_up({5});
  int comes = 0;
  // Its second transaction is the careful one; its first gets no further than the counts.
  s.committer().on_step([&](step now, connection& c) {
    if (now == where && ++comes == (where == step::in_transaction ? 2 : 1))
      lose(c, s.sql());
  });
  CHECK(refusals(s.commit({place(5, {{1, 4}}), place(9, {{1, 2}}), place(13, {{1, 1}})}))
        == std::vector{done, sold_out, done});
  CHECK(s.on_hand(1) == 0);
  CHECK(s.count("orders") == 2);
  CHECK(s.faults().empty());
}

TEST_CASE("a count is set and the movement says by how much it changed") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({7, 7});
  auto result = s.commit({set_count(1, 30), set_count(2, 0)});
  CHECK(refusals(result) == std::vector{done, done});
  CHECK(s.on_hand(1) == 30);
  CHECK(s.on_hand(2) == 0);
  CHECK(s.number("select sum(delta) from stock_movement where product_id = 1 and delta = 23")
        == 23);
  CHECK(s.number("select sum(delta) from stock_movement where product_id = 2 and delta = -7")
        == -7);
  CHECK(s.faults().empty());
}

TEST_CASE("a change of a count that expects a version is refused at another one") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({7, 7, 7});
  CHECK(refusals(s.commit({adjust(1, 1)})) == std::vector{done});
  auto result = s.commit({set_count(1, 30, 1), adjust(2, 5, 1), adjust(3, 5, 2)});
  CHECK(refusals(result) == std::vector{refusal::stale_version, done, refusal::stale_version});
  CHECK(result.decisions[0].answer.subject == 1);
  REQUIRE(result.decisions[0].answer.levels.size() == 1);
  CHECK(result.decisions[0].answer.levels[0].version == 2);
  CHECK(refusals(s.commit({set_count(1, 30, 2)})) == std::vector{done});
  CHECK(s.on_hand(1) == 30);
  CHECK(s.on_hand(2) == 12);
  CHECK(s.on_hand(3) == 7);
  CHECK(s.faults().empty());
}

TEST_CASE("a count that does not exist cannot change") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({7});
  CHECK(refusals(s.commit({adjust(77, 1), adjust(1, 1), place(5, {{1, 1}, {78, 1}})}))
        == std::vector{refusal::not_found, done, refusal::not_found});
  CHECK(s.on_hand(1) == 8);
  CHECK(s.count("orders") == 0);
}

TEST_CASE("an adjustment below zero is refused") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({7});
  CHECK(refusals(s.commit({adjust(1, -8)})) == std::vector{sold_out});
  CHECK(refusals(s.commit({adjust(1, -7)})) == std::vector{done});
  CHECK(s.on_hand(1) == 0);
}

TEST_CASE("the table itself refuses a count below zero") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({7});
  CHECK_THROWS(s.execute("update stock set quantity = quantity - 8"));
  CHECK(s.on_hand(1) == 7);
}

TEST_CASE("a cancelled order gives back what it took") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({10, 10});
  auto placed = place(5, {{1, 3}, {2, 4}});
  CHECK(refusals(s.commit({placed})) == std::vector{done});
  auto cancelled = change(placed, order_status::cancelled);
  CHECK(refusals(s.commit({cancelled, place(9, {{1, 10}})})) == std::vector{done, done});
  CHECK(s.on_hand(1) == 0);
  CHECK(s.on_hand(2) == 10);
  CHECK(s.number("select status from orders where id = 5")
        == static_cast<int64_t>(order_status::cancelled));
  CHECK(s.faults().empty());
}

TEST_CASE("an order that changed meanwhile keeps its row and its stock") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({10});
  auto placed = place(5, {{1, 3}});
  s.commit({placed});
  CHECK(refusals(s.commit({change(placed, order_status::confirmed)})) == std::vector{done});
  auto result = s.commit({change(placed, order_status::cancelled), place(9, {{1, 1}})});
  CHECK(refusals(result) == std::vector{refusal::stale_version, done});
  CHECK(result.decisions[0].answer.subject == 5);
  CHECK(s.on_hand(1) == 6);
  CHECK(s.number("select version from orders where id = 5") == 2);
  CHECK(s.faults().empty());
}

TEST_CASE("a batch of the greatest size is one transaction") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up(std::vector<int64_t>(300, 1'000'000));
  auto before = s.batches();
  std::vector<write> writes;
  for (int64_t i = 0; i < 1200; ++i)
    writes.push_back(under_key(place(i * 4 + 5, {{i % 300 + 1, 1}, {(i + 7) % 300 + 1, 2}}),
                               "key " + std::to_string(i)));
  auto result = s.commit(writes);
  CHECK(refusals(result) == std::vector<refusal>(1200, done));
  CHECK(result.levels.size() == 300);
  CHECK(s.count("orders") == 1200);
  CHECK(s.count("idempotency") == 1200);
  CHECK(s.batches() == before + 1);
  CHECK(s.faults().empty());
  // Event ids are given in the order of arrival.
  int64_t last = 0;
  for (auto& d : result.decisions) {
    REQUIRE(d.event_ids.size() == 1);
    CHECK(d.event_ids[0] > last);
    last = d.event_ids[0];
  }
}

} // namespace souk::tests
