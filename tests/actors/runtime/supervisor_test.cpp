// Drives supervisors and the root on the deterministic scheduler and its virtual clock,
// against shards that crash, do not start, or do not stop.
#include "actors/runtime/supervisor.hpp"
#include "tests/actors/support/fixture.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <vector>

using namespace souk::actors;
using namespace souk::actors::test;

namespace {

using names = std::vector<std::string>;

/// Shards that crash on a tick, and note when they begin and end.
struct supervision_fixture : actor_fixture {
  ~supervision_fixture() {
    end_all();
    for (auto& [shard, h] : alive)
      caf::anon_send_exit(h, caf::exit_reason::kill);
    alive.clear();
    run();
  }

  supervision domain(std::string name, uint32_t shards) {
    supervision s;
    s.name = name;
    s.shards = shards;
    s.start = [this, name](uint32_t i) {
      auto who = name + std::to_string(i);
      if (cannot_start == who) {
        cannot_start.clear();
        throw std::runtime_error("no database");
      }
      ++started[who];
      auto h = sys.spawn([this, who](caf::event_based_actor* self) -> caf::behavior {
        self->attach_functor([this, who] { ended.push_back(who); });
        self->set_exception_handler(crash_quietly);
        if (stubborn == who)
          self->set_exit_handler([](caf::exit_msg&) {});
        return {[](caf::tick_atom) { throw std::runtime_error("a defect"); }};
      });
      alive[who] = h;
      return h;
    };
    return s;
  }

  void crash(const std::string& who) { tell(alive.at(who), caf::tick_atom_v); }

  /// Tells why an actor ended, once it has.
  std::shared_ptr<caf::error> watch(const caf::actor& who) {
    auto why = std::make_shared<caf::error>();
    keep(sys.spawn([=](caf::event_based_actor* self) -> caf::behavior {
      self->monitor(who);
      self->set_down_handler([=](caf::down_msg& m) { *why = m.reason; });
      return {[](caf::tick_atom) {}};
    }));
    run();
    return why;
  }

  caf::actor supervise(supervision s) {
    auto h = keep(spawn_supervisor(sys, std::move(s)));
    run();
    return h;
  }

  caf::actor start_root(std::vector<supervision> domains) {
    auto h = keep(spawn_root(sys, std::move(domains),
                             [this](const std::string& name) { given_up.push_back(name); }));
    run();
    return h;
  }

  std::map<std::string, int> started;
  std::map<std::string, caf::actor> alive;
  names ended;
  names given_up;
  std::string stubborn;     ///< ignores all but a kill
  std::string cannot_start; ///< fails to start, once
};

} // namespace

TEST_CASE_METHOD(supervision_fixture, "all shards have been started when the supervisor answers") {
  auto s = supervise(domain("stock", 3));
  CHECK(ask<bool>(s, caf::ok_atom_v)->got());
  CHECK(started == std::map<std::string, int>{{"stock0", 1}, {"stock1", 1}, {"stock2", 1}});
}

TEST_CASE_METHOD(supervision_fixture,
                 "a shard that crashes is started again alone, after a back-off") {
  supervise(domain("stock", 3));
  crash("stock1");
  CHECK(started["stock1"] == 1);
  advance(9ms);
  CHECK(started["stock1"] == 1);
  advance(1ms);
  CHECK(started["stock1"] == 2);
  CHECK(started["stock0"] == 1);
  CHECK(started["stock2"] == 1);
  CHECK(ended == names{"stock1"});
}

TEST_CASE_METHOD(supervision_fixture, "the back-off doubles up to its limit") {
  auto what = domain("stock", 1);
  what.backoff_min = 100ms;
  what.backoff_max = 350ms;
  supervise(what);
  int starts = 1;
  for (auto wait : {100ms, 200ms, 350ms, 350ms}) {
    crash("stock0");
    advance(wait - 10ms);
    CHECK(started["stock0"] == starts);
    advance(10ms);
    CHECK(started["stock0"] == ++starts);
  }
}

TEST_CASE_METHOD(supervision_fixture,
                 "a shard that crashes more than five times in 30 s escalates") {
  auto s = supervise(domain("stock", 2));
  auto why = watch(s);
  for (int i = 0; i < 5; ++i) {
    crash("stock0");
    advance(3s);
  }
  CHECK(started["stock0"] == 6);
  CHECK_FALSE(*why);
  crash("stock0");
  CHECK(*why == caf::make_error(ec::internal));
  CHECK(started["stock0"] == 6);
  CHECK(ended.back() == "stock1");
}

TEST_CASE_METHOD(supervision_fixture, "crashes far apart never escalate") {
  auto s = supervise(domain("stock", 1));
  auto why = watch(s);
  for (int i = 0; i < 20; ++i) {
    crash("stock0");
    advance(7s);
  }
  CHECK_FALSE(*why);
  CHECK(started["stock0"] == 21);
}

