// Drives the committer and `open` by several owners of one database,
// against a SQLite file and a PostgreSQL database.
#include "persistence/reads.hpp"
#include "tests/persistence/support/store.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <thread>

namespace souk::tests {

using namespace actors;
using Catch::Matchers::Contains;
using domain::domain_id;
using persistence::access;
using persistence::committer;
using persistence::connection;
using persistence::database_error;
using persistence::location;

namespace {

/// Another node takes a shard over, as moving it does.
void take_over(const store& s, domain_id domain, uint32_t shard) {
  s.execute("update ownership set node = 'there', epoch = epoch + 1 where domain = "
            + std::to_string(static_cast<int>(domain)) + " and shard = " + std::to_string(shard));
}

/// The number in persistence/open.cpp.
const std::string lock_key = std::to_string(0x736f756b02);
const std::string held_locks =
  "from pg_locks where locktype = 'advisory' and granted and (classid::bigint << 32 | "
  "objid::bigint) = "
  + lock_key + " and database = (select oid from pg_database where datname = current_database())";

int64_t lock_holders(const database& d) {
  return d.number("select count(*) " + held_locks);
}

void end_lock_session(const database& d) {
  auto session = d.number("select pid " + held_locks);
  d.execute("select pg_terminate_backend(" + std::to_string(session) + ", 10000)");
}

/// Stands in the queue for the server's lock, before its keeper can come back, and holds it then.
class lock_rival {
public:
  explicit lock_rival(const database& d)
    : waiting_{[this, &d] {
        held_ =
          std::make_unique<open_transaction>(d, "select pg_advisory_xact_lock(" + lock_key + ")");
      }} {
    auto queued = "select count(*) from pg_locks where locktype = 'advisory' and not granted and "
                  "database = (select oid from pg_database where datname = current_database())";
    REQUIRE(eventually(30s, [&] { return d.number(queued) == 1; }));
  }

private:
  std::unique_ptr<open_transaction> held_;
  std::jthread waiting_;
};

/// The ids of the events that a reader of the log has before it, in their order.
std::vector<int64_t> unread(const store& s, const std::string& consumer) {
  connection session{location::parse(s.options.url), access::reader, 10s};
  session.open();
  persistence::reads ask{session.sql(), session.kind()};
  std::vector<int64_t> result;
  for (auto& e : ask.events({ask.position(consumer), 100}).items)
    result.push_back(e.id);
  return result;
}

} // namespace

TEST_CASE("a write of an earlier owner is refused, its batch mates are not") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  take_over(s, domain_id::order, 2);
  auto result = s.commit({place(5, {{1, 1}}, order_shard(1)), place(6, {{1, 10}}, order_shard(2)),
                          place(7, {{1, 2}}, order_shard(3)), adjust(1, 5, 0, stock_shard(2))});
  CHECK(result.decisions[0].error == ec::none);
  CHECK(result.decisions[1].error == ec::not_owner);
  CHECK(result.decisions[2].error == ec::none);
  CHECK(result.decisions[3].error == ec::none);
  CHECK(s.count("orders") == 2);
  CHECK(s.count("orders", "id = 6") == 0);
  CHECK(s.on_hand(1) == 102);
  CHECK(s.faults().empty());
}

TEST_CASE("an epoch that is not the present one is refused, older or newer") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  s.reopen(); // the epoch is 2 now
  auto of_epoch = [](int64_t id, uint64_t epoch) {
    return place(id, {{1, 1}}, life_of(domain_id::order, 1, 1, epoch));
  };
  auto result = s.commit({of_epoch(5, 1), of_epoch(9, 2), of_epoch(13, 3)});
  CHECK(result.decisions[0].error == ec::not_owner);
  CHECK(result.decisions[1].error == ec::none);
  CHECK(result.decisions[2].error == ec::not_owner);
  CHECK(s.on_hand(1) == 99);
}

TEST_CASE("another process that writes under our name stops us") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  committer other{s.options};
  auto theirs = adjust(1, 5);
  const write* one = &theirs;
  CHECK(other.commit({&one, 1}).decisions[0].error == ec::none);
  auto result = s.commit({place(5, {{1, 1}}), adjust(1, 1)});
  CHECK(result.decisions[0].error == ec::not_owner);
  CHECK(result.decisions[1].error == ec::not_owner);
  CHECK(s.count("orders") == 0);
  CHECK(s.on_hand(1) == 105);
}

TEST_CASE("a fence gives a new number to those who own, and none to those who do not") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  take_over(s, domain_id::stock, 1);
  std::vector<fence> fences{{domain_id::stock, 0}, {domain_id::stock, 1}, {domain_id::order, 1}};
  std::vector<fenced> first;
  std::vector<fenced> second;
  REQUIRE(s.committer().fence(fences, first) == ec::none);
  REQUIRE(s.committer().fence(fences, second) == ec::none);
  REQUIRE(first.size() == 3);
  REQUIRE(second.size() == 3);
  for (auto i : {0, 2}) {
    CHECK(first[i].self.domain == fences[i].domain);
    CHECK(first[i].self.shard == fences[i].shard);
    CHECK(first[i].self.epoch == 1);
    CHECK(first[i].self.number > 0);
    CHECK(second[i].self.number == first[i].self.number + 1);
  }
  CHECK(first[1].self.number == 0);
  CHECK(second[1].self.number == 0);
}

