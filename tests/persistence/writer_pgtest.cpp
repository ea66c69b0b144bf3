// Drives the writer actor message by message on a real actor system,
// against a SQLite file and a PostgreSQL database.
#include "persistence/committer.hpp"
#include "tests/persistence/support/store.hpp"
#include "tests/persistence/support/writer_system.hpp"

#include <optional>

namespace souk::tests {

using namespace actors;
using domain::domain_id;
using domain::order_status;
using persistence::now_ms;

namespace {

constexpr const char* lock_the_writer = "update writer set batch = batch where id = 'here'";

void break_orders(const store& s) {
  s.execute("alter table orders rename to orders_away");
}
void mend_orders(const store& s) {
  s.execute("alter table orders_away rename to orders");
}

/// Something that is no fault of the data, and only with order 5.
void refuse_order_5(const store& s) {
  if (s.postgresql()) {
    s.execute("create function refuse() returns trigger language plpgsql as "
              "$$ begin raise exception 'not this one'; end $$");
    s.execute("create trigger refuse before insert on orders for each row when (new.id = 5) "
              "execute function refuse()");
  } else {
    s.execute("create trigger refuse before insert on orders when new.id = 5 begin "
              "select abs(-9223372036854775808); end");
  }
}

bool is_done(const outcome<written>& x) {
  return x.error == ec::none && x.answer.refused == refusal::none;
}

} // namespace

TEST_CASE("after a failed write its incarnation may not write any more") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  writer_system w{s.options};
  auto first = w.ask(fence{domain_id::order, 1}).answer.self;
  auto beside = w.ask(fence{domain_id::order, 2}).answer.self;
  REQUIRE(is_done(w.ask(place(5, {{1, 1}}, first))));
  break_orders(s);
  CHECK(w.ask(place(9, {{1, 1}}, first)).error == ec::write_failed);
  mend_orders(s);

  CHECK(w.ask(place(13, {{1, 1}}, first)).error == ec::stale_incarnation);
  CHECK(w.ask(take_ids{first}).error == ec::stale_incarnation);
  CHECK(is_done(w.ask(place(6, {{1, 1}}, beside))));

  auto second = w.ask(fence{domain_id::order, 1});
  REQUIRE(second.error == ec::none);
  CHECK(second.answer.self.number == first.number + 1);
  CHECK(is_done(w.ask(place(17, {{1, 1}}, second.answer.self))));
  CHECK(w.ask(take_ids{second.answer.self}).error == ec::none);
  CHECK(w.ask(place(21, {{1, 1}}, first)).error == ec::stale_incarnation);
  CHECK(s.count("orders") == 3);
  CHECK(s.on_hand(1) == 97);
  CHECK(s.faults().empty());
}

TEST_CASE("what was sent behind a write that fails is not written") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  s.options.max_batch = 1; // so that each has a transaction of its own
  writer_system w{s.options};
  auto life = w.ask(fence{domain_id::order, 1}).answer.self;
  refuse_order_5(s);
  auto bad = w.send(place(5, {{1, 1}}, life));
  auto behind = w.send(place(9, {{1, 1}}, life));
  CHECK(writer_system::receive<written>(bad).error == ec::write_failed);
  CHECK(writer_system::receive<written>(behind).error == ec::stale_incarnation);
  CHECK(s.count("orders") == 0);
  CHECK(s.on_hand(1) == 100);
}

TEST_CASE("a batch that fails takes its incarnations with it, and no others") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  writer_system w{s.options};
  auto life = w.ask(fence{domain_id::order, 1}).answer.self;
  auto beside = w.ask(fence{domain_id::order, 2}).answer.self;
  refuse_order_5(s);
  auto hold = std::make_optional<open_transaction>(s.sql(), lock_the_writer);
  auto bad = w.send(place(5, {{1, 1}}, life));
  auto behind = w.send(place(9, {{1, 1}}, life)); // may share its batch
  hold.reset();
  CHECK(writer_system::receive<written>(bad).error == ec::write_failed);
  auto code = writer_system::receive<written>(behind).error;
  CHECK((code == ec::write_failed || code == ec::stale_incarnation));
  CHECK(w.ask(place(13, {{1, 1}}, life)).error == ec::stale_incarnation);
  CHECK(is_done(w.ask(place(6, {{1, 1}}, beside))));
  CHECK(s.count("orders") == 1);
  CHECK(s.on_hand(1) == 99);
}

