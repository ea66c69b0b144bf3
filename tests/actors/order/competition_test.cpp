// Drives order shards and stock shards together on the deterministic scheduler, message by message,
// against a scripted store: who wins what several want, and that nothing is sold twice.
#include "tests/actors/support/shop_fixture.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

/// Two order shards, and all stock shards.
struct competition_fixture : shop_fixture {
  competition_fixture() {
    for (uint32_t i = 0; i < shards; ++i)
      start_stock(i);
  }

  reply<order_answer> place(order_actor& shard, uint8_t n,
                            std::initializer_list<wanted_line> lines) {
    return ask<order_answer>(shard, order_of(by(n), lines));
  }
  int64_t held(int64_t product) {
    auto shard = stock_table->snapshot().first[domain::shard_of(product, shards)];
    return ask<stock_view>(shard, get_stock{{}, product})->got().reserved;
  }
  /// initial = on hand + sold
  int64_t sold(int64_t product) {
    int64_t n = 0;
    for (auto& [id, o] : store.orders)
      if (domain::counts_as_sold(o.status))
        for (auto& l : o.lines)
          n += l.product_id == product ? l.quantity : 0;
    return n;
  }

  order_actor a = start_order(1);
  order_actor b = start_order(2);
};

} // namespace

TEST_CASE_METHOD(competition_fixture, "P2: the last one is sold once, the other is out of stock") {
  store.add_product(4, 1);
  store.hold_writes = true;
  auto first = place(a, 1, {{4, 1}});
  auto second = place(b, 2, {{4, 1}});
  CHECK(second->open()); // not refused for what someone merely holds
  store.commit(0);
  CHECK(first->value);
  CHECK(second->failed == ec::out_of_stock);
  CHECK(store.counts[4].on_hand == 0);
  CHECK(held(4) == 0);
}

TEST_CASE_METHOD(competition_fixture, "P7: who waited gets it when the first one's write fails") {
  store.add_product(4, 1);
  store.hold_writes = true;
  auto first = place(a, 1, {{4, 1}});
  auto second = place(b, 2, {{4, 1}});
  store.fail(0, ec::write_failed);
  CHECK(first->failed == ec::write_failed);
  REQUIRE(store.writes.size() == 2);
  store.commit(1);
  CHECK(second->value);
  CHECK(store.counts[4].on_hand == 0);
}

TEST_CASE_METHOD(competition_fixture,
                 "P7: two orders that want the same two products in opposite order end with one "
                 "winner") {
  store.add_product(5, 1); // stock shard 1
  store.add_product(6, 1); // stock shard 2
  store.hold_writes = true;
  auto first = place(a, 1, {{5, 1}, {6, 1}});
  auto second = place(b, 2, {{6, 1}, {5, 1}});
  CHECK((first->open() && second->open()));
  CHECK(store.writes.size() == 1);
  store.commit(0);
  CHECK(first->value);
  CHECK(second->failed == ec::out_of_stock);
  CHECK(held(5) == 0);
  CHECK(held(6) == 0);
}

TEST_CASE_METHOD(competition_fixture, "P7: the same with messages in every order of delivery") {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random{seed};
    store.add_product(5, 1);
    store.add_product(6, 1);
    auto before = store.orders.size();
    auto first = std::make_shared<asked<order_answer>>();
    auto second = std::make_shared<asked<order_answer>>();
    auto client = [&](order_actor to, uint8_t n, std::initializer_list<wanted_line> lines, auto r) {
      keep(sys.spawn([=, cmd = order_of(by(n), lines)](caf::event_based_actor* self) {
        self->request(to, std::chrono::minutes{60}, cmd)
          .then([r](order_answer&) { r->answers += 1; },
                [r](caf::error& why) {
                  r->answers += 1;
                  r->failed = code_of(why);
                });
      }));
    };
    client(a, 1, {{5, 1}, {6, 1}}, first);
    client(b, 2, {{6, 1}, {5, 1}}, second);
    while (sched.has_job()) {
      auto& jobs = sched.jobs;
      std::rotate(jobs.begin(), jobs.begin() + static_cast<long>(random() % jobs.size()),
                  jobs.end());
      sched.try_run_once();
    }
    CAPTURE(seed);
    REQUIRE(first->answers + second->answers == 2);
    REQUIRE(store.orders.size() == before + 1);
    REQUIRE((first->failed == ec::out_of_stock) != (second->failed == ec::out_of_stock));
    for (auto id : {5, 6}) {
      auto level = store.counts[id];
      tell(stock_table->snapshot().first[domain::shard_of(int64_t{id}, shards)],
           settle_stock{{{{id, 1, level.version + 1, 0}, {}}}});
      REQUIRE(held(id) == 0);
    }
    auto version = store.counts[5].version;
    store.counts[5] = {5, 1, version + 1, 0};
    store.counts[6] = {6, 1, store.counts[6].version + 1, 0};
  }
}

