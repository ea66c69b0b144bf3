// Drives who may do what, over HTTP against a running server whose token secret the test knows:
// forged tokens, roles, guesses of accounts and their limits, and fields that are the server's own.
#include "tests/system/support/databases.hpp"
#include "tests/system/support/token.hpp"

#include <chrono>
#include <regex>

using namespace souk::tests;

namespace {

const std::string secret = "5f0c6d3e9b8a47c2a1d4e6f80b3c5d7e9f1a2b4c6d8e0f123456789abcdef012";

int64_t now() {
  const auto time = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

/// Some claims with one of them changed; null takes it out.
json with(json claims, const std::string& name, const json& value) {
  if (value.is_null())
    claims.erase(name);
  else
    claims[name] = value;
  return claims;
}

void check_unknown(const answer& got) {
  CHECK(got.status == 401);
  CHECK(got.header("WWW-Authenticate").starts_with("Bearer"));
  CHECK(got.header("Content-Type") == "application/problem+json");
}

const std::string good_password = "correct horse 9 battery";
const std::string bad_password = "some other 7 words";

/// As a proxy says whom a request is from.
header_list from(const std::string& address) {
  return {{"X-Forwarded-For", address}};
}

answer try_login(const shop& s, const std::string& username, const std::string& password,
                 const std::string& address) {
  return s.guest().post("/api/v1/auth/login", {{"username", username}, {"password", password}},
                        from(address));
}

/// Refused because of this limit alone, e.g. `"logins";q=3;w=60`.
void check_too_many(const answer& got, const std::string& policy) {
  INFO(got.body);
  CHECK(got.status == 429);
  CHECK(got.code() == "too_many_attempts");
  CHECK(got.header("Content-Type") == "application/problem+json");
  CHECK(got.header("RateLimit-Policy") == policy);
  CHECK(got.header("RateLimit").starts_with(policy.substr(0, policy.find(';')) + ";r=0;"));
  CHECK(std::regex_match(got.header("Retry-After"), std::regex{"[1-9][0-9]*"}));
}

} // namespace

TEST_CASE("only a token of the shop's own is taken", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"auth.secret", secret}}};
  const json alice{
    {"username", "alice"}, {"email", "alice@shop.test"}, {"password", good_password}};
  const auto registered = s.guest().post("/api/v1/auth/register", alice);
  const std::string id = expect("register", 201, registered).as_json().at("id");
  account user{"alice", good_password, id, {}};
  user.token = s.open_session(user).at("access_token");
  const auto parts = read_token(user.token);
  CHECK(parts.header.at("alg") == "HS256");
  for (const auto* name : {"iss", "aud", "exp", "iat", "jti"})
    CHECK(parts.claims.contains(name));
  for (const auto* name : {"sub", "user_id"})
    CHECK(parts.claims.at(name) == id);
  CHECK(parts.claims.at("role") == "USER");
  CHECK(parts.claims.at("username") == "alice");
  CHECK(parts.claims.at("email") == "alice@shop.test");
  CHECK(parts.claims.at("exp").get<int64_t>() - parts.claims.at("iat").get<int64_t>() == 1800);
  auto guest = s.guest();
  const auto ask = [&](const std::string& authorization) {
    return guest.get("/api/v1/users/me", {{"Authorization", authorization}});
  };
  const auto signed_as = [&](const json& header, const json& claims) {
    return sign_token(header, claims, secret);
  };
  // Whoever knows the secret can make tokens: so what follows is refused for its own reason.
  REQUIRE(ask("Bearer " + signed_as(parts.header, parts.claims)).status == 200);
  REQUIRE(ask("bearer " + user.token).status == 200);

  check_unknown(guest.get("/api/v1/users/me"));
  for (const std::string header : {"Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Bearer ..",
                                   "Basic YWRtaW46YWRtaW4=", "Token x"}) {
    INFO(header);
    check_unknown(ask(header));
  }
  check_unknown(ask(user.token)); // without a scheme
  check_unknown(ask("Basic " + user.token));

  const auto& claims = parts.claims;
  const auto admin_claims = with(claims, "role", "ADMIN");
  const std::vector<std::pair<std::string, std::string>> forged{
    {"tampered", unsigned_token(parts.header, admin_claims) + "." + parts.signature},
    {"cut off", unsigned_token(parts.header, claims) + "."},
    {"shortened", user.token.substr(0, user.token.size() - 3)},
    {"other key", sign_token(parts.header, claims, secret + "0")},
    {"empty key", sign_token(parts.header, claims, "")},
    {"none", signed_as(with(parts.header, "alg", "none"), claims)},
    {"critical", signed_as(with(parts.header, "crit", json::array({"b64"})), claims)},
    {"None", unsigned_token(with(parts.header, "alg", "None"), claims) + "."},
    {"none, signed",
     unsigned_token(with(parts.header, "alg", "none"), claims) + "." + parts.signature},
    {"HS512", signed_as(with(parts.header, "alg", "HS512"), claims)},
    {"RS256", unsigned_token(with(parts.header, "alg", "RS256"), claims) + "." + parts.signature},
    {"no alg", unsigned_token(with(parts.header, "alg", nullptr), claims) + "." + parts.signature},
    {"expired", signed_as(parts.header, with(claims, "exp", now() - 1))},
    {"no exp", signed_as(parts.header, with(claims, "exp", nullptr))},
    {"exp is text", signed_as(parts.header, with(claims, "exp", "tomorrow"))},
    {"not yet", signed_as(parts.header, with(claims, "nbf", now() + 3600))},
    {"other issuer", signed_as(parts.header, with(claims, "iss", "another shop"))},
    {"other audience", signed_as(parts.header, with(claims, "aud", "another shop"))},
    {"no subject", signed_as(parts.header, with(claims, "sub", nullptr))},
    {"odd subject", signed_as(parts.header, with(claims, "sub", "1 or 1=1"))},
    {"odd role", signed_as(parts.header, with(claims, "role", "ROOT"))},
  };
  for (const auto& [name, token] : forged) {
    INFO(name);
    check_unknown(ask("Bearer " + token));
    const auto verified = guest.post("/api/v1/auth/verify", {{"token", token}});
    const auto valid = verified.as_json().value("valid", false);
    CHECK_FALSE(valid);
  }
}

