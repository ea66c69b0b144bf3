// Drives the promise that cannot be forgotten inside actors on the deterministic scheduler,
// against actors that answer twice, drop it, throw, or are killed.
#include "actors/runtime/promise.hpp"
#include "tests/actors/support/fixture.hpp"

#include <catch2/catch.hpp>

#include <functional>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

using promise = promised<domain::user>;
using asked_actor = caf::typed_actor<caf::replies_to<get_user>::with<domain::user>>;

domain::user named(const char* username) {
  domain::user u;
  u.username = username;
  return u;
}

/// An actor that does with its promise what the test says.
struct promise_fixture : actor_fixture {
  asked_actor spawn(std::function<void(asked_actor::pointer, const promise&)> work) {
    return keep(sys.spawn([work](asked_actor::pointer self) -> asked_actor::behavior_type {
      return {[=](const get_user&) -> caf::result<domain::user> {
        promise p{self};
        work(self, p);
        return p.raw();
      }};
    }));
  }
};

/// The state of an actor that keeps promises.
struct keeper {
  std::vector<promise> kept;
};
using keeper_actor = asked_actor::extend<caf::reacts_to<caf::tick_atom>>;

keeper_actor::behavior_type keeper_behavior(keeper_actor::stateful_pointer<keeper> self,
                                            ec if_lost) {
  self->set_exception_handler(crash_quietly);
  return {
    [=](const get_user&) -> caf::result<domain::user> {
      promise p{self};
      p.if_lost(if_lost);
      self->state.kept.push_back(p);
      return p.raw();
    },
    [](caf::tick_atom) { throw std::runtime_error("a defect that the test asked for"); },
  };
}

} // namespace

TEST_CASE_METHOD(promise_fixture, "a promise delivers its value at once or later") {
  promise* later = nullptr;
  std::unique_ptr<promise> held;
  auto a = spawn([&](auto*, const promise& p) {
    if (later == nullptr)
      held = std::make_unique<promise>(p);
    later = held.get();
  });
  auto first = ask<domain::user>(a, get_user{});
  CHECK(first->open());
  auto now = spawn([&](auto*, const promise& p) {
    p.deliver(named("now"));
    later->deliver(named("later"));
  });
  auto second = ask<domain::user>(now, get_user{});
  CHECK(second->got().username == "now");
  CHECK(first->got().username == "later");
}

TEST_CASE_METHOD(promise_fixture, "only the first answer counts, whichever copy gives it") {
  auto a = spawn([](auto*, const promise& p) {
    auto copy = p;
    copy.deliver(named("first"));
    p.deliver(named("second"));
    p.fail(ec::internal);
  });
  auto r = ask<domain::user>(a, get_user{});
  CHECK(r->answers == 1);
  CHECK(r->got().username == "first");
}

TEST_CASE_METHOD(promise_fixture, "rule 10: a promise that is dropped is answered as restarting") {
  auto r = ask<domain::user>(spawn([](auto*, const promise&) {}), get_user{});
  CHECK(r->failed == ec::restarting);
  CHECK(r->answers == 1);
}

TEST_CASE_METHOD(promise_fixture,
                 "rule 10: dropped after a write was sent, its outcome is unknown") {
  auto r = ask<domain::user>(spawn([](auto*, const promise& p) { p.if_lost(ec::outcome_unknown); }),
                             get_user{});
  CHECK(r->failed == ec::outcome_unknown);
}

TEST_CASE_METHOD(promise_fixture, "rule 10: promises of an actor that is killed are answered") {
  auto a = keep(sys.spawn(keeper_behavior, ec::restarting));
  auto b = keep(sys.spawn(keeper_behavior, ec::outcome_unknown));
  auto first = ask<domain::user>(a, get_user{});
  auto second = ask<domain::user>(b, get_user{});
  CHECK(first->open());
  kill(a);
  kill(b);
  CHECK(first->failed == ec::restarting);
  CHECK(second->failed == ec::outcome_unknown);
}

TEST_CASE_METHOD(promise_fixture, "rule 10: promises of an actor that throws are answered") {
  auto a = keep(sys.spawn(keeper_behavior, ec::outcome_unknown));
  auto first = ask<domain::user>(a, get_user{});
  auto second = ask<domain::user>(a, get_user{});
  tell(a, caf::tick_atom_v);
  CHECK(first->failed == ec::outcome_unknown);
  CHECK(second->failed == ec::outcome_unknown);
}

TEST_CASE_METHOD(promise_fixture,
                 "rule 10: promises in an open request's continuation are answered") {
  auto silent =
    spawn([kept = std::vector<promise>{}](auto*, const promise& p) mutable { kept.push_back(p); });
  auto a = spawn([=](asked_actor::pointer self, const promise& p) {
    self->request(silent, std::chrono::minutes{1}, get_user{})
      .then([p](domain::user& u) { p.deliver(std::move(u)); },
            [p](const caf::error&) { p.fail(ec::internal); });
  });
  auto r = ask<domain::user>(a, get_user{});
  CHECK(r->open());
  kill(a);
  CHECK(r->failed == ec::restarting);
}