TEST_CASE("ids come in blocks of 1024 that nobody gets again") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  std::set<int64_t> firsts;
  auto take = [&](id_block b) {
    CHECK(b.count == 1024);
    CHECK(firsts.insert(b.first).second);
    for (auto other : firsts)
      CHECK((other == b.first || std::abs(other - b.first) >= 1024));
  };
  for (int life = 0; life < 3; ++life) {
    std::vector<fenced> answers;
    fence ask{domain_id::order, 3};
    REQUIRE(s.committer().fence({&ask, 1}, answers) == ec::none);
    REQUIRE(answers.size() == 1);
    take(answers[0].ids);
    for (int i = 0; i < 3; ++i) {
      std::vector<id_block> more;
      REQUIRE(s.committer().take_ids({&answers[0].self, 1}, more) == ec::none);
      REQUIRE(more.size() == 1);
      take(more[0]);
    }
    s.reopen();
  }
  CHECK(firsts.size() == 12);
}

TEST_CASE("several shards take ids in one transaction, in any order") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  const std::vector<fence> asks{{domain_id::order, 3}, {domain_id::user, 1}, {domain_id::order, 0}};
  std::vector<fenced> fenced_as;
  REQUIRE(s.committer().fence(asks, fenced_as) == ec::none);
  std::vector<incarnation> wanted;
  for (auto& x : fenced_as)
    wanted.push_back(x.self);
  wanted[1].epoch += 1; // someone else's
  std::vector<id_block> got;
  REQUIRE(s.committer().take_ids(wanted, got) == ec::none);
  REQUIRE(got.size() == 3);
  CHECK(got[0].first == fenced_as[0].ids.first + 1024);
  CHECK(got[1].count == 0);
  CHECK(got[2].first == fenced_as[2].ids.first + 1024);
}

TEST_CASE("the id 0, which means none, is never given out") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  std::vector<fenced> answers;
  fence ask{domain_id::product, 0};
  REQUIRE(s.committer().fence({&ask, 1}, answers) == ec::none);
  CHECK(answers[0].ids.first == 1);
}

TEST_CASE("a second server on the same database is refused") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.options.lock_patience = 1s;
  auto again = message_of([&] { persistence::open(s.options); });
  CHECK_THAT(again, Contains("another server uses this database"));
  s.close();
  CHECK(message_of([&] { s.reopen(); }).empty());
}

TEST_CASE("the server lock is taken again after PostgreSQL ended its session") {
  store s{engine::postgresql};
  s.options.lock_patience = 1s;
  CHECK(lock_holders(s.sql()) == 1);
  end_lock_session(s.sql());
  REQUIRE(eventually(30s, [&] { return lock_holders(s.sql()) == 1; }));
  auto second = message_of([&] { persistence::open(s.options); });
  CHECK_THAT(second, Contains("another server uses this database"));
}

TEST_CASE("a server whose lock another session keeps for long is told that it was displaced") {
  database d{engine::postgresql};
  persistence::options o;
  o.url = d.url();
  o.lock_patience = 1s;
  std::atomic<int> displaced{0};
  auto opened = persistence::open(o, [&] { ++displaced; });
  lock_rival other{d};
  CHECK(displaced == 0);
  end_lock_session(d);
  CHECK(eventually(30s, [&] { return displaced == 1; }));
}

TEST_CASE("a server without its lock is displaced as soon as another one has raised the epochs") {
  database d{engine::postgresql};
  persistence::options o;
  o.url = d.url();
  o.lock_patience = 600s;
  std::atomic<int> displaced{0};
  auto opened = persistence::open(o, [&] { ++displaced; });
  lock_rival other{d};
  end_lock_session(d);
  d.execute("update ownership set node = 'there', epoch = epoch + 1");
  CHECK(eventually(30s, [&] { return displaced == 1; }));
}

TEST_CASE("a server waits for its lock while a session that was cut off may still hold it") {
  database d{engine::postgresql};
  persistence::options o;
  o.url = d.url();
  std::atomic<int> displaced{0};
  auto opened = persistence::open(o, [&] { ++displaced; });
  {
    lock_rival cut_off{d};
    end_lock_session(d);
    // The keeper was refused, and looked for another server.
    REQUIRE(eventually(30s, [&] {
      return d.number("select count(*) from pg_stat_activity where datname = current_database() "
                      "and state = 'idle' and query like '%sum(epoch)%'")
             == 1;
    }));
  }
  CHECK(eventually(30s, [&] { return lock_holders(d) == 1; }));
  CHECK(displaced == 0);
}

