// Drives the routes of accounts, products and stock through the API's application.
// Against scripted actors on a real actor system and io_context; no server.
#include "http/routes/request_context.hpp"
#include "tests/http/routes/fake_shop.hpp"

#include "http/routes/idempotency.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace souk;
using namespace souk::test;
using actors::ec;
using nlohmann::json;

namespace {

http::request make(std::string method, std::string target, std::string body = {},
                   std::string authorization = {}) {
  http::request out;
  out.method = std::move(method);
  out.target = std::move(target);
  out.body = std::move(body);
  out.content_type = "application/json";
  out.authorization = std::move(authorization);
  return out;
}

std::string code_of(const answered& a) {
  return json::parse(a.body)["code"];
}

} // namespace

TEST_CASE("an account is made by a shard of the user's", "[api]") {
  fake_shop shop;
  actors::register_user seen;
  shop.script.register_user = [&](const actors::register_user& x) {
    seen = x;
    return actors::user_answer{ada(), false};
  };
  auto req = make("POST", "/api/v1/auth/register",
                  R"({"username":"ada","password":"correct horse","email":"ada@example.org",
                      "first_name":"Ada","last_name":null})");
  const auto answer = shop.call(req);
  CHECK(answer.status == 201);
  CHECK(answer.header("Location") == "/api/v1/users/" + domain::to_string(ada().id));
  CHECK(json::parse(answer.body)["username"] == "ada");
  CHECK(answer.body.find("correct horse") == std::string::npos);
  CHECK(seen.profile.email == "ada@example.org");
  CHECK(seen.profile.first_name == "Ada");
  CHECK(seen.profile.last_name.empty());
  CHECK(seen.password == "correct horse");
  CHECK(seen.call.caller.nil());
  req.has_idempotency_key = true;
  req.idempotency_key = "k";
  shop.call(req);
  CHECK(shop.script.shard == http::stable_hash(seen.call.key.id) % fake_shards);
}

TEST_CASE("a name that is taken is a conflict", "[api]") {
  fake_shop shop;
  shop.script.register_user = [](const actors::register_user&) -> caf::result<actors::user_answer> {
    return caf::make_error(ec::username_taken);
  };
  const auto answer = shop.call(
    make("POST", "/api/v1/auth/register", R"({"username":"ada","password":"correct horse"})"));
  CHECK(answer.status == 409);
  CHECK(code_of(answer) == "username_taken");
}

TEST_CASE("a login by JSON or form gives a token that works", "[api]") {
  fake_shop shop;
  actors::log_in seen;
  shop.script.log_in = [&](const actors::log_in& x) {
    seen = x;
    return actors::password_matched{ada(), 3, {}};
  };
  shop.script.open_session = [](const actors::open_session& x) {
    CHECK(x.password_version == 3);
    return actors::session_answer{{ada(), "0123456789abcdef", "refresh", http::unix_ms_now()}};
  };
  shop.script.get_user = [](const actors::get_user& x) {
    auto out = ada();
    out.id = x.id;
    return out;
  };
  auto req = make("POST", "/api/v1/auth/login", R"({"username":"ADA","password":"p"})");
  CHECK(shop.call(req).status == 200);
  CHECK(seen.login == "ADA");
  CHECK(shop.script.shard == domain::shard_of(ada().id, fake_shards)); // it opens the session
  req.body = "grant_type=password&username=a%2Bb%40c.de&password=x+y";
  req.content_type = "application/x-www-form-urlencoded";
  const auto answer = shop.call(req);
  CHECK(answer.status == 200);
  CHECK(answer.header("Cache-Control") == "no-store");
  CHECK(seen.login == "a+b@c.de");
  CHECK(seen.password == "x y");
  const auto token = json::parse(answer.body);
  CHECK(token["token_type"] == "bearer");
  CHECK(token["expires_in"] == 1800);
  CHECK(token["refresh_token"] == "refresh");
  const auto bearer = "Bearer " + token["access_token"].get<std::string>();
  const auto me = shop.call(make("GET", "/api/v1/users/me", {}, bearer));
  CHECK(me.status == 200);
  CHECK(json::parse(me.body)["id"] == domain::to_string(ada().id));
  CHECK(shop.script.shard == domain::shard_of(ada().id, fake_shards));
}