TEST_CASE("an incarnation that is not the newest may not write, failed or not") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  writer_system w{s.options};
  auto first = w.ask(fence{domain_id::order, 1}).answer.self;
  auto second = w.ask(fence{domain_id::order, 1}).answer.self;
  CHECK(w.ask(place(5, {{1, 1}}, first)).error == ec::stale_incarnation);
  CHECK(is_done(w.ask(place(9, {{1, 1}}, second))));
  CHECK(s.count("orders") == 1);

  auto nobody = second; // a shard that waits for its fence
  nobody.number = 0;
  break_orders(s);
  CHECK(w.ask(place(13, {{1, 1}}, second)).error == ec::write_failed);
  mend_orders(s);
  CHECK(w.ask(place(17, {{1, 1}}, nobody)).error == ec::stale_incarnation);
  CHECK(s.count("orders") == 1);
}

TEST_CASE("a fence is answered when all that was sent before it is decided") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  writer_system w{s.options};
  auto life = w.ask(fence{domain_id::order, 1}).answer.self;
  auto next = life;
  ++next.number;
  auto hold = std::make_optional<open_transaction>(s.sql(), lock_the_writer);
  auto before = w.send(place(5, {{1, 1}}, life));
  auto also_before = w.send(place(9, {{1, 1}}, life));
  auto fenced_off = w.send(fence{domain_id::order, 1});
  auto too_late = w.send(place(13, {{1, 1}}, life));
  auto of_the_next = w.send(place(17, {{1, 1}}, next));
  hold.reset();
  auto f = writer_system::receive<fenced>(fenced_off);
  CHECK(f.answer.self.number == next.number);
  CHECK(s.count("orders", "id in (5, 9)") == 2);
  CHECK(is_done(writer_system::receive<written>(before)));
  CHECK(is_done(writer_system::receive<written>(also_before)));
  CHECK(writer_system::receive<written>(too_late).error == ec::stale_incarnation);
  CHECK(is_done(writer_system::receive<written>(of_the_next)));
  CHECK(s.count("orders") == 3);
}

TEST_CASE("a shard of another node gets no fence") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.execute("update ownership set node = 'there', epoch = epoch + 1 where shard = 2");
  writer_system w{s.options};
  auto life = w.ask(fence{domain_id::order, 1}).answer.self;
  auto of_another = w.send(fence{domain_id::order, 2});
  CHECK(writer_system::receive<fenced>(of_another).error == ec::not_owner);
  // It has been displaced, so it ends: nobody gets a word from it any more.
  CHECK(eventually(10s, [&] { return w.ask(take_ids{life}).error == ec::outcome_unknown; }));
}

TEST_CASE("a writer that has fenced nobody yet lets nobody write") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  std::optional<incarnation> life;
  {
    writer_system w{s.options};
    life = w.ask(fence{domain_id::order, 1}).answer.self;
    CHECK(is_done(w.ask(place(5, {{1, 1}}, *life))));
  }
  writer_system restarted{s.options};
  CHECK(restarted.ask(place(9, {{1, 1}}, *life)).error == ec::stale_incarnation);
  CHECK(restarted.ask(take_ids{*life}).error == ec::stale_incarnation);
  CHECK(s.count("orders") == 1);
}

TEST_CASE("of two accounts with one name that come at once, the first gets it") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  writer_system w{s.options};
  auto life = w.ask(fence{domain_id::user, 1}).answer.self;
  auto hold = std::make_optional<open_transaction>(s.sql(), lock_the_writer);
  auto a = w.send(sign_up(9, "ada", "", life));
  auto b = w.send(sign_up(2, "Ada", "", life)); // its id comes before the other one's
  hold.reset();
  CHECK(is_done(writer_system::receive<written>(a)));
  CHECK(writer_system::receive<written>(b).answer.refused == refusal::username_taken);
  CHECK(s.count("users") == 1);
}

