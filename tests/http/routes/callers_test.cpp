// Drives who a request's caller is, besides tokens: trusted proxies, and what only the request
// forms may set. Against scripted actors on a real actor system and io_context; no server.
#include "actors/user/refresh_token.hpp"
#include "http/routes/request_context.hpp"
#include "http/server/exchange.hpp"
#include "tests/http/routes/fake_shop.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <vector>

using namespace souk;
using namespace souk::test;
using nlohmann::json;

namespace {

http::request get_me(const std::string& authorization = {}) {
  http::request out;
  out.method = "GET";
  out.target = "/api/v1/users/me";
  out.authorization = authorization;
  return out;
}

/// Answers with the user who is asked for.
void answer_users(fake_shop& shop) {
  shop.script.get_user = [](const actors::get_user& cmd) {
    auto out = ada();
    out.id = cmd.id;
    return out;
  };
}

bool is_user(const answered& a, const domain::user& who) {
  return a.status == 200 && a.body.find(domain::to_string(who.id)) != std::string::npos;
}

} // namespace

TEST_CASE("X-User-ID counts only from a trusted proxy and without a token", "[api]") {
  fake_shop shop{
    [](http::backend& b) { b.trusted_proxies = domain::parse_networks("10.0.0.0/8").value(); }};
  answer_users(shop);
  auto req = get_me();
  req.user_id = domain::to_string(ada().id);
  req.peer = "11.0.0.1";
  CHECK(shop.call(req).status == 401);
  req.peer = "10.0.0.1";
  CHECK(is_user(shop.call(req), ada()));
  req.authorization = "Bearer none";
  CHECK(shop.call(req).status == 401);
  req.authorization = shop.bearer(grace());
  CHECK(is_user(shop.call(req), grace()));
  req.authorization.clear();
  for (const auto* bad : {"7", "", "00000000-0000-0000-0000-000000000000"}) {
    req.user_id = bad;
    CHECK(shop.call(req).status == 401);
  }
}

TEST_CASE("an administrator named by X-User-ID is an ordinary user", "[api]") {
  fake_shop shop{
    [](http::backend& b) { b.trusted_proxies = domain::parse_networks("10.0.0.1").value(); }};
  auto req = get_me();
  req.target = "/api/v1/stock/7";
  req.user_id = domain::to_string(grace().id);
  req.peer = "10.0.0.1";
  CHECK(shop.call(req).status == 403);
}

TEST_CASE("a form acts for another user only if an administrator sent it", "[api]") {
  fake_shop shop;
  answer_users(shop);
  auto req = get_me(shop.bearer(ada()));
  req.on_behalf_of = domain::to_string(ada().id);
  CHECK(is_user(shop.call(req), ada()));
  req.on_behalf_of = "me";
  CHECK(is_user(shop.call(req), ada()));
  req.on_behalf_of = domain::to_string(grace().id);
  CHECK(shop.call(req).status == 403);
  req = get_me(shop.bearer(grace()));
  req.on_behalf_of = domain::to_string(ada().id);
  CHECK(is_user(shop.call(req), ada()));
  req.authorization.clear();
  CHECK(shop.call(req).status == 401);
}

TEST_CASE("an open catalog takes stocks from everyone and nothing else", "[api]") {
  fake_shop shop;
  shop.script.set_stock = [](const actors::set_stock&) {
    return actors::stock_answer{some_stock(), false};
  };
  auto req = get_me();
  req.method = "PUT";
  req.target = "/api/v1/stock/7";
  req.body = R"({"stock":5})";
  req.content_type = "application/json";
  CHECK(shop.call(req).status == 401);
  req.trusted_catalog = true;
  CHECK(shop.call(req).status == 200);
  req.authorization = shop.bearer(ada());
  CHECK(shop.call(req).status == 200);
  req.authorization = "Bearer none";
  CHECK(shop.call(req).status == 401);
  req.authorization.clear();
  req.method = "POST";
  req.target = "/api/v1/stock/7/adjust";
  req.body = R"({"delta":5,"reason":"x"})";
  CHECK(shop.call(req).status == 401);
}

TEST_CASE("the request forms are in front of the API", "[api]") {
  fake_shop shop;
  answer_users(shop);
  auto req = get_me(shop.bearer(ada()));
  req.target = "/user-api/users/me/";
  const auto got = shop.call(req);
  CHECK(is_user(got, ada()));
  CHECK(got.body.find("\"user_name\"") != std::string::npos);
  CHECK(got.header("X-Content-Type-Options") == "nosniff");
}

