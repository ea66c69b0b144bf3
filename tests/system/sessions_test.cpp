// Drives sessions over HTTP against a running server on each database: refresh tokens, logging out,
// passwords changed and forgotten, roles and disabled accounts; each takes effect within a second.
#include "tests/system/support/databases.hpp"
#include "tests/system/support/mail.hpp"
#include "tests/system/support/token.hpp"

#include <algorithm>

using namespace souk::tests;

namespace {

const std::string new_password = "another horse 8 staple";

/// The second that is promised, and half of one for a machine that is busy.
constexpr auto a_second = 1500ms;

answer me(const shop& s, const json& session) {
  client user{s.server.port(), session.at("access_token").get<std::string>()};
  return user.get("/api/v1/users/me");
}

answer refresh(const shop& s, const json& session) {
  return s.guest().post("/api/v1/auth/refresh", {{"refresh_token", session.at("refresh_token")}});
}

answer log_in(const shop& s, const std::string& username, const std::string& password) {
  return s.guest().post("/api/v1/auth/login", {{"username", username}, {"password", password}});
}

answer as(const shop& s, const json& session, const std::string& target,
          const json& body = nullptr) {
  client user{s.server.port(), session.at("access_token").get<std::string>()};
  return user.send("POST", target, body.is_null() ? "" : body.dump());
}

void check_invalid_token(const answer& got) {
  INFO(got.body);
  CHECK(got.status == 401);
  CHECK(got.code() == "invalid_token");
  CHECK(got.has("WWW-Authenticate"));
}

/// Neither of a session's tokens is good for anything any more.
void check_ended(const shop& s, const json& session) {
  CHECK(eventually(a_second, [&] { return me(s, session).status == 401; }));
  check_invalid_token(me(s, session));
  check_invalid_token(refresh(s, session));
  const auto verified =
    s.guest().post("/api/v1/auth/verify", {{"token", session.at("access_token")}});
  CHECK(verified.status == 200);
  CHECK(verified.as_json().at("valid") == false);
}

void check_alive(const shop& s, const json& session) {
  CHECK(me(s, session).status == 200);
}

account with_email(const shop& s, const std::string& username) {
  const account who{username, "correct horse 9 battery", "", ""};
  expect("register", 201,
         s.guest().post("/api/v1/auth/register", {{"username", username},
                                                  {"password", who.password},
                                                  {"email", username + "@shop.test"}}));
  return who;
}

answer forget(const shop& s, const std::string& email) {
  return s.guest().post("/api/v1/auth/password/forgot", {{"email", email}});
}

answer reset(const shop& s, const std::string& token, const std::string& password) {
  return s.guest().post("/api/v1/auth/password/reset",
                        {{"token", token}, {"new_password", password}});
}

} // namespace

TEST_CASE("a refresh token is exchanged for the next one", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto first = s.open_session(s.new_user());
  const auto got = refresh(s, first);
  REQUIRE(got.status == 200);
  const auto second = got.as_json();
  CHECK(second.at("token_type") == "bearer");
  CHECK(second.at("expires_in") == first.at("expires_in"));
  CHECK(second.at("refresh_token") != first.at("refresh_token"));
  CHECK(second.at("access_token") != first.at("access_token"));
  check_alive(s, second);
  const auto claims = read_token(second.at("access_token")).claims;
  CHECK(claims.at("sub") == read_token(first.at("access_token")).claims.at("sub"));

  // It lives on when the server does not.
  s.server.kill();
  s.server.start();
  const auto third = refresh(s, second);
  REQUIRE(third.status == 200);
  check_alive(s, third.as_json());

  auto guest = s.guest();
  CHECK(guest.post("/api/v1/auth/refresh", json::object()).status == 422);
  for (const auto& wrong : {json("x"), json(std::string(64, 'a')), first.at("access_token")})
    check_invalid_token(guest.post("/api/v1/auth/refresh", {{"refresh_token", wrong}}));
}

TEST_CASE("a refresh token used twice ends its family and no other", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = s.new_user();
  const auto other = s.open_session(user);
  const auto first = s.open_session(user);
  const auto second = expect("refresh", 200, refresh(s, first)).as_json();
  check_alive(s, second);
  check_invalid_token(refresh(s, first));
  check_ended(s, second);
  check_alive(s, other);
  CHECK(refresh(s, other).status == 200);
}

