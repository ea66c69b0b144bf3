// Drives idempotency in a shard's memory inside an actor on the deterministic scheduler,
// against requests with the same key, another body, refusals, and answers from the database.
#include "actors/runtime/kept_answers.hpp"
#include "tests/actors/support/fixture.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

using keeping_actor = caf::typed_actor<caf::replies_to<register_user>::with<user_answer>,
                                       caf::reacts_to<caf::tick_atom>>;
using promise = promised<user_answer>;

struct keeping_state {
  std::vector<std::pair<register_user, promise>> open;
  kept_answers<domain::user> answers{3 * (entry_bytes + bytes_of(domain::user{}) + 16)};
};
using keeping_pointer = keeping_actor::stateful_pointer<keeping_state>;

domain::user named(std::string username) {
  domain::user u;
  u.username = std::move(username);
  return u;
}

register_user with_key(std::string id, std::string fingerprint = "body") {
  register_user cmd;
  cmd.call.key = {std::move(id), std::move(fingerprint)};
  return cmd;
}

/// One actor whose works wait for the test to decide them.
struct keeping_fixture : actor_fixture {
  keeping_fixture() {
    actor = keep(sys.spawn([this](keeping_pointer self) -> keeping_actor::behavior_type {
      self->set_exception_handler(crash_quietly);
      return {
        [=, this](const register_user& cmd) -> caf::result<user_answer> {
          promise p{self};
          if (self->state.answers.begin(cmd.call.key, p)) {
            ++begun;
            self->state.open.emplace_back(cmd, p);
          }
          return p.raw();
        },
        [=, this](caf::tick_atom) {
          for (auto& [cmd, p] : std::exchange(self->state.open, {}))
            decide(self->state.answers, cmd.call.key, p);
        },
      };
    }));
  }
  ~keeping_fixture() { end_all(); }

  using decision =
    std::function<void(kept_answers<domain::user>&, const idempotency_key&, const promise&)>;

  /// Ends all works that have begun in this way.
  void end_with(decision how) {
    decide = std::move(how);
    tell(actor, caf::tick_atom_v);
  }
  void succeed(const char* username) {
    end_with([=](auto& a, auto& key, auto& p) { a.succeed(key, p, named(username)); });
  }
  reply<user_answer> request(const register_user& cmd) { return ask<user_answer>(actor, cmd); }

  keeping_actor actor;
  decision decide;
  int begun = 0;
};

} // namespace

TEST_CASE_METHOD(keeping_fixture, "without a key every request is work") {
  auto a = request(with_key(""));
  auto b = request(with_key(""));
  CHECK(begun == 2);
  succeed("new");
  CHECK_FALSE(a->got().replayed);
  CHECK_FALSE(b->got().replayed);
}

TEST_CASE_METHOD(keeping_fixture,
                 "rule 12: a second request waits for the first and gets its answer") {
  auto first = request(with_key("k"));
  auto second = request(with_key("k"));
  CHECK(begun == 1);
  CHECK(second->open());
  succeed("new");
  CHECK_FALSE(first->got().replayed);
  CHECK(second->got().replayed);
  CHECK(second->got().value == first->got().value);
}

TEST_CASE_METHOD(keeping_fixture, "rule 12: what succeeded is answered again without work") {
  request(with_key("k"));
  succeed("new");
  auto again = request(with_key("k"));
  CHECK(begun == 1);
  CHECK(again->got().replayed);
  CHECK(again->got().value.username == "new");
}

TEST_CASE_METHOD(keeping_fixture, "rule 12: a key with another body is refused, before and after") {
  auto first = request(with_key("k"));
  CHECK(request(with_key("k", "other"))->failed == ec::idempotency_key_reused);
  succeed("new");
  CHECK(first->value);
  CHECK(request(with_key("k", "other"))->failed == ec::idempotency_key_reused);
  CHECK(begun == 1);
}