TEST_CASE("a token ends when its time is over", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"auth.token_lifetime", "2s"}}};
  const auto user = s.new_user();
  auto buyer = s.as(user);
  CHECK(read_token(user.token).claims.at("exp").get<int64_t>() <= now() + 2);
  CHECK(eventually(10s, [&] { return buyer.get("/api/v1/users/me").status == 401; }));
  CHECK(now() >= read_token(user.token).claims.at("exp").get<int64_t>());
}

TEST_CASE("a customer cannot do what an administrator may", "[system]") {
  shop s{engine::sqlite};
  const auto product = s.new_product(10, "5");
  const auto id = std::to_string(product);
  const json lamp{{"name", "Lamp"}, {"price", 1}};
  const std::vector<std::tuple<std::string, std::string, json>> routes{
    {"POST", "/api/v1/products", lamp},
    {"PUT", "/api/v1/products/" + id, lamp},
    {"PATCH", "/api/v1/products/" + id, {{"price", 1}}},
    {"GET", "/api/v1/stock/" + id, {}},
    {"PUT", "/api/v1/stock/" + id, {{"stock", 1000}}},
    {"POST", "/api/v1/stock/" + id + "/adjust", {{"delta", 5}, {"reason", "found"}}},
  };
  auto user = s.as(s.new_user());
  auto guest = s.guest();
  for (const auto& [method, target, body] : routes) {
    INFO(method << " " << target);
    const auto text = body.is_null() ? std::string{} : body.dump();
    const auto refused = user.send(method, target, text);
    CHECK(refused.status == 403);
    CHECK(refused.code() == "forbidden");
    check_unknown(guest.send(method, target, text));
    // Nobody learns from a refusal what exists, or what a valid body looks like.
    if (method != "GET")
      CHECK(user.send(method, target, "{}").status == 403);
  }
  for (const auto* target : {"/api/v1/orders", "/api/v1/users/me", "/api/v1/orders/1"})
    check_unknown(guest.get(target));
  check_unknown(guest.post("/api/v1/orders", order_of({{product, 1}})));
  check_unknown(guest.post("/api/v1/orders/1/cancel", json::object()));
  CHECK(s.on_hand(product) == 10);
  CHECK(s.guest().get("/api/v1/products/" + id).as_json().at("price").dump() == "5");
  CHECK(s.guest().get("/api/v1/products").as_json().size() == 1);
}