TEST_CASE("a login that fails says no more than that", "[api]") {
  fake_shop shop;
  shop.script.log_in = [](const actors::log_in&) -> caf::result<actors::password_matched> {
    return caf::make_error(ec::wrong_credentials);
  };
  auto req = make("POST", "/api/v1/auth/login", R"({"username":"ada","password":"p"})");
  const auto answer = shop.call(req);
  CHECK(answer.status == 401);
  CHECK(answer.header("WWW-Authenticate") == "Bearer");
  CHECK(code_of(answer) == "wrong_credentials");
  req.content_type = "application/x-www-form-urlencoded";
  for (const auto* bad : {"username=a&username=b&password=p", "username=%ff&password=p"}) {
    req.body = bad;
    CHECK(shop.call(req).status == 400);
  }
  for (const auto* bad : {"username=a", "username=a&password=%00"}) {
    req.body = bad;
    CHECK(shop.call(req).status == 422);
  }
}

TEST_CASE("a token can be asked about", "[api]") {
  fake_shop shop;
  shop.script.get_user = [](const actors::get_user& x) -> caf::result<domain::user> {
    if (x.call.caller != ada().id || x.id != ada().id)
      return caf::make_error(ec::not_found);
    auto who = ada();
    who.username = "lovelace"; // the token still has the old name
    return who;
  };
  const auto token = shop.bearer(ada()).substr(7);
  const auto good = shop.call(make("POST", "/api/v1/auth/verify", R"({"token":")" + token + "\"}"));
  CHECK(good.status == 200);
  CHECK(json::parse(good.body)
        == json({{"valid", true},
                 {"user_id", domain::to_string(ada().id)},
                 {"role", "USER"},
                 {"username", "lovelace"}}));
  shop.script.get_user = [](const actors::get_user&) -> caf::result<domain::user> {
    return caf::make_error(ec::not_found);
  };
  const auto gone = shop.call(make("POST", "/api/v1/auth/verify", R"({"token":")" + token + "\"}"));
  CHECK(gone.status == 200);
  CHECK(json::parse(gone.body)["valid"] == false);
  shop.script.get_user = [](const actors::get_user&) -> caf::result<domain::user> {
    return caf::make_error(ec::overloaded);
  };
  const auto alone =
    shop.call(make("POST", "/api/v1/auth/verify", R"({"token":")" + token + "\"}"));
  CHECK(json::parse(alone.body)["valid"] == true); // the token's word is taken
  CHECK(json::parse(alone.body)["username"] == "ada");
  shop.script.get_user = [](const actors::get_user&) {
    auto who = ada();
    who.disabled = true;
    return who;
  };
  const auto disabled =
    shop.call(make("POST", "/api/v1/auth/verify", R"({"token":")" + token + "\"}"));
  CHECK(json::parse(disabled.body)["valid"] == false);
  const auto bad = shop.call(make("POST", "/api/v1/auth/verify", R"({"token":"a.b.c"})"));
  CHECK(bad.status == 200);
  CHECK(json::parse(bad.body)["valid"] == false);
}

TEST_CASE("a product is read from its shard, or not at all if it is known", "[api]") {
  fake_shop shop;
  shop.script.get_product = [](const actors::get_product& x) -> caf::result<actors::product_view> {
    if (x.id != 7)
      return caf::make_error(ec::not_found);
    return some_product();
  };
  const auto answer = shop.call(make("GET", "/api/v1/products/7"));
  CHECK(answer.status == 200);
  CHECK(answer.header("ETag") == "\"p2.s9\"");
  CHECK(json::parse(answer.body)["price"] == 19.99);
  CHECK(shop.script.shard == 7 % fake_shards);
  auto again = make("GET", "/api/v1/products/7");
  again.if_none_match = "\"p2.s9\"";
  const auto known = shop.call(again);
  CHECK(known.status == 304);
  CHECK(known.body.empty());
  CHECK(known.header("ETag") == "\"p2.s9\"");
  CHECK(shop.call(make("HEAD", "/api/v1/products/7")).body == answer.body);
  CHECK(shop.call(make("GET", "/api/v1/products/8")).status == 404);
  CHECK(shop.call(make("GET", "/api/v1/products/x")).status == 404);
}