TEST_CASE("whom a trusted proxy names must be an account that is not disabled", "[api]") {
  fake_shop shop{
    [](http::backend& b) { b.trusted_proxies = domain::parse_networks("10.0.0.1").value(); }};
  auto req = get_me();
  req.method = "POST";
  req.target = "/api/v1/orders";
  req.content_type = "application/json";
  req.body = R"({"items":[{"product_id":7,"quantity":1}]})";
  req.user_id = domain::to_string(ada().id);
  req.peer = "10.0.0.1";
  std::atomic<int> placed = 0;
  shop.script.place_order = [&](const actors::place_order&) {
    ++placed;
    return actors::order_answer{some_order(), false, {}};
  };
  answer_users(shop);
  CHECK(shop.call(req).status == 201);
  shop.script.get_user = [](const actors::get_user&) {
    auto out = ada();
    out.disabled = true;
    return out;
  };
  CHECK(shop.call(req).status == 401);
  shop.script.get_user = [](const actors::get_user&) -> caf::result<domain::user> {
    return caf::make_error(actors::ec::not_found);
  };
  CHECK(shop.call(req).status == 401);
  CHECK(placed == 1);
}

namespace {

http::request log_in(const std::string& from = {}) {
  http::request out;
  out.method = "POST";
  out.target = "/api/v1/auth/login";
  out.content_type = "application/json";
  out.body = R"({"username":"ada","password":"a wrong horse"})";
  out.peer = "10.0.0.1";
  out.forwarded_for = from;
  return out;
}

/// Three failures an address; every password is wrong.
fake_shop guarded_shop(const char* proxies) {
  return fake_shop{[proxies](http::backend& b) {
    const http::attempt_limit three{3, std::chrono::minutes{1}};
    b.attempts = std::make_shared<http::attempt_limits>(three, three, three);
    b.forwarders = domain::parse_networks(proxies).value();
  }};
}

void refuse_logins(fake_shop& shop) {
  shop.script.log_in = [](const actors::log_in&) -> caf::result<actors::password_matched> {
    return caf::make_error(actors::ec::wrong_credentials);
  };
}

} // namespace

TEST_CASE("behind a trusted proxy clients are told apart by X-Forwarded-For", "[api]") {
  auto shop = guarded_shop("10.0.0.0/8");
  refuse_logins(shop);
  for (int i = 0; i < 3; ++i)
    CHECK(shop.call(log_in("192.0.2.1, 10.9.9.9")).status == 401);
  CHECK(shop.call(log_in("192.0.2.1")).status == 429);
  // What stands before is the client's own invention.
  CHECK(shop.call(log_in("192.0.2.7, 192.0.2.1")).status == 429);
  CHECK(shop.call(log_in("192.0.2.1, 192.0.2.7")).status == 401);
  // Some proxies add a port; who comes from another one is the same client.
  for (const auto* same : {"192.0.2.1:8080", "[::ffff:192.0.2.1]:55", "192.0.2.7, 192.0.2.1:1"})
    CHECK(shop.call(log_in(same)).status == 429);
  for (int i = 0; i < 3; ++i) // what is no address stands for the proxy
    CHECK(shop.call(log_in("unknown")).status == 401);
  CHECK(shop.call(log_in("_hidden")).status == 429);
}

TEST_CASE("what was committed is answered, whoever failed meanwhile", "[api]") {
  auto shop = guarded_shop("::1");
  shop.script.refresh_session = [](const actors::refresh_session& x) {
    return actors::session_answer{{ada(), x.session, "next", http::unix_ms_now()}};
  };
  auto req = log_in();
  req.target = "/api/v1/auth/refresh";
  const auto body = [](const std::string& token) { return json{{"refresh_token", token}}.dump(); };
  req.body = body(
    to_string(actors::refresh_token{ada().id, "0123456789abcdef", actors::make_token_secret()}));
  const auto good = shop.send(req);
  req.body = body("x");
  for (int i = 0; i < 3; ++i)
    CHECK((*shop.send(req))->status == 401);
  CHECK((*shop.send(req))->status == 429);
  REQUIRE(shop.run_until([&] { return good->has_value(); }));
  CHECK((*good)->status == 200);
}

TEST_CASE("whether a token was renewed may be unknown, and no key helps", "[api]") {
  fake_shop shop;
  shop.script.refresh_session =
    [](const actors::refresh_session&) -> caf::result<actors::session_answer> {
    return caf::make_error(actors::ec::outcome_unknown);
  };
  auto req = log_in();
  req.target = "/api/v1/auth/refresh";
  req.body = json{{"refresh_token", to_string(actors::refresh_token{ada().id, "0123456789abcdef",
                                                                    actors::make_token_secret()})}}
               .dump();
  const auto answer = shop.call(req);
  CHECK(answer.status == 503);
  CHECK(json::parse(answer.body)["code"] == "outcome_unknown");
  CHECK(answer.body.find("Idempotency-Key") == std::string::npos);
}