TEST_CASE_METHOD(keeping_fixture, "rule 12: a refusal is for all who waited, and is not kept") {
  auto first = request(with_key("k"));
  auto second = request(with_key("k"));
  end_with([](auto& a, auto& key, auto& p) {
    a.fail(key, p, caf::make_error(ec::order_limit_reached, int64_t{30}));
  });
  CHECK(first->failed == ec::order_limit_reached);
  CHECK(second->failed == ec::order_limit_reached);
  CHECK(second->why.context().get_as<int64_t>(0) == 30);
  auto third = request(with_key("k"));
  CHECK(third->open());
  CHECK(begun == 2);
  succeed("new");
  CHECK_FALSE(third->got().replayed);
}

TEST_CASE_METHOD(keeping_fixture, "rule 12: the database's answer is everyone's, as a replay") {
  auto first = request(with_key("k"));
  auto second = request(with_key("k"));
  end_with([](auto& a, auto& key, auto& p) { a.replayed(key, p, "body", named("old")); });
  CHECK(first->got().replayed);
  CHECK(first->got().value.username == "old");
  CHECK(second->got().replayed);
  CHECK(request(with_key("k"))->got().value.username == "old");
}

TEST_CASE_METHOD(keeping_fixture,
                 "rule 12: the database's answer to another body refuses this one") {
  auto first = request(with_key("k", "new body"));
  auto second = request(with_key("k", "new body"));
  end_with([](auto& a, auto& key, auto& p) { a.replayed(key, p, "old body", named("old")); });
  CHECK(first->failed == ec::idempotency_key_reused);
  CHECK(second->failed == ec::idempotency_key_reused);
  CHECK(request(with_key("k", "old body"))->got().replayed);
}

TEST_CASE_METHOD(keeping_fixture,
                 "memory is bounded: the oldest answers are left to the database") {
  for (auto key : {"a", "b", "c", "d"}) {
    request(with_key(key));
    succeed(key);
  }
  CHECK(request(with_key("d"))->got().replayed);
  CHECK(request(with_key("a"))->open());
  CHECK(begun == 5);
}

TEST_CASE_METHOD(keeping_fixture, "memory is bounded by bytes: a long answer takes others' room") {
  for (auto key : {"a", "b", "c"}) {
    request(with_key(key));
    succeed(key);
  }
  const std::string long_name(1'000, 'x');
  request(with_key("d"));
  succeed(long_name.c_str());
  CHECK(request(with_key("d"))->got().value.username == long_name);
  CHECK(request(with_key("c"))->open());
}

TEST_CASE("an answer's bytes are those of its texts and lists too") {
  const std::string text(10'000, 'x');
  product_view p;
  p.product.detail = text;
  CHECK(bytes_of(p) > text.size());
  CHECK(bytes_of(product_view{}) < 500);
  cart_view cart;
  cart.items.resize(100);
  cart.items[0].name = text;
  CHECK(bytes_of(cart) > text.size() + 100 * sizeof(cart_item));
  domain::order o;
  CHECK(weight_of(o) == 1);
  o.changes.resize(1'000);
  CHECK(weight_of(o) > 20);
  o.changes.clear();
  o.lines.resize(domain::max_order_lines);
  o.note = text;
  CHECK(weight_of(o) > 15);
}

TEST_CASE_METHOD(keeping_fixture,
                 "rule 10: who waits behind a key is answered when the actor dies") {
  auto first = request(with_key("k"));
  auto second = request(with_key("k"));
  kill(actor);
  CHECK(first->failed == ec::restarting);
  CHECK(second->answers == 1);
}

TEST_CASE_METHOD(keeping_fixture,
                 "rule 10: who waits behind a key whose write was sent is told that its outcome is "
                 "unknown") {
  auto first = request(with_key("k"));
  auto second = request(with_key("k"));
  end_with([this](auto&, auto&, auto& p) {
    p.if_lost(ec::outcome_unknown);
    crash_next = true;
    now();
  });
  CHECK(first->failed == ec::outcome_unknown);
  CHECK(second->failed == ec::outcome_unknown);
}