TEST_CASE_METHOD(competition_fixture, "rule 9: holds of an unknown order end after 30 s, then its "
                                      "products are read anew") {
  store.add_product(4, 3);
  store.hold_writes = true;
  auto lost = place(a, 1, {{4, 2}});
  store.commit_in_silence(0);
  store.fail(0, ec::outcome_unknown);
  CHECK(lost->failed == ec::outcome_unknown);
  store.hold_writes = false;
  CHECK(held(4) == 2);
  CHECK(place(b, 2, {{4, 1}})->value);
  advance(31s);
  CHECK(held(4) == 0);
  CHECK(place(b, 2, {{4, 1}})->failed == ec::out_of_stock);
  CHECK(sold(4) == 3);
}

TEST_CASE_METHOD(competition_fixture, "a cancelled order's stock goes to the next who wants it") {
  store.add_product(4, 1);
  auto id = place(a, 1, {{4, 1}})->got().value.id;
  CHECK(place(b, 2, {{4, 1}})->failed == ec::out_of_stock);
  CHECK(ask<order_answer>(a, change_order_status{by(1), id, domain::order_status::cancelled, {}})
          ->value);
  CHECK(place(b, 2, {{4, 1}})->value);
}

TEST_CASE_METHOD(competition_fixture, "a stock shard that crashes loses its holds, and no count") {
  store.add_product(4, 2);
  store.hold_writes = true;
  auto first = place(a, 1, {{4, 2}});
  kill(stock_table->snapshot().first[0]);
  start_stock(0);
  auto second = place(b, 2, {{4, 2}}); // memory says yes again
  REQUIRE(store.writes.size() == 2);
  store.commit(0);
  store.commit(1);
  CHECK(first->value);
  CHECK(second->failed == ec::out_of_stock); // the database does not
  CHECK(store.counts[4].on_hand == 0);
}

TEST_CASE_METHOD(competition_fixture, "P2: whatever fails and crashes, the books balance") {
  constexpr int64_t initial = 25;
  for (uint32_t seed = 1; seed <= 12; ++seed) {
    std::mt19937 random{seed};
    for (int64_t id = 4; id < 8; ++id)
      store.add_product(id, initial);
    store.orders.clear();
    for (uint32_t i = 0; i < shards; ++i)
      start_stock(i);
    store.hold_writes = true;
    std::vector<reply<order_answer>> placed;
    std::vector<size_t> open;
    for (int step = 0; step < 150; ++step) {
      auto known = store.writes.size();
      auto line = [&] {
        return wanted_line{static_cast<int64_t>(4 + random() % 4),
                           static_cast<int64_t>(1 + random() % 4)};
      };
      auto first = line();
      auto second = line();
      auto cmd = order_of(by(1), {first});
      if (second.product_id != first.product_id)
        cmd.lines.push_back(second);
      placed.push_back(ask<order_answer>(random() % 2 ? a : b, cmd));
      if (random() % 40 == 0) {
        auto i = static_cast<uint32_t>(random() % shards);
        kill(stock_table->snapshot().first[i]);
        start_stock(i);
      }
      for (; known < store.writes.size(); ++known)
        open.push_back(known);
      while (open.size() > random() % 6) {
        auto n = open.front();
        open.erase(open.begin());
        if (!store.open(n))
          continue;
        auto before = store.writes.size();
        switch (random() % 10) {
        case 0: store.fail(n, ec::write_failed); break;
        case 1: store.lose(n); break;
        default: store.commit(n);
        }
        for (; before < store.writes.size(); ++before)
          open.push_back(before);
      }
      if (random() % 10 == 0)
        advance(5s);
    }
    for (int64_t id = 4; id < 8; ++id) {
      CAPTURE(seed, id);
      REQUIRE(store.counts[id].on_hand >= 0);
      REQUIRE(store.counts[id].on_hand + sold(id) == initial);
    }
    for (auto& r : placed)
      if (r->value)
        REQUIRE(store.orders.contains(r->got().value.id));
  }
}