TEST_CASE_METHOD(supervision_fixture, "three bad shards escalate, two do not") {
  auto s = supervise(domain("stock", 4));
  auto why = watch(s);
  for (auto who : {"stock0", "stock1"})
    for (int i = 0; i < 3; ++i) {
      crash(who);
      advance(1s);
    }
  crash("stock3");
  advance(1s);
  crash("stock2");
  advance(1s);
  crash("stock2");
  advance(1s);
  CHECK_FALSE(*why);
  crash("stock2");
  CHECK(*why == caf::make_error(ec::internal));
}

TEST_CASE_METHOD(supervision_fixture, "a shard that cannot be started is tried again") {
  cannot_start = "stock1";
  auto s = supervise(domain("stock", 3));
  auto why = watch(s);
  CHECK(started == std::map<std::string, int>{{"stock0", 1}, {"stock2", 1}});
  advance(10ms);
  CHECK(started["stock1"] == 1);
  cannot_start = "stock2";
  crash("stock2");
  advance(10ms);
  CHECK(started["stock2"] == 1);
  advance(20ms);
  CHECK(started["stock2"] == 2);
  CHECK(started["stock0"] == 1);
  CHECK_FALSE(*why);
}

TEST_CASE_METHOD(supervision_fixture, "stopping ends every shard before the supervisor") {
  auto s = supervise(domain("stock", 3));
  auto why = watch(s);
  caf::anon_send_exit(s, caf::exit_reason::user_shutdown);
  run();
  CHECK(ended.size() == 3);
  CHECK(*why == caf::make_error(caf::exit_reason::user_shutdown));
  advance(10s);
  CHECK(started == std::map<std::string, int>{{"stock0", 1}, {"stock1", 1}, {"stock2", 1}});
}

TEST_CASE_METHOD(supervision_fixture, "a shard that was to be started again is not, after a stop") {
  auto s = supervise(domain("stock", 1));
  auto why = watch(s);
  crash("stock0");
  caf::anon_send_exit(s, caf::exit_reason::user_shutdown);
  advance(5s);
  CHECK(*why == caf::make_error(caf::exit_reason::user_shutdown));
  CHECK(started["stock0"] == 1);
}

TEST_CASE_METHOD(supervision_fixture, "a shard that does not stop is killed after a while") {
  stubborn = "stock1";
  auto s = supervise(domain("stock", 2));
  auto why = watch(s);
  caf::anon_send_exit(s, caf::exit_reason::user_shutdown);
  advance(7'900ms);
  CHECK(ended == names{"stock0"});
  CHECK_FALSE(*why);
  advance(100ms);
  CHECK(ended == names{"stock0", "stock1"});
  CHECK(*why);
}

TEST_CASE_METHOD(supervision_fixture, "the root answers when every domain has started its shards") {
  auto root = start_root({domain("writer", 1), domain("stock", 2)});
  CHECK(ask<bool>(root, caf::ok_atom_v)->got());
  CHECK(started.size() == 3);
}

TEST_CASE_METHOD(supervision_fixture, "the root starts a domain once more, then gives up") {
  start_root({domain("writer", 1), domain("stock", 1)});
  auto give_up = [this] {
    for (int i = 0; i < 6; ++i) {
      crash("stock0");
      advance(2s);
    }
  };
  give_up();
  CHECK(started["stock0"] == 7);
  CHECK(started["writer0"] == 1);
  CHECK(given_up.empty());
  give_up();
  CHECK(given_up == names{"stock"});
  CHECK(started["stock0"] == 12);
  advance(60s);
  CHECK(given_up == names{"stock"});
}

TEST_CASE_METHOD(supervision_fixture, "the process is given up once, however many domains fail") {
  start_root({domain("writer", 1), domain("stock", 1)});
  for (auto who : {"stock0", "writer0"})
    for (int i = 0; i < 12; ++i) {
      crash(who);
      advance(2s);
    }
  CHECK(given_up == names{"stock"});
}

TEST_CASE_METHOD(supervision_fixture, "the root stops its domains in reverse order") {
  stubborn = "stock0";
  auto root = start_root({domain("writer", 1), domain("stock", 1), domain("order", 1)});
  auto why = watch(root);
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  run();
  CHECK(ended == names{"order0"});
  advance(8s);
  CHECK(ended == names{"order0", "stock0", "writer0"});
  CHECK(*why == caf::make_error(caf::exit_reason::user_shutdown));
  CHECK(given_up.empty());
}

TEST_CASE_METHOD(supervision_fixture, "a domain's table leads to the shard's next life") {
  auto table = std::make_shared<shard_table<notifier_actor>>(2);
  auto what = souk::actors::supervise<notifier_actor>("notifier", table, [this](uint32_t) {
    return keep(sys.spawn([](notifier_actor::pointer self) -> notifier_actor::behavior_type {
      self->set_exception_handler(crash_quietly);
      return {[](const events_committed&) { throw std::runtime_error("a defect"); }};
    }));
  });
  supervise(what);
  router r{table};
  auto first = r.at(1);
  tell(first, events_committed{});
  advance(10ms);
  CHECK(r.at(1));
  CHECK(r.at(1) != first);
  table->clear();
}