TEST_CASE("a write whose deadline has passed is dropped and says so") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  writer_system w{s.options};
  auto life = w.ask(fence{domain_id::order, 1}).answer.self;
  auto late = place(5, {{1, 1}}, life);
  late.deadline = now_ms() - 1;
  auto in_time = place(9, {{1, 1}}, life);
  in_time.deadline = now_ms() + 60'000;
  auto a = w.send(late);
  auto b = w.send(in_time);
  CHECK(writer_system::receive<written>(a).error == ec::write_expired);
  CHECK(is_done(writer_system::receive<written>(b)));
  CHECK(s.count("orders") == 1);
  CHECK(s.on_hand(1) == 99);
}

TEST_CASE("several changes of one key come in batches of their own") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  writer_system w{s.options};
  auto life = w.ask(fence{domain_id::order, 1}).answer.self;
  auto before = s.batches();
  auto placed = place(5, {{1, 3}}, life);
  auto confirmed = change(placed, order_status::confirmed);
  auto cancelled = change(confirmed, order_status::cancelled);
  auto hold = std::make_optional<open_transaction>(s.sql(), lock_the_writer);
  auto a = w.send(placed);
  auto b = w.send(confirmed);
  auto c = w.send(cancelled);
  auto d = w.send(place(9, {{1, 1}}, life)); // joins the last one
  hold.reset();
  CHECK(is_done(writer_system::receive<written>(a)));
  CHECK(is_done(writer_system::receive<written>(b)));
  CHECK(is_done(writer_system::receive<written>(c)));
  CHECK(is_done(writer_system::receive<written>(d)));
  CHECK(s.batches() >= before + 3);
  CHECK(s.batches() <= before + 4);
  CHECK(s.number("select version from orders where id = 5") == 3);
  CHECK(s.count("event_list", "subject = 'order:5'") == 3);
  CHECK(s.on_hand(1) == 99);
  CHECK(s.faults().empty());
}

TEST_CASE("writes that wait for a commit share the next one") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({1000});
  writer_system w{s.options};
  auto life = w.ask(fence{domain_id::order, 1}).answer.self;
  auto before = s.batches();
  auto hold = std::make_optional<open_transaction>(s.sql(), lock_the_writer);
  auto sent = w.send_orders(100, life);
  auto late = place(1001, {{1, 1}}, life);
  late.deadline = now_ms() - 1;
  CHECK(w.ask(late).error == ec::write_expired); // so those before it have been taken in
  hold.reset();
  for (auto& x : sent)
    CHECK(is_done(writer_system::receive<written>(x)));
  CHECK(s.batches() <= before + 2);
  CHECK(s.on_hand(1) == 900);
}

TEST_CASE("ids that are asked for at once are all different, and no batch is cut for them") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  writer_system w{s.options};
  auto one = w.ask(fence{domain_id::order, 1}).answer.self;
  auto two = w.ask(fence{domain_id::order, 2}).answer.self;
  auto stale = one;
  --stale.number;
  auto before = s.batches();
  auto hold = std::make_optional<open_transaction>(s.sql(), lock_the_writer);
  auto held = w.send(place(5, {{1, 1}}, one));
  auto first = w.send(take_ids{one});
  auto early = w.send(place(9, {{1, 1}}, one));
  auto second = w.send(take_ids{one});
  auto refused = w.send(take_ids{stale});
  auto other = w.send(take_ids{two});
  auto late = w.send(place(6, {{1, 1}}, two));
  hold.reset();
  auto a = writer_system::receive<id_block>(first);
  auto b = writer_system::receive<id_block>(second);
  CHECK(a.answer.count == 1024);
  CHECK(b.answer.count == 1024);
  CHECK(std::abs(a.answer.first - b.answer.first) >= 1024);
  CHECK(writer_system::receive<id_block>(other).answer.count == 1024);
  CHECK(writer_system::receive<id_block>(refused).error == ec::stale_incarnation);
  for (auto* x : {&held, &early, &late})
    CHECK(is_done(writer_system::receive<written>(*x)));
  CHECK(s.batches() <= before + 2);
}

