// Drives a user shard message by message on the deterministic scheduler,
// against a scripted store and scripted password workers.
#include "tests/actors/support/shop_fixture.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

/// User shard 2.
struct user_fixture : shop_fixture {
  static register_user with_name(std::string name, call c = {}) {
    register_user cmd;
    cmd.call = std::move(c);
    cmd.profile.username = std::move(name);
    cmd.password = "secret";
    return cmd;
  }
  reply<user_answer> add(const register_user& cmd) { return ask<user_answer>(shard, cmd); }
  reply<password_matched> log_in_as(std::string login, std::string password) {
    return ask<password_matched>(shard, log_in{{}, std::move(login), std::move(password)});
  }
  reply<domain::user> get(const domain::uuid& id) {
    return ask<domain::user>(shard, get_user{{}, id});
  }

  user_actor shard = start_user(2);
};

} // namespace

TEST_CASE_METHOD(user_fixture, "an account gets an id that leads back to its shard") {
  for (auto name : {"a", "b", "c", "d", "e"}) {
    auto r = add(with_name(name));
    REQUIRE(r->value);
    CHECK(domain::shard_of(r->got().value.id, shards) == 2);
    CHECK(r->got().value.created_at == now());
  }
  CHECK(store.users.size() == 5);
}

TEST_CASE_METHOD(user_fixture, "a password is stored as its hash, and is in no answer or event") {
  auto r = add(with_name("alice", by(0, "k")));
  REQUIRE(r->value);
  REQUIRE(store.writes.size() == 1);
  auto& w = store.writes[0];
  CHECK(w.user->row.password_hash == "hash of secret");
  CHECK(w.user->expected_version == 0);
  REQUIRE(w.events.size() == 1);
  CHECK(w.events[0].payload.find("secret") == std::string::npos);
  CHECK(w.keep->answer.find("secret") == std::string::npos);
}

TEST_CASE_METHOD(user_fixture, "a name that is taken is refused by the database") {
  CHECK(add(with_name("Alice"))->value);
  CHECK(add(with_name("aLICE"))->failed == ec::username_taken);
  CHECK(store.users.size() == 1);
}

TEST_CASE_METHOD(user_fixture, "an account is not made when no password worker has time") {
  store.passwords_fail = ec::overloaded;
  CHECK(add(with_name("alice", by(0, "k")))->failed == ec::overloaded);
  CHECK(store.writes.empty());
  store.passwords_fail.reset();
  CHECK(add(with_name("alice", by(0, "k")))->value);
}

TEST_CASE_METHOD(user_fixture, "rule 12: registering twice with a key makes one account") {
  auto first = add(with_name("alice", by(0, "k")));
  auto second = add(with_name("alice", by(0, "k")));
  CHECK(second->got().replayed);
  CHECK(second->got().value == first->got().value);
  kill(shard);
  shard = start_user(2);
  auto third = add(with_name("alice", by(0, "k")));
  CHECK(third->got().replayed);
  CHECK(third->got().value == first->got().value);
  CHECK(store.users.size() == 1);
}

TEST_CASE_METHOD(user_fixture, "a user logs in by name, however it is spelled") {
  auto made = add(with_name("Alice"))->got().value;
  auto r = log_in_as("aLiCe", "secret");
  REQUIRE(r->value);
  CHECK(r->got().user == made);
  CHECK(log_in_as("alice", "wrong")->failed == ec::wrong_credentials);
}

TEST_CASE_METHOD(user_fixture, "an unknown user costs a comparison too") {
  CHECK(log_in_as("nobody", "secret")->failed == ec::wrong_credentials);
  REQUIRE(store.verified.size() == 1);
  CHECK(store.verified[0].hash.empty());
  CHECK(store.verified[0].password == "secret");
}

TEST_CASE_METHOD(user_fixture, "a disabled user learns it only with the right password") {
  add(with_name("alice"));
  store.users.begin()->second.user.disabled = true;
  CHECK(log_in_as("alice", "secret")->failed == ec::account_disabled);
  CHECK(log_in_as("alice", "wrong")->failed == ec::wrong_credentials);
}

TEST_CASE_METHOD(user_fixture, "logging in fails as retryable when nobody answers") {
  add(with_name("alice"));
  store.passwords_fail = ec::overloaded;
  CHECK(log_in_as("alice", "secret")->failed == ec::overloaded);
  store.passwords_fail.reset();
  store.reads_fail = ec::database_unavailable;
  CHECK(log_in_as("alice", "secret")->failed == ec::database_unavailable);
  store.reads_fail.reset();
  store.hold_reads = true;
  auto r = log_in_as("alice", "secret");
  advance(6s);
  CHECK(r->failed == ec::overloaded);
}

TEST_CASE_METHOD(user_fixture, "who logs in too late is told so without a comparison") {
  log_in cmd{{}, "alice", "secret"};
  cmd.call.deadline = now() - 1;
  CHECK(ask<password_matched>(shard, cmd)->failed == ec::overloaded);
  CHECK(store.verified.empty());
}

TEST_CASE_METHOD(user_fixture, "an account is read once") {
  auto made = add(with_name("alice"))->got().value;
  CHECK(get(made.id)->got() == made);
  CHECK(store.reads<load_user>() == 0);
  kill(shard);
  shard = start_user(2);
  CHECK(get(made.id)->got() == made);
  CHECK(get(made.id)->got() == made);
  CHECK(store.reads<load_user>() == 1);
  CHECK(get(user(9))->failed == ec::not_found);
}

TEST_CASE_METHOD(user_fixture, "a read that began before an account's end does not bring it back") {
  auto made = add(with_name("alice"))->got().value;
  kill(shard);
  shard = start_user(2);
  store.hold_reads = true;
  auto before = get(made.id);
  store.hold_reads = false;
  CHECK(ask<user_answer>(shard, remove_user{{}, made.id})->value);
  store.answer_reads();
  CHECK(before->got() == made);
  CHECK(get(made.id)->failed == ec::not_found);
}

TEST_CASE_METHOD(user_fixture, "a change that changes nothing is answered with what is there") {
  auto made = add(with_name("alice"))->got().value;
  advance(10ms);
  change_user cmd;
  cmd.call = by(0, "k");
  cmd.id = made.id;
  auto same = ask<user_answer>(shard, cmd)->got().value;
  CHECK(same.updated_at == made.updated_at);
  CHECK(same.username == "alice");
  CHECK(store.writes.back().events.empty());
  CHECK(ask<user_answer>(shard, cmd)->got().replayed);
  cmd.call = {};
  cmd.phone = "1";
  CHECK(ask<user_answer>(shard, cmd)->got().value.updated_at == now());
  CHECK(store.writes.back().events.size() == 1);
}

TEST_CASE_METHOD(user_fixture, "rule 1: after a failed write accounts are read anew") {
  auto made = add(with_name("alice"))->got().value;
  store.writes_fail = ec::write_failed;
  CHECK(add(with_name("bob"))->failed == ec::write_failed);
  store.writes_fail.reset();
  CHECK(get(made.id)->got() == made);
  CHECK(store.reads<load_user>() == 1);
}

TEST_CASE_METHOD(user_fixture,
                 "rule 10: restarting while the hash is made, unknown once it is sent") {
  store.hold_writes = true;
  auto sent = add(with_name("alice"));
  kill(shard);
  CHECK(sent->failed == ec::outcome_unknown);
}
