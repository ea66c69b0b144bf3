// Drives a user shard's sessions, passwords and addresses message by message on the deterministic
// scheduler, against a scripted store, password workers and a mailer.
#include "actors/user/refresh_token.hpp"
#include "tests/actors/support/shop_fixture.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

/// User shard 2 with one account, alice.
struct session_fixture : shop_fixture {
  session_fixture() {
    register_user cmd;
    cmd.profile.username = "alice";
    cmd.profile.email = "alice@example.org";
    cmd.password = "secret";
    alice = ask<user_answer>(shard, cmd)->got().value.id;
  }

  session_opened log_in_now() {
    auto x = ask<password_matched>(shard, log_in{{}, "alice", "secret"})->got();
    return ask<session_answer>(shard, open_session{{}, alice, x.password_version, x.new_hash})
      ->got()
      .value;
  }
  reply<session_answer> refresh(const std::string& token) {
    auto x = parse_refresh_token(token).value();
    return ask<session_answer>(shard, refresh_session{{}, x.user, x.session, x.secret});
  }
  bool good(const session_opened& x) { return !view.revoked(alice, x.session, x.issued_at); }
  std::string mailed_token() {
    auto& text = mails.back().text;
    auto at = text.find("\nToken: ") + 8;
    return text.substr(at, text.find('\n', at) - at);
  }

  user_actor shard = start_user(2);
  domain::uuid alice;
  revocation_view view{revoked};
};

} // namespace

TEST_CASE_METHOD(session_fixture, "a refresh token is good once, and the next one after it") {
  auto first = log_in_now();
  CHECK(store.users.at(alice).details.sessions.size() == 1);
  CHECK(store.users.at(alice).password_hash == "hash of secret");
  advance(10ms);
  auto second = refresh(first.refresh_token)->got().value;
  CHECK(second.session == first.session);
  CHECK(second.refresh_token != first.refresh_token);
  advance(10ms);
  auto third = refresh(second.refresh_token)->got().value;
  CHECK(good(third));
  CHECK(refresh(first.refresh_token)->failed == ec::invalid_token);
  CHECK_FALSE(good(third));
  CHECK(refresh(third.refresh_token)->failed == ec::invalid_token);
  CHECK(store.users.at(alice).details.sessions.empty());
}

TEST_CASE_METHOD(session_fixture, "a session survives a restart of the shard, and ends by age") {
  auto x = log_in_now();
  kill(shard);
  user_config c = config_of<user_config>(2);
  c.session_lifetime = 1min;
  shard = start_user(c);
  x = refresh(x.refresh_token)->got().value;
  advance(61s);
  CHECK(refresh(x.refresh_token)->failed == ec::invalid_token);
}

TEST_CASE_METHOD(session_fixture, "logging out ends one session, or all") {
  auto a = log_in_now();
  auto b = log_in_now();
  auto c = log_in_now();
  CHECK(ask<user_answer>(shard, end_sessions{{}, alice, a.session})->value);
  CHECK_FALSE(good(a));
  CHECK(good(b));
  CHECK(refresh(a.refresh_token)->failed == ec::invalid_token);
  CHECK(ask<user_answer>(shard, end_sessions{{}, alice, ""})->value);
  CHECK_FALSE(good(b));
  CHECK_FALSE(good(c));
  CHECK(refresh(c.refresh_token)->failed == ec::invalid_token);
}

TEST_CASE_METHOD(session_fixture, "at most twenty sessions: the one used least recently goes") {
  std::vector<session_opened> all;
  for (int i = 0; i < 21; ++i) {
    all.push_back(log_in_now());
    advance(10ms);
  }
  CHECK(store.users.at(alice).details.sessions.size() == 20);
  CHECK_FALSE(good(all[0]));
  CHECK(refresh(all[0].refresh_token)->failed == ec::invalid_token);
  CHECK(refresh(all[1].refresh_token)->value);
}

TEST_CASE_METHOD(session_fixture, "a new password ends the other sessions") {
  auto mine = log_in_now();
  auto other = log_in_now();
  change_password cmd{{}, alice, mine.session, "wrong", "better"};
  CHECK(ask<user_answer>(shard, cmd)->failed == ec::wrong_password);
  cmd.old_password = "secret";
  CHECK(ask<user_answer>(shard, cmd)->value);
  CHECK(store.users.at(alice).password_hash == "hash of better");
  CHECK(good(mine));
  CHECK_FALSE(good(other));
  CHECK(refresh(mine.refresh_token)->value);
  CHECK(refresh(other.refresh_token)->failed == ec::invalid_token);
}

