// What becomes of those who wait for the database: whose turn it is, and whose time is over. On a
// real actor system, against a SQLite file and a PostgreSQL database.
#include "persistence/committer.hpp"
#include "tests/persistence/support/store.hpp"
#include "tests/persistence/support/writer_system.hpp"

#include <future>
#include <optional>
#include <vector>

namespace souk::tests {

using namespace actors;
using domain::domain_id;

namespace {

void refuse_ids(const store& s) {
  if (s.postgresql()) {
    s.execute("create function refuse_ids() returns trigger language plpgsql as "
              "$$ begin raise exception 'no ids'; end $$");
    s.execute("create trigger refuse_ids before update on id_block for each row "
              "execute function refuse_ids()");
  } else {
    s.execute("create trigger refuse_ids before update on id_block begin "
              "select abs(-9223372036854775808); end");
  }
}

/// Asks for ids as fast as it is refused, for several shards, so that some ask while others are
/// being refused, and writes now and then. As one actor it sees the writer's answers in the order
/// in which they were given.
struct insistent {
  std::vector<int> passed; ///< refusals while each write waited
  std::promise<std::vector<int>> done;
  int refused = 0;
  int64_t sent = 0; ///< writes
};
using insistent_actor = caf::stateful_actor<insistent>;

constexpr int writes_wanted = 5;
constexpr int refusals_between = 20; // enough to have some under way at any time

void write_next(insistent_actor* self, const writer_actor& writer, incarnation by) {
  auto& st = self->state;
  const auto id = 4 * ++st.sent;
  self->request(writer, std::chrono::seconds{60}, place(id, {{1, 1}}, by))
    .then([=, before = st.refused](
            const written&) { self->state.passed.push_back(self->state.refused - before); },
          [=](const caf::error&) { self->quit(); }); // a broken promise fails the test
}

void ask_again(insistent_actor* self, const writer_actor& writer, incarnation writes,
               incarnation asks) {
  self->request(writer, std::chrono::seconds{60}, take_ids{asks})
    .then([=](const id_block&) { self->quit(); },
          [=](const caf::error&) {
            auto& st = self->state;
            if (st.passed.size() == writes_wanted) {
              st.done.set_value(std::move(st.passed));
              self->quit();
              return;
            }
            if (++st.refused % refusals_between == 0)
              write_next(self, writer, writes);
            ask_again(self, writer, writes, asks);
          });
}

} // namespace

TEST_CASE("writes have their turn while shards ask for ids that are refused again and again") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  writer_system w{s.options};
  std::vector<incarnation> lives;
  for (uint32_t shard = 0; shard < s.options.shards; ++shard)
    lives.push_back(w.ask(fence{domain_id::order, shard}).answer.self);
  refuse_ids(s);

  std::promise<std::vector<int>> done;
  auto passed = done.get_future();
  auto actor = w.system().spawn([&](insistent_actor* self) {
    self->state.done = std::move(done);
    for (size_t i = 1; i < lives.size(); ++i)
      ask_again(self, w.writer(), lives[0], lives[i]);
  });
  REQUIRE(passed.wait_for(60s) == std::future_status::ready);
  // One attempt was running and one may have begun before the write came: of all shards at most.
  const auto most = static_cast<int>(3 * (lives.size() - 1));
  for (auto n : passed.get())
    CHECK(n <= most);
  CHECK(s.count("orders") == writes_wanted);
  CHECK(s.on_hand(1) == 100 - writes_wanted);
}

TEST_CASE("a write that expires behind a database that stands still is told so meanwhile") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  s.options.max_batch = 1; // so that some wait in the next batch, and some behind it
  writer_system w{s.options};
  auto life = w.ask(fence{domain_id::order, 1}).answer.self;
  auto hold = std::make_optional<open_transaction>(
    s.sql(), "update writer set batch = batch where id = 'here'");
  auto at_work = w.send(place(5, {{1, 1}}, life));
  auto late = [&](int64_t id) {
    auto x = place(id, {{1, 1}}, life);
    x.deadline = persistence::now_ms() + 300;
    return w.send(x);
  };
  auto in_next = late(9);
  auto in_queue = late(13);
  auto patient = w.send(place(17, {{1, 1}}, life));
  CHECK(writer_system::receive<written>(in_next).error == ec::write_expired);
  CHECK(writer_system::receive<written>(in_queue).error == ec::write_expired);
  CHECK(s.count("orders") == 0);
  hold.reset();
  CHECK(writer_system::receive<written>(at_work).error == ec::none);
  CHECK(writer_system::receive<written>(patient).error == ec::none);
  CHECK(s.count("orders") == 2);
  CHECK(s.on_hand(1) == 98);
}

TEST_CASE("a batch that would wait for more is decided all the same") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  s.options.max_batch = 8;
  writer_system w{s.options};
  auto life = w.ask(fence{domain_id::order, 1}).answer.self;
  auto hold = std::make_optional<open_transaction>(
    s.sql(), "update writer set batch = batch where id = 'here'");
  // one at work, eight in the next batch, one alone behind them
  auto sent = w.send_orders(10, life);
  SECTION("soon") {}
  SECTION("before the writer's end") {
    caf::anon_send_exit(w.writer(), caf::exit_reason::user_shutdown);
  }
  hold.reset();
  for (auto& x : sent)
    CHECK(writer_system::receive<written>(x).error == ec::none);
  CHECK(s.count("orders") == 10);
  CHECK(s.on_hand(1) == 90);
}

} // namespace souk::tests