TEST_CASE("nobody learns by logging in who has an account", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = s.new_user();
  auto guest = s.guest();
  const auto log_in = [&](const std::string& name, const std::string& password) {
    return guest.post("/api/v1/auth/login", {{"username", name}, {"password", password}});
  };
  const auto wrong = log_in(user.username, bad_password);
  const auto unknown = log_in("nobody-of-this-name", bad_password);
  check_unknown(wrong);
  check_unknown(unknown);
  CHECK(anonymous(wrong) == anonymous(unknown));
  CHECK(log_in(user.username, "").status == 422);
  CHECK(log_in(user.username, user.password + " ").status == 401);
  CHECK(log_in(user.username, user.password).status == 200);
}

TEST_CASE("guesses at an account are limited and lock nobody out", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind,
         {{"limits.logins", "off"},
          {"limits.logins_per_account", "3/1m"},
          {"http.trusted_proxies", "127.0.0.1"}}};
  const auto user = s.new_user();
  const auto neighbour = s.new_user();
  for (const auto* left : {"2", "1", "0"}) {
    // What a client claims itself stands before what the proxy says, and counts for nothing.
    const auto claimed = "198.51.100." + std::string{left} + ", 192.0.2.1";
    const auto wrong = try_login(s, user.username, bad_password, claimed);
    check_unknown(wrong);
    CHECK(wrong.header("RateLimit").starts_with("\"logins_per_account\";r=" + std::string{left}));
  }
  // The right password gets no other answer, or a guesser would know that it is the right one.
  const std::string policy = "\"logins_per_account\";q=3;w=60";
  check_too_many(try_login(s, user.username, bad_password, "192.0.2.1"), policy);
  check_too_many(try_login(s, user.username, user.password, "192.0.2.1"), policy);
  CHECK(try_login(s, neighbour.username, neighbour.password, "192.0.2.1").status == 200);
  CHECK(try_login(s, user.username, user.password, "192.0.2.2").status == 200);
}

TEST_CASE("guesses from an address are limited whatever account they are at", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind,
         {{"limits.logins", "3/1m"},
          {"limits.logins_per_account", "off"},
          {"http.trusted_proxies", "127.0.0.1"}}};
  const auto user = s.new_user();
  for (const std::string name : {"nobody", "somebody", "anybody"})
    check_unknown(try_login(s, name, bad_password, "192.0.2.1"));
  check_too_many(try_login(s, user.username, user.password, "192.0.2.1"), "\"logins\";q=3;w=60");
  CHECK(try_login(s, user.username, user.password, "192.0.2.2").status == 200);
}

TEST_CASE("without a trusted proxy nobody says where a guess is from", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"limits.logins", "off"}, {"limits.logins_per_account", "3/1m"}}};
  const auto user = s.new_user();
  for (const std::string address : {"192.0.2.1", "192.0.2.2", "192.0.2.3"})
    check_unknown(try_login(s, user.username, bad_password, address));
  check_too_many(try_login(s, user.username, user.password, "192.0.2.4"),
                 "\"logins_per_account\";q=3;w=60");
}

TEST_CASE("guesses at the old password are limited", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind,
         {{"limits.logins", "off"},
          {"limits.logins_per_account", "3/1m"},
          {"http.trusted_proxies", "127.0.0.1"}}};
  const auto user = s.new_user();
  const auto change = [&](const std::string& old_password, const std::string& address) {
    const json wanted{{"old_password", old_password}, {"new_password", "a new 6 came along"}};
    return s.as(user).post("/api/v1/auth/password", wanted, from(address));
  };
  for (int i = 0; i < 3; ++i) {
    const auto wrong = change(bad_password, "192.0.2.1");
    CHECK(wrong.status == 403);
    CHECK(wrong.code() == "wrong_password");
  }
  check_too_many(change(user.password, "192.0.2.1"), "\"logins_per_account\";q=3;w=60");
  CHECK(try_login(s, user.username, user.password, "192.0.2.2").status == 200); // still the old one
  CHECK(change(user.password, "192.0.2.2").status == 204);
}