TEST_CASE("of many who refresh with one token at once one succeeds", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto session = s.open_session(s.new_user());
  std::vector<answer> answers(6);
  in_parallel(answers.size(), [&](size_t i) { answers[i] = refresh(s, session); });
  std::vector<json> winners;
  for (const auto& got : answers)
    if (got.status == 200)
      winners.push_back(got.as_json());
    else
      check_invalid_token(got);
  REQUIRE(winners.size() == 1);
  check_ended(s, winners[0]);
}

TEST_CASE("logging out ends one session or all", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = s.new_user();
  const auto first = s.open_session(user);
  const auto second = s.open_session(user);
  const auto third = s.open_session(user);
  const auto others = s.open_session(s.new_user());
  CHECK(s.guest().send("POST", "/api/v1/auth/logout").status == 401);
  CHECK(s.guest().send("POST", "/api/v1/auth/logout-all").status == 401);
  const auto out = as(s, first, "/api/v1/auth/logout");
  CHECK(out.status == 204);
  CHECK(out.body.empty());
  check_ended(s, first);
  check_alive(s, second);

  CHECK(as(s, second, "/api/v1/auth/logout-all").status == 204);
  for (const auto& session : {second, third})
    check_ended(s, session);
  check_alive(s, others);

  // An ended session stays ended.
  s.server.kill();
  s.server.start();
  for (const auto& session : {first, second, third}) {
    check_invalid_token(me(s, session));
    check_invalid_token(refresh(s, session));
  }
  check_alive(s, others);
  CHECK(log_in(s, user.username, user.password).status == 200);
}

TEST_CASE("a changed password ends the other sessions", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = s.new_user();
  const auto own = s.open_session(user);
  const auto other = s.open_session(user);
  const auto change = [&](const json& body) { return as(s, own, "/api/v1/auth/password", body); };
  const auto wrong =
    change({{"old_password", user.password + "x"}, {"new_password", new_password}});
  CHECK(wrong.status == 403);
  CHECK(wrong.code() == "wrong_password");
  for (const auto* bad : {"short", "password1"}) {
    const auto refused = change({{"old_password", user.password}, {"new_password", bad}});
    CHECK(refused.status == 422);
    CHECK(pointers(refused) == std::set<std::string>{"/new_password"});
  }
  CHECK(change(json::object()).status == 422);
  check_alive(s, other);

  CHECK(change({{"old_password", user.password}, {"new_password", new_password}}).status == 204);
  check_ended(s, other);
  check_alive(s, own);
  CHECK(refresh(s, own).status == 200);
  CHECK(log_in(s, user.username, user.password).status == 401);
  CHECK(log_in(s, user.username, new_password).status == 200);
}

TEST_CASE("a forgotten password is set anew with the token of a mail", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = with_email(s, "alice");
  const auto session = s.open_session(user);
  // Nobody learns from the answer whether there is such an account.
  const auto unknown = forget(s, "nobody@shop.test");
  const auto known = forget(s, "ALICE@shop.test");
  CHECK(unknown.status == 202);
  CHECK(unknown.as_json() == json{{"status", "accepted"}});
  CHECK(known.status == 202);
  CHECK(known.body == unknown.body);
  CHECK(s.guest().post("/api/v1/auth/password/forgot", json::object()).status == 422);

  const auto token = mailed_token(s.database.dir(), "alice@shop.test");
  REQUIRE(token.size() >= 20);
  const auto mails = mails_in(s.database.dir());
  REQUIRE(mails.size() == 1);
  for (const auto* header : {"From", "To", "Date", "Subject"})
    CHECK(mails[0].header(header) != "");
  check_alive(s, session); // asking alone changes nothing
  CHECK(known.body.find(token) == std::string::npos);

  const auto bad = reset(s, token + "x", new_password);
  CHECK(bad.status == 422);
  CHECK(bad.code() == "invalid_token");
  CHECK(reset(s, token, "short").status == 422);
  CHECK(log_in(s, "alice", user.password).status == 200);

  CHECK(reset(s, token, new_password).status == 204);
  check_ended(s, session);
  CHECK(log_in(s, "alice", user.password).status == 401);
  CHECK(log_in(s, "alice", new_password).status == 200);
  const auto again = reset(s, token, "a third horse 7 walks");
  CHECK(again.status == 422);
  CHECK(again.code() == "invalid_token");
  CHECK(log_in(s, "alice", new_password).status == 200);
}

