// Drives an actor's requests and their time-outs on the deterministic scheduler's virtual clock,
// against answers that come in time, too late, as errors, or never.
#include "actors/runtime/patience.hpp"
#include "tests/actors/support/fixture.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

using silent_actor =
  caf::typed_actor<caf::replies_to<get_user>::with<domain::user>, caf::reacts_to<caf::tick_atom>>;
using asking_actor = caf::typed_actor<caf::reacts_to<caf::timeout_atom>, caf::reacts_to<int64_t>>;

struct asking_state {
  patience open;
};

/// How many responses CAF keeps a handler for. The class only lends its right to look.
struct awaited : caf::scheduled_actor {
  static size_t by(const asking_actor& x) {
    auto* self = static_cast<caf::scheduled_actor*>(caf::actor_cast<caf::abstract_actor*>(x));
    return (self->*&awaited::multiplexed_responses_).size();
  }
};

/// Answers when the test says so.
struct patience_fixture : actor_fixture {
  patience_fixture() {
    silent = keep(sys.spawn([this](silent_actor::pointer self) -> silent_actor::behavior_type {
      return {
        [=, this](const get_user&) -> caf::result<domain::user> {
          if (fail_at_once)
            return caf::make_error(ec::not_found);
          auto p = self->make_response_promise<domain::user>();
          promises.push_back(p);
          return p;
        },
        [this](caf::tick_atom) {
          for (auto& p : std::exchange(promises, {}))
            p.deliver(domain::user{});
        },
      };
    }));
    asking = keep(sys.spawn(
      [this](asking_actor::stateful_pointer<asking_state> self) -> asking_actor::behavior_type {
        return {
          [=](caf::timeout_atom) { self->state.open.sweep(self); },
          [=, this](int64_t ms) {
            self->state.open.ask<domain::user>(
              self, ask_nobody ? silent_actor{} : silent, milliseconds{ms}, get_user{},
              [this, held = held](domain::user&) { heard.push_back("answer"); },
              [this, held = held](caf::error& why) { heard.push_back(sys.render(why)); });
          },
        };
      }));
  }
  ~patience_fixture() { end_all(); }

  void ask_within(milliseconds t) { tell(asking, int64_t{t.count()}); }

  silent_actor silent;
  asking_actor asking;
  bool fail_at_once = false;
  bool ask_nobody = false;
  std::shared_ptr<int> held = std::make_shared<int>(); ///< by every open request
  std::vector<caf::typed_response_promise<domain::user>> promises;
  std::vector<std::string> heard;
};

} // namespace

TEST_CASE_METHOD(patience_fixture, "an answer in time is heard once") {
  ask_within(1s);
  advance(900ms);
  tell(silent, caf::tick_atom_v);
  CHECK(heard == std::vector<std::string>{"answer"});
  advance(5s);
  CHECK(heard.size() == 1);
}

TEST_CASE_METHOD(patience_fixture, "a time-out comes in time, and the late answer is not heard") {
  ask_within(1s);
  advance(990ms);
  CHECK(heard.empty());
  advance(10ms + patience::interval);
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].find("request_timeout") != std::string::npos);
  tell(silent, caf::tick_atom_v);
  CHECK(heard.size() == 1);
}

TEST_CASE_METHOD(patience_fixture, "an error is heard once") {
  fail_at_once = true;
  ask_within(1s);
  advance(5s);
  CHECK(heard.size() == 1);
}

TEST_CASE_METHOD(patience_fixture, "a receiver that dies is heard of at the time-out") {
  ask_within(1s);
  kill(silent);
  advance(2s);
  CHECK(heard.size() == 1);
  ask_within(1s); // one that is dead already, at once
  CHECK(heard.size() == 2);
}

TEST_CASE_METHOD(patience_fixture, "nobody to ask is an error, by and by") {
  ask_nobody = true;
  ask_within(1s);
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].find("invalid_argument") != std::string::npos);
  advance(5s);
  CHECK(heard.size() == 1);
}

TEST_CASE_METHOD(patience_fixture, "what a request holds is let go of when it is decided") {
  SECTION("by an answer") {
    ask_within(10s);
    CHECK(held.use_count() == 3);
    CHECK(awaited::by(asking) == 1);
    tell(silent, caf::tick_atom_v);
  }
  SECTION("by an error") {
    fail_at_once = true;
    ask_within(10s);
  }
  SECTION("by the time") {
    ask_within(10s);
    advance(11s);
  }
  CHECK(heard.size() == 1);
  CHECK(held.use_count() == 1);
  CHECK(awaited::by(asking) == 0);
}

TEST_CASE_METHOD(patience_fixture, "an answer is heard although a request before it is open") {
  ask_within(10s);
  const auto first = std::exchange(promises, {});
  ask_within(10s);
  tell(silent, caf::tick_atom_v);
  CHECK(heard == std::vector<std::string>{"answer"});
  CHECK(held.use_count() == 3);
  advance(11s);
  CHECK(heard.size() == 2);
  CHECK(held.use_count() == 1);
}

TEST_CASE_METHOD(patience_fixture, "time-outs of different lengths do not hold each other up") {
  ask_within(3s);
  ask_within(500ms);
  ask_within(3s);
  advance(1s);
  CHECK(heard.size() == 1);
  advance(1s);
  CHECK(heard.size() == 1);
  advance(2s);
  CHECK(heard.size() == 3);
  ask_within(500ms);
  advance(1s);
  CHECK(heard.size() == 4);
}

TEST_CASE_METHOD(patience_fixture, "no clock runs when nothing is open") {
  ask_within(500ms);
  tell(silent, caf::tick_atom_v);
  advance(2s);
  CHECK_FALSE(sched.has_pending_timeout());
}