TEST_CASE("a key that is used twice at once is answered from the first") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  writer_system w{s.options};
  auto life = w.ask(fence{domain_id::order, 1}).answer.self;
  auto hold = std::make_optional<open_transaction>(s.sql(), lock_the_writer);
  auto a = w.send(under_key(place(5, {{1, 2}}, life), "k", "{\"n\":5}"));
  auto b = w.send(under_key(place(9, {{1, 2}}, life), "k", "{\"n\":9}"));
  hold.reset();
  CHECK(is_done(writer_system::receive<written>(a)));
  auto second = writer_system::receive<written>(b);
  CHECK(second.answer.refused == refusal::replayed);
  REQUIRE(second.answer.kept);
  CHECK(second.answer.kept->answer == "{\"n\":5}");
  CHECK(s.count("orders") == 1);
  CHECK(s.on_hand(1) == 98);
}

TEST_CASE("a count that is set waits for the changes before it, and they for it") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  writer_system w{s.options};
  auto stock = w.ask(fence{domain_id::stock, 1}).answer.self;
  auto orders = w.ask(fence{domain_id::order, 1}).answer.self;
  auto hold = std::make_optional<open_transaction>(s.sql(), lock_the_writer);
  auto a = w.send(place(5, {{1, 10}}, orders));
  auto b = w.send(set_count(1, 20, 0, stock));
  auto c = w.send(place(9, {{1, 5}}, orders));
  auto d = w.send(adjust(1, 2, 4, stock)); // of the version after those three
  hold.reset();
  CHECK(is_done(writer_system::receive<written>(a)));
  auto set = writer_system::receive<written>(b);
  CHECK(is_done(set));
  REQUIRE(set.answer.levels.size() == 1);
  CHECK(set.answer.levels[0].on_hand == 20);
  CHECK(is_done(writer_system::receive<written>(c)));
  CHECK(is_done(writer_system::receive<written>(d)));
  CHECK(s.on_hand(1) == 17);
  CHECK(s.faults().empty());
}

TEST_CASE("more writes than may wait are refused at once, and those admitted are written") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  s.options.max_queue = 3;
  writer_system w{s.options};
  auto life = w.ask(fence{domain_id::order, 1}).answer.self;
  auto hold = std::make_optional<open_transaction>(s.sql(), lock_the_writer);
  auto sent = w.send_orders(20, life);
  hold.reset();
  int64_t done = 0;
  int64_t overloaded = 0;
  for (auto& x : sent) {
    auto got = writer_system::receive<written>(x);
    done += is_done(got) ? 1 : 0;
    overloaded += got.error == ec::overloaded ? 1 : 0;
  }
  CHECK(done + overloaded == 20);
  CHECK(done >= 1);
  CHECK(overloaded >= 1);
  CHECK(s.count("orders") == done);
  // It was no failure: the same incarnation goes on.
  CHECK(is_done(w.ask(place(101, {{1, 1}}, life))));
}

TEST_CASE("a writer that ends decides what it has accepted") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  writer_system w{s.options};
  auto life = w.ask(fence{domain_id::order, 1}).answer.self;
  auto hold = std::make_optional<open_transaction>(s.sql(), lock_the_writer);
  auto a = w.send(place(5, {{1, 1}}, life));
  auto b = w.send(place(9, {{1, 1}}, life));
  caf::anon_send_exit(w.writer(), caf::exit_reason::user_shutdown);
  hold.reset();
  for (auto* x : {&a, &b}) {
    auto got = writer_system::receive<written>(*x);
    CHECK((is_done(got) || got.error == ec::outcome_unknown));
  }
}

} // namespace souk::tests
