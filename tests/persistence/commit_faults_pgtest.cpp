// Drives the committer through errors before, in and after COMMIT,
// against a SQLite file and a PostgreSQL server whose sessions are ended under its hands.
#include "tests/persistence/support/faults.hpp"
#include "tests/persistence/support/store.hpp"

#include <algorithm>

namespace souk::tests {

using namespace actors;
using persistence::batch_result;
using persistence::connection;
using persistence::step;

namespace {

constexpr step all_steps[]{step::before_begin, step::in_transaction, step::before_commit,
                           step::after_commit};

std::vector<write> three_orders() {
  return {place(5, {{1, 2}}), place(9, {{1, 3}, {2, 1}}), place(13, {{2, 4}})};
}

bool all_committed(const batch_result& r) {
  return std::all_of(r.decisions.begin(), r.decisions.end(), [](auto& d) {
    return d.error == ec::none && d.answer.refused == refusal::none;
  });
}

bool all_failed(const batch_result& r, ec code) {
  return std::all_of(r.decisions.begin(), r.decisions.end(),
                     [&](auto& d) { return d.error == code; });
}

/// Calls `fault` at the first `n` times that the committer comes to `where`.
void fail_at(store& s, step where, int n, std::function<void(connection&)> fault) {
  s.committer().on_step([=, left = n](step now, connection& c) mutable {
    if (now == where && left > 0) {
      --left;
      fault(c);
    }
  });
}

void check_written_once(const store& s) {
  CHECK(s.count("orders") == 3);
  CHECK(s.count("event_list", "kind = 'order_placed'") == 3);
  CHECK(s.count("stock_movement", "order_id is not null") == 2); // one a product
  CHECK(s.on_hand(1) == 95);
  CHECK(s.on_hand(2) == 95);
  CHECK(s.stock_version(1) == 2);
  CHECK(s.faults().empty());
}

void check_nothing_written(const store& s) {
  CHECK(s.count("orders") == 0);
  CHECK(s.count("event_list", "kind = 'order_placed'") == 0);
  CHECK(s.on_hand(1) == 100);
  CHECK(s.on_hand(2) == 100);
  CHECK(s.faults().empty());
}

} // namespace

TEST_CASE("a connection that is lost at any step costs nothing and doubles nothing") {
  SOUK_FOR_EACH_DATABASE(kind);
  auto where = GENERATE(from_range(std::begin(all_steps), std::end(all_steps)));
  CAPTURE(static_cast<int>(where));
  store s{kind};
  s.stock_up({100, 100});
  fail_at(s, where, 1, [&](connection& c) { lose(c, s.sql()); });
  auto result = s.commit(three_orders());
  CHECK(all_committed(result));
  for (auto& d : result.decisions)
    CHECK(d.event_ids.size() == 1);
  check_written_once(s);
}

TEST_CASE("a COMMIT that was executed but not answered is found in the writer's row") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100, 100});
  auto before = s.batches();
  fail_at(s, step::before_commit, 1, [&](connection& c) { swallow_answer(c, s.sql()); });
  auto result = s.commit(three_orders());
  CHECK(all_committed(result));
  CHECK(s.batches() == before + 1);
  check_written_once(s);
  for (auto& level : result.levels)
    CHECK(level.on_hand == 95);
}

TEST_CASE("a COMMIT that was not executed is executed once more") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100, 100});
  auto before = s.batches();
  int transactions = 0;
  s.committer().on_step([&](step now, connection& c) {
    if (now == step::before_commit && ++transactions == 1)
      drop_commit(c, s.sql());
  });
  CHECK(all_committed(s.commit(three_orders())));
  CHECK(transactions == 2);
  CHECK(s.batches() == before + 1);
  check_written_once(s);
}

TEST_CASE("an error that stays, before COMMIT, fails the writes and leaves nothing") {
  SOUK_FOR_EACH_DATABASE(kind);
  auto where = GENERATE(step::before_begin, step::in_transaction, step::before_commit);
  CAPTURE(static_cast<int>(where));
  store s{kind};
  s.stock_up({100, 100});
  s.committer().on_step([&](step now, connection&) {
    if (now == where)
      break_down();
  });
  CHECK(all_failed(s.commit({three_orders().front()}), ec::write_failed));
  s.committer().on_step({});
  check_nothing_written(s);
  CHECK(all_committed(s.commit(three_orders())));
  check_written_once(s);
}