TEST_CASE("new accounts from an address are limited", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"limits.registrations", "2/1h"}, {"http.trusted_proxies", "127.0.0.1"}}};
  const auto sign_up = [&](const std::string& username, const std::string& address) {
    const json wanted{{"username", username}, {"password", good_password}};
    return s.guest().post("/api/v1/auth/register", wanted, from(address));
  };
  const auto first = sign_up("alice", "192.0.2.1");
  REQUIRE(first.status == 201);
  CHECK(first.header("RateLimit").starts_with("\"registrations\";r=1;"));
  CHECK(sign_up("bob", "192.0.2.1").status == 201);
  const std::string policy = "\"registrations\";q=2;w=3600";
  check_too_many(sign_up("carol", "192.0.2.1"), policy);
  // The other forms of it are no way around.
  const json form{{"user_name", "carol"}, {"password", good_password}};
  check_too_many(s.guest().post("/auth/signup", form, from("192.0.2.1")), policy);
  CHECK(try_login(s, "carol", good_password, "192.0.2.1").status == 401);
  CHECK(sign_up("carol", "192.0.2.2").status == 201);
}

TEST_CASE("fields that are the server's own have no effect when they are sent", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto guest = s.guest();
  const std::string wished = "01890000-0000-7000-8000-000000000001";
  const json account{{"username", "mallory"}, {"password", good_password},
                     {"role", "ADMIN"},       {"id", wished},
                     {"is_admin", true},      {"disabled", true},
                     {"version", 7},          {"created_at", "1999-01-01T00:00:00.000Z"}};
  const auto registered = guest.post("/api/v1/auth/register", account);
  REQUIRE(registered.status == 201);
  CHECK(registered.as_json().at("id") != wished);
  const auto login =
    guest.post("/api/v1/auth/login", {{"username", "mallory"}, {"password", good_password}});
  REQUIRE(login.status == 200);
  const std::string token = login.as_json().at("access_token");
  CHECK(read_token(token).claims.at("role") == "USER");
  client mallory{s.server.port(), token};
  CHECK(mallory.post("/api/v1/products", {{"name", "Lamp"}, {"price", 1}}).status == 403);

  const auto product = s.new_product(10, "5");
  auto wanted = order_of({{product, 2}});
  wanted["items"][0].update({{"price", 1}, {"product_price", 1}, {"subtotal", 1}, {"id", 7}});
  wanted.update({{"id", 7},
                 {"total_amount", 1},
                 {"status", "delivered"},
                 {"user_id", wished},
                 {"order_number", "ORD-1999-000001"},
                 {"currency", "JPY"},
                 {"version", 9}});
  const auto placed = mallory.post("/api/v1/orders", wanted);
  REQUIRE(placed.status == 201);
  const auto order = placed.as_json();
  CHECK(order.at("id") != 7);
  CHECK(order.at("total_amount").dump() == "10");
  CHECK(order.at("status") == "pending");
  CHECK(order.at("user_id") == registered.as_json().at("id"));
  CHECK(order.at("order_number") != "ORD-1999-000001");
  CHECK(order.at("currency") == "USD");
  CHECK(order.at("version") == 1);

  const auto path = "/api/v1/orders/" + std::to_string(order.at("id").get<int64_t>());
  const auto cancelled =
    mallory.patch(path, {{"status", "cancelled"}, {"total_amount", 0}, {"user_id", wished}});
  REQUIRE(cancelled.status == 200);
  CHECK(cancelled.as_json().at("total_amount").dump() == "10");
  CHECK(cancelled.as_json().at("user_id") == order.at("user_id"));

  const json lamp{{"name", "Lamp"},
                  {"price", 1},
                  {"id", 77},
                  {"version", 8},
                  {"currency", "JPY"},
                  {"storage_quantity", 99},
                  {"created_at", "1999-01-01T00:00:00.000Z"}};
  const auto made = s.admin().post("/api/v1/products", lamp).as_json();
  CHECK(made.at("id") != 77);
  CHECK(made.at("version") == 1);
  CHECK(made.at("currency") == "USD");
  CHECK(made.at("storage_quantity") == 0);
  CHECK_FALSE(made.at("created_at").get<std::string>().starts_with("1999"));
  CHECK(s.closed_books() == "");
}