TEST_CASE("a product of the external catalog is sold while it may be there", "[api]") {
  fake_shop shop;
  auto known = some_product();
  known.product.external_id = "x7";
  known.product.updated_at = http::unix_ms_now() - 2 * 3'600'000; // older than it is believed
  known.stock.on_hand = domain::max_quantity;
  bool is_kept = true;
  shop.script.list_products = [&](const actors::list_products& x) {
    CHECK(x.external_id == "x7");
    return is_kept ? actors::product_page{{known}, false, {}} : actors::product_page{};
  };
  auto outcome = actors::external_outcome::unavailable;
  shop.script.fetch_external = [&](const actors::fetch_external& x) {
    actors::external_answer out{outcome, {}};
    out.product = {x.id, "Lamp", 950, {}, {}, {}};
    return out;
  };
  std::optional<int64_t> renewed;
  shop.script.update_product = [&](const actors::update_product& x) {
    renewed = x.price;
    return actors::product_answer{known, false};
  };
  const auto look_up = [&] {
    return shop.call(
      make("GET", "/api/v1/products?external_id=x7&fetch=true", {}, shop.bearer(ada())));
  };
  const auto away = look_up();
  REQUIRE(away.status == 200);
  CHECK(json::parse(away.body).size() == 1); // nobody knows: as it was
  outcome = actors::external_outcome::found;
  CHECK(json::parse(look_up().body).size() == 1);
  CHECK(renewed == 950);
  outcome = actors::external_outcome::not_found;
  const auto gone = look_up();
  CHECK(gone.status == 200);
  CHECK(json::parse(gone.body).empty());
  known.stock.on_hand = 5; // the shop's own by now
  CHECK(json::parse(look_up().body).size() == 1);
  is_kept = false;
  CHECK(json::parse(look_up().body).empty());
  outcome = actors::external_outcome::unavailable;
  CHECK(look_up().status == 503);
}

TEST_CASE("a profile's PUT leaves what one logs in with where it is null", "[api]") {
  fake_shop shop;
  actors::change_user seen;
  shop.script.change_user = [&](const actors::change_user& x) {
    seen = x;
    return actors::user_answer{ada(), false};
  };
  const auto change = [&](const std::string& method, const std::string& body) {
    return shop.call(make(method, "/api/v1/users/me", body, shop.bearer(ada()))).status;
  };
  CHECK(change("PUT", R"({"username":null,"email":null,"phone":null})") == 200);
  CHECK_FALSE(seen.username);
  CHECK_FALSE(seen.email);
  CHECK(seen.phone == "");
  CHECK(change("PUT", R"({"username":"lovelace","email":"a@shop.test"})") == 200);
  CHECK(seen.username == "lovelace");
  CHECK(seen.email == "a@shop.test");
  CHECK_FALSE(seen.phone);
  CHECK(change("PATCH", R"({"email":null})") == 200);
  CHECK(seen.email == "");
  CHECK(change("PATCH", R"({"username":null})") == 422);
  for (const auto* method : {"PUT", "PATCH"}) {
    CHECK(change(method, "{}") == 200);
    CHECK_FALSE(seen.email);
    CHECK(change(method, R"({"username":""})") == 422);
  }
}

TEST_CASE("the catalog is read page by page", "[api]") {
  fake_shop shop;
  actors::list_products seen;
  shop.script.list_products = [&](const actors::list_products& x) {
    seen = x;
    return actors::product_page{{some_product()}, x.after_id == 0, {}};
  };
  const auto first = shop.call(make("GET", "/api/v1/products?limit=1"));
  CHECK(first.status == 200);
  CHECK(json::parse(first.body).size() == 1);
  CHECK(seen.limit == 1);
  const auto link = first.header("Link");
  REQUIRE(link == "</api/v1/products?cursor=c7&limit=1>; rel=\"next\"");
  const auto second = shop.call(make("GET", link.substr(1, link.find('>') - 1)));
  CHECK(seen.after_id == 7);
  CHECK(second.header("Link").empty());
  shop.call(make("GET", "/api/v1/products"));
  CHECK(seen.limit == 100);
}

TEST_CASE("an administrator adds a product with exact money", "[api]") {
  fake_shop shop;
  actors::create_product seen;
  shop.script.create_product = [&](const actors::create_product& x) {
    seen = x;
    return actors::product_answer{some_product(), false};
  };
  const auto bearer = shop.bearer(grace());
  const auto answer = shop.call(make("POST", "/api/v1/products",
                                     R"({"name":"Desk","price":"129.9","quantity":12,
                                         "category_id":3,"external_id":"X1"})",
                                     bearer));
  CHECK(answer.status == 201);
  CHECK(answer.header("Location") == "/api/v1/products/7");
  CHECK(answer.header("ETag") == "\"p2.s9\"");
  CHECK(seen.product.price == 12990);
  CHECK(seen.product.category_id == 3);
  CHECK(seen.product.external_id == "X1");
  CHECK(seen.quantity == 12);
  for (const auto* price : {"19.999", "-1", "\"x\"", "1e30"}) {
    const auto body = R"({"name":"Desk","price":)" + std::string{price} + "}";
    CHECK(shop.call(make("POST", "/api/v1/products", body, bearer)).status == 422);
  }
  CHECK(shop.call(make("POST", "/api/v1/products", R"({"name":"x","price":1})")).status == 401);
}