TEST_CASE("a COMMIT that the database itself refuses fails the writes and leaves nothing") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100, 100});
  if (s.postgresql()) {
    s.execute("create function refuse() returns trigger language plpgsql as "
              "$$ begin raise exception 'not now'; end $$");
    s.execute("create constraint trigger refusing after insert on orders deferrable "
              "initially deferred for each row execute function refuse()");
  } else {
    s.execute("create table nobody (id integer primary key)");
    s.execute("create table refusing (x integer references nobody (id) "
              "deferrable initially deferred)");
    s.execute("create trigger refuse after insert on orders begin "
              "insert into refusing values (1); end");
  }
  CHECK(all_failed(s.commit(three_orders()), ec::write_failed));
  check_nothing_written(s);
  s.execute(s.postgresql() ? "drop trigger refusing on orders" : "drop trigger refuse");
  CHECK(all_committed(s.commit(three_orders())));
  check_written_once(s);
}

TEST_CASE("an error after COMMIT changes nothing any more") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100, 100});
  fail_at(s, step::after_commit, 1, [](connection&) { break_down(); });
  CHECK(all_committed(s.commit(three_orders())));
  check_written_once(s);
}

TEST_CASE("one write that breaks its statement does not spoil its batch mates") {
  SOUK_FOR_EACH_DATABASE(kind);
  const auto others = GENERATE(0, 20); // few rows go another way than many
  CAPTURE(others);
  store s{kind};
  s.stock_up({100, 100, 100});
  // Another row with the order's id, which only the insert can find out.
  s.commit({place(9, {{1, 1}})});
  auto writes = three_orders();
  for (int n = 0; n < others; ++n)
    writes.push_back(place(100 + n, {{3, 1}}));
  auto result = s.commit(writes);
  CHECK(result.decisions[0].error == ec::none);
  CHECK(result.decisions[0].answer.refused == refusal::none);
  CHECK(result.decisions[1].answer.refused == refusal::invalid);
  CHECK(result.decisions[2].error == ec::none);
  CHECK(result.decisions[2].answer.refused == refusal::none);
  CHECK(s.count("orders") == 3 + others);
  CHECK(s.on_hand(1) == 97);
  CHECK(s.on_hand(2) == 96);
  CHECK(s.on_hand(3) == 100 - others);
  CHECK(s.faults().empty());
}

TEST_CASE("what an incarnation decided after a failed write of its own is not written") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100, 100});
  auto bad = create(9, 5);
  bad.product->row.price = -1;
  // The last write's data divide the batch; then its first write breaks, alone.
  fail_at(s, step::in_transaction, 1, [](connection&) { break_down(); });
  auto result =
    s.commit({place(5, {{1, 2}}, order_shard(1)), place(9, {{1, 3}}, order_shard(1)), bad});
  CHECK(result.decisions[0].error == ec::write_failed);
  CHECK(result.decisions[1].error == ec::stale_incarnation);
  CHECK(result.decisions[2].error == ec::none);
  CHECK(result.decisions[2].answer.refused == refusal::invalid);
  CHECK(s.count("orders") == 0);
  CHECK(s.on_hand(1) == 100);
  CHECK(s.faults().empty());
}

TEST_CASE("nobody takes another server's batch for an own COMMIT that got no answer") {
  auto executed = GENERATE(false, true);
  auto successors_name = GENERATE(as<std::string>{}, "here", "there");
  CAPTURE(executed, successors_name);
  store s{engine::postgresql};
  s.stock_up({100, 100});
  auto options = s.options;
  options.node = successors_name;
  // While our COMMIT is on its way, our session and our lock are lost, and another server begins to
  // write.
  fail_at(s, step::before_commit, 1, [&](connection& c) {
    if (executed)
      swallow_answer(c, s.sql());
    else
      drop_commit(c, s.sql());
    s.sql().execute("select pg_terminate_backend(l.pid) from pg_locks l join pg_database d "
                    "on d.oid = l.database where l.locktype = 'advisory' "
                    "and d.datname = current_database()");
    auto other = persistence::open(options);
    persistence::committer successor{options};
    auto theirs = adjust(2, 7);
    theirs.by.epoch = 2;
    const write* one = &theirs;
    if (!all_committed(successor.commit({&one, 1})))
      throw std::runtime_error("the successor cannot write");
  });
  CHECK(all_failed(s.commit(three_orders()), ec::outcome_unknown));
  CHECK(s.count("orders") == (executed ? 3 : 0));
  CHECK(s.on_hand(2) == (executed ? 102 : 107));
  CHECK(s.faults().empty());
  // From now on we are told that we own nothing.
  CHECK(all_failed(s.commit({place(17, {{1, 1}})}), ec::not_owner));
}

} // namespace souk::tests
