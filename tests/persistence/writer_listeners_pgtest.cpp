// Drives the writer actor and looks at what it tells stock shards and notifiers,
// against a SQLite file and a PostgreSQL database.
#include "tests/persistence/support/store.hpp"
#include "tests/persistence/support/writer_system.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

namespace souk::tests {

using namespace actors;
using domain::domain_id;
using domain::shard_of;

namespace {

/// What all stubs of a test have heard.
struct heard {
  std::mutex guard;
  std::map<int64_t, std::vector<settlement>> settled; ///< by product
  std::map<int64_t, std::string> names;
  std::vector<event> events;
  std::set<uint32_t> doubtful;      ///< shards that were told to read anew
  std::atomic<bool> astray = false; ///< something came to a shard that it does not belong to

  template <class Look>
  bool eventually_is(Look look) {
    return eventually(10s, [&] {
      std::lock_guard lock{guard};
      return look(*this);
    });
  }
};

template <class T>
caf::result<T> no_answer() {
  return caf::make_error(ec::internal);
}

stock_actor::behavior_type stock_stub(uint32_t shard, std::shared_ptr<heard> h) {
  return {
    [](const reserve_stock&) { return no_answer<stock_reserved>(); },
    [](const release_stock&) {},
    [=](const settle_stock& x) {
      std::lock_guard lock{h->guard};
      if (x.doubt)
        h->doubtful.insert(shard);
      for (auto& s : x.items) {
        if (shard_of(s.level.product_id, 4) != shard)
          h->astray = true;
        h->settled[s.level.product_id].push_back(s);
      }
    },
    [=](const relabel_product& x) {
      std::lock_guard lock{h->guard};
      if (shard_of(x.product.id, 4) != shard)
        h->astray = true;
      h->names[x.product.id] = x.product.name;
    },
    [](const complete_product&) { return no_answer<product_view>(); },
    [](const describe_products&) { return no_answer<product_descriptions>(); },
    [](const get_stock&) { return no_answer<stock_view>(); },
    [](const actors::set_stock&) { return no_answer<stock_answer>(); },
    [](const adjust_stock&) { return no_answer<stock_answer>(); },
  };
}

notifier_actor::behavior_type notifier_stub(std::shared_ptr<heard> h) {
  return {[=](const events_committed& x) {
    std::lock_guard lock{h->guard};
    h->events.insert(h->events.end(), x.items.begin(), x.items.end());
  }};
}

/// A writer whose listeners are stubs; they end before its actor system does.
struct listened {
  explicit listened(const persistence::options& o) : writer{o, tables} {
    for (uint32_t i = 0; i < 4; ++i)
      tables.stock->set(i, writer.system().spawn(stock_stub, i, all));
    tables.notifiers->set(0, writer.system().spawn(notifier_stub, all));
  }
  ~listened() {
    tables.stock->clear();
    tables.notifiers->clear();
  }

  std::shared_ptr<heard> all = std::make_shared<heard>();
  persistence::listeners tables{std::make_shared<shard_table<stock_actor>>(4),
                                std::make_shared<shard_table<notifier_actor>>(1),
                                {}};
  writer_system writer;
};

} // namespace

TEST_CASE("stock shards hear the committed count and whose holds it includes") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100, 50});
  listened l{s.options};
  auto life = l.writer.ask(fence{domain_id::order, 1}).answer.self;
  auto a = l.writer.send(place(5, {{1, 2}}, life));
  auto b = l.writer.send(place(9, {{1, 1}, {2, 4}}, life));
  CHECK(writer_system::receive<written>(a).error == ec::none);
  CHECK(writer_system::receive<written>(b).error == ec::none);
  CHECK(l.all->eventually_is([](heard& h) {
    std::set<int64_t> holds;
    for (auto& x : h.settled[1])
      holds.insert(x.reservations.begin(), x.reservations.end());
    return holds == std::set<int64_t>{5, 9} && h.settled[1].back().level.on_hand == 97
           && h.settled[2].size() == 1 && h.settled[2][0].level.on_hand == 46
           && h.settled[2][0].reservations == std::vector<int64_t>{9};
  }));
  CHECK_FALSE(l.all->astray);
}

TEST_CASE("stock shards hear the present count of what an order could not have") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({3});
  listened l{s.options};
  auto life = l.writer.ask(fence{domain_id::order, 1}).answer.self;
  auto got = l.writer.ask(place(5, {{1, 4}}, life));
  CHECK(got.answer.refused == refusal::out_of_stock);
  CHECK(l.all->eventually_is([](heard& h) {
    return h.settled[1].size() == 1 && h.settled[1][0].level.on_hand == 3
           && h.settled[1][0].level.version == 1 && h.settled[1][0].reservations.empty();
  }));
}

TEST_CASE("stock shards hear a product's new name") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  listened l{s.options};
  auto life = l.writer.ask(fence{domain_id::product, 1}).answer.self;
  CHECK(l.writer.ask(create(5, 7, life)).error == ec::none);
  CHECK(l.all->eventually_is([](heard& h) { return h.names[5] == "thing 5"; }));
  CHECK_FALSE(l.all->astray);
}

TEST_CASE("stock shards hear of a lost connection, because counts may have changed unseen") {
  store s{engine::postgresql};
  s.stock_up({10});
  listened l{s.options};
  auto life = l.writer.ask(fence{domain_id::order, 1}).answer.self;
  CHECK(l.writer.ask(place(5, {{1, 1}}, life)).error == ec::none);
  CHECK(l.all->eventually_is([](heard& h) { return h.settled[1].size() == 1; }));
  {
    std::lock_guard lock{l.all->guard};
    l.all->doubtful.clear();
  }
  s.execute("select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and application_name = 'souk'");
  CHECK(l.writer.ask(place(9, {{1, 1}}, life)).error == ec::none);
  CHECK(l.all->eventually_is([](heard& h) { return h.doubtful.size() == 4; }));
  CHECK(s.on_hand(1) == 8);
}

TEST_CASE("notifiers hear the events that were committed, in order, and no others") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({10});
  listened l{s.options};
  auto life = l.writer.ask(fence{domain_id::order, 1}).answer.self;
  auto one = place(5, {{1, 2}}, life);
  one.request_id = "request one";
  CHECK(l.writer.ask(one).error == ec::none);
  CHECK(l.writer.ask(place(9, {{1, 20}}, life)).answer.refused == refusal::out_of_stock);
  CHECK(l.writer.ask(change(one, domain::order_status::confirmed)).error == ec::none);
  CHECK(l.all->eventually_is([](heard& h) { return h.events.size() >= 2; }));
  std::lock_guard lock{l.all->guard};
  auto& events = l.all->events;
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == "order_placed");
  CHECK(events[0].subject == "order:5");
  CHECK(events[0].request_id == "request one");
  CHECK(events[1].kind == "order_changed");
  CHECK(events[0].id < events[1].id);
  CHECK(s.count("event_list", "id = " + std::to_string(events[0].id)) == 1);
  CHECK(s.count("event_list", "subject = 'order:9'") == 0);
}

} // namespace souk::tests