TEST_CASE("a reset token works across a restart", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = with_email(s, "bob");
  CHECK(forget(s, "bob@shop.test").status == 202);
  const auto token = mailed_token(s.database.dir(), "bob@shop.test");
  REQUIRE(token != "");
  s.server.kill();
  s.server.start();
  CHECK(reset(s, token, new_password).status == 204);
  CHECK(log_in(s, "bob", user.password).status == 401);
  CHECK(log_in(s, "bob", new_password).status == 200);
}

TEST_CASE("another role holds within a second", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = s.new_user();
  auto admin = s.admin();
  const auto role = user_path(user.id) + "/role";
  CHECK(s.as(user).get("/api/v1/users").status == 403);
  const auto promoted = admin.put(role, {{"role", "ADMIN"}});
  REQUIRE(promoted.status == 200);
  CHECK(promoted.as_json().at("role") == "ADMIN");
  const auto session = s.open_session(user);
  CHECK(read_token(session.at("access_token")).claims.at("role") == "ADMIN");
  client second{s.server.port(), session.at("access_token").get<std::string>()};
  CHECK(second.get("/api/v1/users").status == 200);

  REQUIRE(admin.put(role, {{"role", "USER"}}).status == 200);
  CHECK(eventually(a_second, [&] {
    const auto status = second.get("/api/v1/users").status;
    return status == 401 || status == 403;
  }));
  // Nor does the old session lead back to the old role.
  if (const auto got = refresh(s, session); got.status == 200)
    CHECK(read_token(got.as_json().at("access_token")).claims.at("role") == "USER");
  CHECK(s.guest().get("/api/v1/users").status == 401);
  CHECK(admin.put(role, {{"role", "ROOT"}}).status == 422);
  CHECK(admin.put(role, json::object()).status == 422);
}

TEST_CASE("a disabled user is out within a second and may be let in again", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = s.new_user();
  const auto session = s.open_session(user);
  auto admin = s.admin();
  const auto disabled = admin.patch(user_path(user.id), {{"disabled", true}});
  REQUIRE(disabled.status == 200);
  CHECK(disabled.as_json().at("disabled") == true);
  CHECK(eventually(a_second, [&] { return me(s, session).status == 401; }));
  CHECK(refresh(s, session).status >= 401);
  const auto refused = log_in(s, user.username, user.password);
  CHECK(refused.status == 403);
  CHECK(refused.code() == "account_disabled");
  CHECK(log_in(s, user.username, "some other 7 words").status == 401);
  s.server.kill();
  s.server.start();
  CHECK(me(s, session).status == 401);
  CHECK(log_in(s, user.username, user.password).status == 403);

  REQUIRE(s.admin().patch(user_path(user.id), {{"disabled", false}}).status == 200);
  check_alive(s, s.open_session(user));
}

TEST_CASE("an administrator gives a user another password", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = s.new_user();
  auto admin = s.admin();
  CHECK(admin.patch(user_path(user.id), {{"password", "short"}}).status == 422);
  const auto changed = admin.patch(user_path(user.id), {{"password", new_password}});
  REQUIRE(changed.status == 200);
  CHECK(changed.body.find(new_password) == std::string::npos);
  CHECK(log_in(s, user.username, user.password).status == 401);
  CHECK(log_in(s, user.username, new_password).status == 200);
}

TEST_CASE("a mailed token is worth nothing once the address is another", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = with_email(s, "carol");
  CHECK(forget(s, "carol@shop.test").status == 202);
  const auto token = mailed_token(s.database.dir(), "carol@shop.test");
  REQUIRE(token.size() >= 20);
  const auto session = s.open_session(user);
  client self{s.server.port(), session.at("access_token")};
  CHECK(self.patch("/api/v1/users/me", {{"email", "new@shop.test"}}).status == 200);
  CHECK(reset(s, token, new_password).status == 422);
}