TEST_CASE("the event log is read on after a dump was restored into another cluster") {
  // The ids may grow with the transactions or, between several writers, not.
  const std::string step = GENERATE(as<std::string>{}, "+", "-");
  CAPTURE(step);
  store s{engine::postgresql};
  s.stock_up({100});
  for (int64_t id : {5, 9, 13})
    s.commit({place(id, {{1, 1}})});
  s.commit({place(17, {{1, 1}}), place(21, {{1, 1}}), place(25, {{1, 1}})}); // one row of the log
  auto all = s.sql().numbers("select id from event_list order by id");
  REQUIRE(all.size() >= 5);
  s.close();
  // The last event is one that a former version wrote after the restore.
  s.execute("update event set xid = cast(cast(1000000000000 " + step
            + " id as text) as xid8) where id < " + std::to_string(all.back()));
  s.execute("insert into event_reader (consumer, xid, id) select 'clerk', "
            "cast(cast(xid as text) as bigint), id from event where id = "
            + std::to_string(all[1]));
  for (int life = 2; life < 4; ++life) {
    s.reopen();
    auto w = place(life * 100 + 1, {{1, 1}}, life_of(domain_id::order, 1, 1, life));
    REQUIRE(s.commit({w}).decisions[0].error == ec::none);
    all = s.sql().numbers("select id from event_list order by id");
    // Other databases' transactions hold the end of the log back for a while.
    CHECK(eventually(30s, [&] { return unread(s, "of late") == all; }));
    auto rest = step == "+" ? std::vector<int64_t>{all.begin() + 2, all.end()} : all;
    CHECK(unread(s, "clerk") == rest);
  }
}

TEST_CASE("after such a restore no event is skipped that shares a row") {
  store s{engine::postgresql};
  s.stock_up({100});
  s.commit({place(5, {{1, 1}}), place(9, {{1, 1}}), place(13, {{1, 1}})});
  s.commit({place(17, {{1, 1}})});
  auto text = [](int64_t n) { return std::to_string(n); };
  const auto shared = s.number("select id from event where kind = ''");
  const auto alone = s.number("select min(id) from event where id > " + text(shared));
  s.close();
  // Of two writers' events one was read, and the row with the smaller ids was not.
  s.execute("update event set xid = cast(cast(1000000000000 - id as text) as xid8) where id in ("
            + text(shared) + ", " + text(alone) + ")");
  const bool inside = GENERATE(false, true);
  CAPTURE(inside);
  s.execute("insert into event_reader (consumer, xid, id) values ('clerk', 1000000000000 - "
            + (inside ? text(shared) + ", " + text(shared - 1) : text(alone) + ", " + text(alone))
            + ")");
  // A row that nobody of ours has written hinders nobody.
  s.execute("insert into event (id, xid, kind, subject, payload, created_at) values "
            "(1000000000, '2000000000000', '', '', '{', 1)");
  s.reopen();
  auto w = place(401, {{1, 1}}, life_of(domain_id::order, 1, 1, 2));
  REQUIRE(s.commit({w}).decisions[0].error == ec::none);
  CHECK(eventually(30s, [&] {
    const auto found = unread(s, "clerk");
    return std::ranges::count_if(found, [&](int64_t id) { return id > shared - 3; }) == 6;
  }));
  CHECK(s.number("select count(*) from event_list") >= 6);
}

TEST_CASE("what was fixed when a database was created stays") {
  SOUK_FOR_EACH_DATABASE(kind);
  database d{kind};
  persistence::options o;
  o.url = d.url();
  o.shards = 8;
  o.currency = "JPY";
  auto secret = persistence::open(o)->facts().secret;
  CHECK(secret.size() == 64);
  o.shards = 64;
  o.currency = "USD";
  auto again = persistence::open(o);
  CHECK(again->facts().shards == 8);
  CHECK(again->facts().currency == "JPY");
  CHECK(again->facts().secret == secret);
  CHECK_FALSE(again->facts().has_admin);
  CHECK_FALSE(again->facts().has_products);
  CHECK(d.number("select count(*) from ownership") == 4 * 8);
  CHECK(d.number("select min(epoch) from ownership") == 2);
}

TEST_CASE("opening tells whether there is an administrator and a catalog") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({1});
  auto root = sign_up(1, "root");
  root.user->row.user.role = domain::user_role::admin;
  s.commit({root});
  s.close();
  auto again = persistence::open(s.options);
  CHECK(again->facts().has_admin);
  CHECK(again->facts().has_products);
}

TEST_CASE("a URL or a server that is no good is one clear line") {
  persistence::options o;
  for (std::string url :
       {"mysql://x", "sqlite:", "", "postgresql://[", "postgresql://nobody@127.0.0.1:1/none"}) {
    CAPTURE(url);
    o.url = url;
    auto why = message_of([&] { persistence::open(o); });
    CHECK_FALSE(why.empty());
    CHECK(why.find('\n') == why.npos);
  }
}

} // namespace souk::tests
