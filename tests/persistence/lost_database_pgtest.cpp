// Drives the committer, the writer and the reader actor while PostgreSQL is away or stands still,
// against a server of the test's own and single server processes of the shared one.
#include "tests/persistence/support/faults.hpp"
#include "tests/persistence/support/store.hpp"
#include "tests/persistence/support/writer_system.hpp"
#include "tests/system/support/postgres_server.hpp"

#include <memory>
#include <optional>
#include <thread>

namespace souk::tests {

using namespace actors;
using domain::domain_id;
using persistence::connection;
using persistence::step;

namespace {

/// Asks for a fence until there is one.
fenced fence_again(writer_system& w, uint32_t shard) {
  outcome<fenced> got;
  if (!eventually(60s, [&] {
        got = w.ask(fence{domain_id::order, shard});
        return got.error == ec::none;
      }))
    throw std::runtime_error("no fence: " + std::string{to_string(got.error)});
  return got.answer;
}

template <class Answer, class Handle, class Question>
outcome<Answer> ask_reader(caf::scoped_actor& self, const Handle& reader, Question q) {
  outcome<Answer> result;
  self->request(reader, std::chrono::seconds{60}, q)
    .receive([&](Answer& a) { result.answer = std::move(a); },
             [&](caf::error& why) { result.error = code_of(why); });
  return result;
}

bool failed(ec code) {
  return code == ec::write_failed || code == ec::outcome_unknown;
}

/// Freezes a committer's server process when it comes to `where`.
void freeze_at(store& s, step where, std::optional<frozen_backend>& frozen) {
  s.committer().on_step([&frozen, where, once = true](step now, connection& c) mutable {
    if (now == where && std::exchange(once, false))
      frozen.emplace(backend_of(c));
  });
}

} // namespace

TEST_CASE("writers and readers fail while the database is away and go on when it is back") {
  postgres_server server;
  store s{std::make_unique<database>(server.url())};
  s.stock_up({100});
  s.options.reconnect_timeout = 300ms;
  s.options.stall_timeout = 1s;
  writer_system w{s.options};
  auto reader = persistence::spawn_reader(w.system(), s.options);
  caf::scoped_actor self{w.system()};
  auto read = [&] { return ask_reader<stock_records>(self, reader, load_stock{{1}}); };
  auto first = w.ask(fence{domain_id::order, 1}).answer.self;
  REQUIRE(w.ask(place(5, {{1, 1}}, first)).error == ec::none);
  REQUIRE(read().error == ec::none);

  auto standstill = GENERATE(false, true);
  CAPTURE(standstill);
  if (standstill)
    server.freeze();
  else
    server.stop_immediately();
  CHECK(failed(w.ask(place(9, {{1, 1}}, first)).error));
  CHECK(w.ask(place(13, {{1, 1}}, first)).error == ec::stale_incarnation);
  CHECK(w.ask(fence{domain_id::order, 1}).error == ec::database_unavailable);
  CHECK(read().error == ec::database_unavailable);

  if (standstill)
    server.thaw();
  else
    server.start();
  auto second = fence_again(w, 1).self;
  CHECK(second.number > first.number);
  auto got = w.ask(place(17, {{1, 1}}, second));
  CHECK(got.error == ec::none);
  CHECK(got.answer.refused == refusal::none);
  REQUIRE(eventually(30s, [&] { return read().error == ec::none; }));
  // The write that failed happened or did not; either way the books say so.
  auto orders = s.count("orders");
  CHECK((orders == 2 || orders == 3));
  CHECK(s.count("orders", "id in (5, 17)") == 2);
  CHECK(read().answer.items.at(0).level.on_hand == 100 - orders);
  CHECK(s.faults().empty());
}

TEST_CASE("a server process that stands still is given up and settled when it goes on") {
  auto where = GENERATE(step::in_transaction, step::before_commit);
  CAPTURE(static_cast<int>(where));
  store s{engine::postgresql};
  s.options.stall_timeout = 1s;
  s.options.reconnect_timeout = 60s;
  s.stock_up({100});
  auto waiting_for_it = [&] {
    return s.number("select count(*) from pg_stat_activity where datname = current_database() "
                    "and wait_event_type = 'Lock'")
           > 0;
  };
  std::optional<frozen_backend> frozen;
  auto before = s.batches();
  freeze_at(s, where, frozen);
  // It has been given up when a new session waits for what the old one holds.
  bool given_up = false;
  std::jthread thawing{[&] {
    given_up = eventually(30s, waiting_for_it);
    if (frozen)
      frozen->thaw();
  }};
  auto result = s.commit({place(5, {{1, 1}})});
  thawing.join();
  CHECK(given_up);
  CHECK(result.decisions[0].error == ec::none);
  CHECK(result.decisions[0].answer.refused == refusal::none);
  CHECK(s.count("orders") == 1);
  CHECK(s.on_hand(1) == 99);
  CHECK(s.batches() == before + 1);
  CHECK(s.faults().empty());
}

TEST_CASE("a server process that stands still as a batch begins is given up at once") {
  store s{engine::postgresql};
  s.options.stall_timeout = 1s;
  s.options.reconnect_timeout = 60s;
  s.stock_up({100});
  std::optional<frozen_backend> frozen;
  const auto before = s.batches();
  freeze_at(s, step::before_begin, frozen);
  auto result = s.commit({place(5, {{1, 1}})}); // by another one
  REQUIRE(frozen);
  CHECK(result.decisions[0].error == ec::none);
  // It finds what it was sent, but nobody to answer.
  const auto old = std::to_string(frozen->pid());
  frozen->thaw();
  REQUIRE(eventually(30s, [&] {
    return s.number("select count(*) from pg_stat_activity where pid = " + old) == 0;
  }));
  CHECK(s.count("orders") == 1);
  CHECK(s.on_hand(1) == 99);
  CHECK(s.batches() == before + 1);
  CHECK(s.faults().empty());
}

TEST_CASE("a COMMIT that nobody answers for long is told as unknown, and is found later") {
  store s{engine::postgresql};
  s.options.stall_timeout = 1s;
  s.options.reconnect_timeout = 500ms;
  s.stock_up({100});
  std::optional<frozen_backend> frozen;
  freeze_at(s, step::before_commit, frozen);
  auto result = s.commit({under_key(place(5, {{1, 1}}), "k", "{\"n\":5}")});
  REQUIRE(frozen);
  CHECK(result.decisions[0].error == ec::outcome_unknown);
  frozen->thaw();
  // The same request again, as the client is told to do.
  outcome<written> again;
  REQUIRE(eventually(30s, [&] {
    auto r = s.commit({under_key(place(9, {{1, 1}}), "k", "{\"n\":9}")});
    again.error = r.decisions[0].error;
    again.answer = r.decisions[0].answer;
    return again.error == ec::none;
  }));
  CHECK((again.answer.refused == refusal::replayed || again.answer.refused == refusal::none));
  REQUIRE(again.answer.kept);
  CHECK(s.count("orders") == 1);
  CHECK(s.count("orders", "id = " + again.answer.kept->answer.substr(5, 1)) == 1);
  CHECK(s.on_hand(1) == 99);
  CHECK(s.faults().empty());
}

TEST_CASE("a lock that someone holds for a while delays a batch and does not fail it") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  s.commit({place(5, {{1, 1}})});
  auto hold = std::make_optional<open_transaction>(s.sql(), "update stock set quantity = quantity");
  std::atomic<bool> begun = false;
  s.committer().on_step([&](step, connection&) { begun = true; });
  std::jthread release{[&] {
    eventually(30s, [&] { return begun.load(); });
    hold.reset();
  }};
  auto result = s.commit({place(9, {{1, 1}})});
  release.join();
  CHECK(result.decisions[0].error == ec::none);
  CHECK(s.on_hand(1) == 98);
}

TEST_CASE("counts that stay locked beyond the time-out are tried again") {
  store s{engine::postgresql};
  s.stock_up({100});
  s.commit({place(5, {{1, 1}})});
  auto hold = std::make_optional<open_transaction>(s.sql(), "update stock set quantity = quantity");
  int attempts = 0;
  s.committer().on_step([&](step now, connection&) {
    if (now == step::before_begin && ++attempts == 2)
      hold.reset();
  });
  auto result = s.commit({place(9, {{1, 1}})});
  CHECK(attempts == 2);
  CHECK(result.decisions[0].error == ec::none);
  CHECK(s.count("orders") == 2);
  CHECK(s.on_hand(1) == 98);
  CHECK(s.faults().empty());
}

} // namespace souk::tests
