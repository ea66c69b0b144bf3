// Drives who a request's caller is, besides tokens: trusted proxies, and what only the request
// forms may set. Against scripted actors on a real actor system and io_context; no server.
#include "http/server/exchange.hpp"
#include "tests/http/routes/fake_shop.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::test;

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