TEST_CASE("strangers who make accounts share no keys", "[api]") {
  fake_shop shop;
  std::vector<actors::idempotency_key> keys;
  shop.script.register_user = [&](const actors::register_user& x) {
    keys.push_back(x.call.key);
    return actors::user_answer{ada(), false};
  };
  auto req = log_in();
  req.target = "/api/v1/auth/register";
  req.idempotency_key = "1";
  req.has_idempotency_key = true;
  for (const auto* name : {"ada", "ADA", "bob"}) {
    req.body = json{{"username", name}, {"password", "correct horse"}}.dump();
    CHECK(shop.call(req).status == 201);
  }
  REQUIRE(keys.size() == 3);
  CHECK(keys[0].id == keys[1].id);
  CHECK(keys[0].fingerprint != keys[1].fingerprint); // the key of another request: 422
  CHECK(keys[0].id != keys[2].id);
}

TEST_CASE("a key of a reset is one for each account", "[api]") {
  fake_shop shop;
  std::vector<std::string> keys;
  shop.script.reset_password = [&](const actors::reset_password& x) {
    keys.push_back(x.call.key.id);
    return actors::user_answer{ada(), false};
  };
  auto req = log_in();
  req.target = "/api/v1/auth/password/reset";
  req.idempotency_key = "1";
  req.has_idempotency_key = true;
  for (const auto& user : {ada().id, ada().id, grace().id}) {
    req.body = json{{"token", to_string(actors::reset_token{user, actors::make_token_secret()})},
                    {"new_password", "battery staple"}}
                 .dump();
    CHECK(shop.call(req).status == 204);
  }
  REQUIRE(keys.size() == 3);
  CHECK(keys[0] == keys[1]);
  CHECK(keys[0] != keys[2]);
}

TEST_CASE("a user whom a proxy names has no session to end", "[api]") {
  fake_shop shop{
    [](http::backend& b) { b.trusted_proxies = domain::parse_networks("10.0.0.0/8").value(); }};
  answer_users(shop);
  auto req = log_in(); // without a script for end_sessions it would fail
  req.target = "/api/v1/auth/logout";
  req.user_id = domain::to_string(ada().id);
  CHECK(shop.call(req).status == 204);
}

TEST_CASE("a key of a forgotten password is one for each address", "[api]") {
  fake_shop shop;
  shop.script.list_users = [](const actors::list_users&) {
    actors::user_page out;
    out.items = {ada()};
    return out;
  };
  std::mutex mutex;
  std::vector<std::string> keys;
  shop.script.begin_reset = [&](const actors::begin_reset& x) {
    const std::lock_guard guard{mutex};
    keys.push_back(x.call.key.id);
    return actors::user_answer{ada()};
  };
  auto req = log_in();
  req.target = "/api/v1/auth/password/forgot";
  req.idempotency_key = "k";
  req.has_idempotency_key = true;
  for (const auto* email : {"ada@shop.example", "ada@shop.example", "bob@shop.example"}) {
    req.body = json{{"email", email}}.dump();
    CHECK(shop.call(req).status == 202);
  }
  REQUIRE(shop.run_until([&] {
    const std::lock_guard guard{mutex};
    return keys.size() == 3;
  }));
  CHECK(std::set<std::string>{keys.begin(), keys.end()}.size() == 2);
}

TEST_CASE("X-Forwarded-For is nothing from anyone else", "[api]") {
  auto shop = guarded_shop("10.1.0.0/16");
  refuse_logins(shop);
  for (const auto* from : {"192.0.2.1", "192.0.2.2", "192.0.2.3"})
    CHECK(shop.call(log_in(from)).status == 401);
  const auto refused = shop.call(log_in("192.0.2.4"));
  CHECK(refused.status == 429);
  CHECK(refused.header("RateLimit-Policy")
        == "\"logins\";q=3;w=60, \"logins_per_account\";q=3;w=60");
}

TEST_CASE("guesses sent at once learn no more than one after the other", "[api]") {
  auto shop = guarded_shop("::1");
  refuse_logins(shop);
  std::vector<pending> all;
  for (int i = 0; i < 20; ++i)
    all.push_back(shop.send(log_in()));
  REQUIRE(shop.run_until(
    [&] { return std::all_of(all.begin(), all.end(), [](auto& x) { return x->has_value(); }); }));
  const auto told =
    std::count_if(all.begin(), all.end(), [](auto& x) { return (*x)->status == 401; });
  CHECK(told == 3);
}

TEST_CASE("an answer tells what a limit leaves", "[api]") {
  auto shop = guarded_shop("::1");
  refuse_logins(shop);
  CHECK(shop.call(log_in()).header("RateLimit")
        == "\"logins\";r=2;t=60, \"logins_per_account\";r=2;t=60");
  shop.script.place_order = [](const actors::place_order&) {
    return actors::order_answer{some_order(), false, {2, 17}};
  };
  http::request order;
  order.method = "POST";
  order.target = "/api/v1/orders";
  order.authorization = shop.bearer(ada());
  order.content_type = "application/json";
  order.body = R"({"items":[{"product_id":7,"quantity":1}]})";
  CHECK(shop.call(order).header("RateLimit") == "\"orders\";r=2;t=17");
}