TEST_CASE_METHOD(session_fixture, "a password that was changed meanwhile opens no session") {
  auto x = ask<password_matched>(shard, log_in{{}, "alice", "secret"})->got();
  change_password cmd{{}, alice, "", "secret", "better"};
  CHECK(ask<user_answer>(shard, cmd)->value);
  CHECK(ask<session_answer>(shard, open_session{{}, alice, x.password_version, ""})->failed
        == ec::wrong_credentials);
}

TEST_CASE_METHOD(session_fixture, "a hash of another kind is replaced at the login") {
  store.users.at(alice).password_hash = "old hash of secret";
  log_in_now();
  CHECK(store.users.at(alice).password_hash == "hash of secret");
}

TEST_CASE_METHOD(session_fixture, "a mailed token sets a password once") {
  auto old = log_in_now();
  CHECK(ask<user_answer>(shard, begin_reset{{}, alice})->value);
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].to == "alice@example.org");
  auto token = parse_reset_token(mailed_token());
  REQUIRE(token);
  CHECK(token->user == alice);
  CHECK(store.users.at(alice).details.reset_hash.find(token->secret) == std::string::npos);
  auto wrong = ask<user_answer>(shard, reset_password{{}, alice, make_token_secret(), "better"});
  CHECK(wrong->failed == ec::invalid_reset_token);
  reset_password cmd{{}, alice, token->secret, "better"};
  CHECK(ask<user_answer>(shard, cmd)->value);
  CHECK(store.users.at(alice).password_hash == "hash of better");
  CHECK_FALSE(good(old));
  CHECK(ask<user_answer>(shard, cmd)->failed == ec::invalid_reset_token);
}

TEST_CASE_METHOD(session_fixture, "a mailed token is good for a while only") {
  user_config c = config_of<user_config>(2);
  c.reset_lifetime = 1min;
  kill(shard);
  shard = start_user(c);
  CHECK(ask<user_answer>(shard, begin_reset{{}, alice})->value);
  auto token = parse_reset_token(mailed_token()).value();
  advance(61s);
  CHECK(ask<user_answer>(shard, reset_password{{}, alice, token.secret, "better"})->failed
        == ec::invalid_reset_token);
}

TEST_CASE_METHOD(session_fixture, "the last administrator stays") {
  store.users.at(alice).user.role = domain::user_role::admin;
  kill(shard);
  shard = start_user(2);
  change_user cmd;
  cmd.id = alice;
  cmd.disabled = true;
  CHECK(ask<user_answer>(shard, cmd)->failed == ec::last_administrator);
  CHECK(ask<user_answer>(shard, remove_user{{}, alice})->failed == ec::last_administrator);
  CHECK(store.users.size() == 1);
}

TEST_CASE_METHOD(session_fixture, "a deleted user is gone with the sessions") {
  auto x = log_in_now();
  CHECK(ask<user_answer>(shard, remove_user{{}, alice})->value);
  CHECK(store.users.empty());
  CHECK_FALSE(good(x));
  CHECK(ask<domain::user>(shard, get_user{{}, alice})->failed == ec::not_found);
  CHECK(refresh(x.refresh_token)->failed == ec::invalid_token);
}

TEST_CASE_METHOD(session_fixture, "rule 12: an address added twice with a key is kept once") {
  put_address cmd{by(0, "k"), alice, {0, {"1 A St", "B", "", "", "GB"}, false}};
  auto first = ask<address_answer>(shard, cmd)->got();
  CHECK(first.value.is_default);
  CHECK(domain::shard_of(first.value.id, shards) == 2);
  kill(shard);
  shard = start_user(2);
  auto second = ask<address_answer>(shard, cmd)->got();
  CHECK(second.replayed);
  CHECK(second.value == first.value);
  CHECK(ask<address_list>(shard, list_addresses{{}, alice})->got().items.size() == 1);
}

TEST_CASE_METHOD(session_fixture, "one address is the default") {
  std::vector<int64_t> ids;
  for (bool wanted : {false, false, true}) {
    put_address cmd{{}, alice, {0, {"1 A St", "B", "", "", "GB"}, wanted}};
    ids.push_back(ask<address_answer>(shard, cmd)->got().value.id);
  }
  auto of = [this](int64_t id) {
    return ask<domain::kept_address>(shard, get_address{{}, alice, id});
  };
  CHECK_FALSE(of(ids[0])->got().is_default);
  CHECK(of(ids[2])->got().is_default);
  CHECK(ask<user_answer>(shard, actors::remove_address{{}, alice, ids[2]})->value);
  CHECK(of(ids[2])->failed == ec::not_found);
  CHECK(of(ids[0])->got().is_default);
  CHECK(ask<user_answer>(shard, actors::remove_address{{}, alice, ids[2]})->failed
        == ec::not_found);
}