TEST_CASE("PUT replaces a product, PATCH changes some of it", "[api]") {
  fake_shop shop;
  actors::update_product seen;
  shop.script.update_product = [&](const actors::update_product& x) {
    seen = x;
    return actors::product_answer{some_product(), false};
  };
  const auto bearer = shop.bearer(grace());
  auto put = make("PUT", "/api/v1/products/7", R"({"name":"Desk","price":5})", bearer);
  put.if_match = "\"p2.s1\"";
  CHECK(shop.call(put).status == 200);
  CHECK(seen.id == 7);
  CHECK(seen.price == 500);
  CHECK(seen.detail == "");
  CHECK(seen.category_id == 0);
  CHECK(seen.expected_version == 2);
  CHECK(shop.call(make("PATCH", "/api/v1/products/7", R"({"detail":"oak"})", bearer)).status
        == 200);
  CHECK_FALSE(seen.name);
  CHECK_FALSE(seen.price);
  CHECK(seen.detail == "oak");
  CHECK_FALSE(seen.category_id);
  CHECK_FALSE(seen.expected_version);
  CHECK(shop.call(make("PATCH", "/api/v1/products/7", "{}", bearer)).status == 422);
}

TEST_CASE("stock is read, set and adjusted", "[api]") {
  fake_shop shop;
  const auto bearer = shop.bearer(grace());
  actors::set_stock set;
  actors::adjust_stock adjusted;
  shop.script.get_stock = [](const actors::get_stock&) { return some_stock(); };
  shop.script.set_stock = [&](const actors::set_stock& x) {
    set = x;
    return actors::stock_answer{some_stock(), false};
  };
  shop.script.adjust_stock =
    [&](const actors::adjust_stock& x) -> caf::result<actors::stock_answer> {
    adjusted = x;
    return caf::make_error(ec::out_of_stock, std::vector<actors::shortage>{{7, 50, 40}});
  };
  const auto answer = shop.call(make("GET", "/api/v1/stock/7", {}, bearer));
  CHECK(answer.header("ETag") == "\"v9.r3\"");
  CHECK(json::parse(answer.body)["available"] == 37);
  CHECK(shop.call(make("PUT", "/api/v1/stock/7", R"({"stock":50})", bearer)).status == 200);
  CHECK(set.quantity == 50);
  CHECK(set.reason == "set");
  CHECK(shop.call(make("PUT", "/api/v1/stock/7", R"({"stock":-1})", bearer)).status == 422);
  const auto below =
    shop.call(make("POST", "/api/v1/stock/7/adjust", R"({"delta":-50,"reason":"broken"})", bearer));
  CHECK(below.status == 409);
  CHECK(adjusted.delta == -50);
  CHECK(adjusted.reason == "broken");
  CHECK(json::parse(below.body)["errors"][0]["pointer"] == "/delta");
}

TEST_CASE("If-Match with several tags expects the one that is current", "[api]") {
  fake_shop shop;
  std::optional<int64_t> expected;
  shop.script.get_stock = [](const actors::get_stock&) { return some_stock(); };
  shop.script.set_stock = [&](const actors::set_stock& x) {
    expected = x.expected_version;
    return actors::stock_answer{some_stock(), false};
  };
  auto req = make("PUT", "/api/v1/stock/7", R"({"stock":50})", shop.bearer(grace()));
  req.if_match = "\"v4\", \"v9\"";
  CHECK(shop.call(req).status == 200);
  CHECK(expected == 9);
  req.if_match = "\"v4\", \"v5\"";
  shop.call(req);
  CHECK(expected == 4);
  req.if_match = "*";
  shop.call(req);
  CHECK_FALSE(expected);
  for (const auto* none : {"W/\"v9\"", "\"x\"", "v9", "\"v0\"", "\"v0\", \"x\""}) {
    req.if_match = none;
    expected.reset();
    shop.call(req);
    CHECK(expected == actors::no_version); // the shard's to refuse
  }
}
