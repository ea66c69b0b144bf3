// Drives the forms of accounts, users and addresses by plain calls.
// Against a scripted inner application; no server.
#include "tests/http/aliases/fake_api.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::test;

namespace {
const std::string form_type = "application/x-www-form-urlencoded";
}

TEST_CASE("each registration form makes an account", "[aliases]") {
  const json email_only{{"email", "ada@example.com"}, {"password", "secure123"}};
  const json user_name{{"user_name", "ada"}, {"password", "secure123"}};
  const json full{{"username", "ada"},
                  {"full_name", "Ada L"},
                  {"phone", "+7 (999) 123-45-67"},
                  {"password", "password123"}};
  struct row {
    std::string target;
    json sent;
    std::string username;
  };
  const std::vector<row> rows{{"/auth/signup", user_name, "ada"},
                              {"/register/", email_only, "ada@example.com"},
                              {"/register", full, "ada"},
                              {"/auth-service/register", full, "ada"},
                              {"/user-api/users/register", full, "ada"}};
  for (const auto& x : rows) {
    INFO(x.target);
    fake_api api;
    api.answer("POST /api/v1/auth/register", 201, user_json());
    const auto got = api.send("POST", x.target, x.sent);
    CHECK(got.status == 200);
    CHECK(body_of(got)["id"] == ada_id);
    CHECK(body_of(got)["user_name"] == "ada");
    CHECK(body_of(got)["is_active"] == true);
    REQUIRE(api.asked.size() == 1);
    CHECK(api.asked[0].content_type == "application/json");
    CHECK(api.last_body()["username"] == x.username);
    CHECK(api.last_body()["password"] == x.sent["password"]);
    CHECK(!api.last_body().contains("user_name"));
    CHECK(api.last_body().contains("phone") == x.sent.contains("phone"));
  }
}

TEST_CASE("a name that is an e-mail address is the account's in every form", "[aliases]") {
  for (const std::string name : {"user_name", "username"}) {
    fake_api api;
    api.answer("POST /api/v1/auth/register", 201, user_json());
    const json sent{{name, "ada@example.com"}, {"password", "secure123"}};
    CHECK(api.send("POST", "/auth/signup", sent).status == 200);
    CHECK(api.last_body()["email"] == "ada@example.com");
    auto other = sent;
    other["email"] = "bob@example.com";
    api.send("POST", "/auth/signup", other); // the API says what is wrong with that
    CHECK(api.last_body()["email"] == "bob@example.com");

    fake_api refusing;
    refusing.answer("POST /api/v1/auth/register", 422,
                    {{"errors", json::array({{{"pointer", "/email"}, {"detail", "is none"}}})}});
    const auto refused = body_of(refusing.send("POST", "/auth/signup", sent));
    CHECK(refused["errors"][0]["pointer"] == "/" + name);
  }
}

TEST_CASE("each login form becomes a login with JSON", "[aliases]") {
  const json token{{"access_token", "x"}, {"token_type", "bearer"}};
  for (const std::string target : {"/auth/login", "/token/", "/user-api/token", "/login"}) {
    INFO(target);
    fake_api api;
    api.answer("POST /api/v1/auth/login", 200, token);
    const auto got =
      api.send("POST", target, "username=ada%40x.org&password=a+b&scope=", form_type);
    CHECK(got.status == 200);
    CHECK(body_of(got) == token);
    CHECK(api.last_body() == json{{"username", "ada@x.org"}, {"password", "a b"}});
    CHECK(api.send("POST", target, {{"username", "ada"}, {"password", "p"}}).status == 200);
    CHECK(api.last_body() == json{{"username", "ada"}, {"password", "p"}});
  }
}

TEST_CASE("a refusal names the fields as they were sent", "[aliases]") {
  fake_api api;
  const json refusal{{"status", 422},
                     {"code", "invalid_value"},
                     {"errors", json::array({{{"pointer", "/username"}, {"detail", "is short"}},
                                             {{"pointer", "/password"}, {"detail", "is short"}}})}};
  api.answer("POST /api/v1/auth/register", 422, refusal);
  const auto got = api.send("POST", "/auth/signup", {{"user_name", "a"}, {"password", "b"}});
  CHECK(got.status == 422);
  CHECK(got.content_type == "application/problem+json");
  CHECK(body_of(got)["errors"][0]["pointer"] == "/user_name");
  CHECK(body_of(got)["errors"][1]["pointer"] == "/password");
}

TEST_CASE("a body of another type or without JSON is refused before anything is asked",
          "[aliases]") {
  fake_api api;
  CHECK(api.send("POST", "/register", "a=b", form_type).status == 415);
  CHECK(api.send("POST", "/register", "{", "application/json").status == 400);
  CHECK(api.send("POST", "/register", "[1]", "application/json; charset=utf-8").status == 422);
  CHECK(api.counted.back() == "invalid_value");
  CHECK(api.asked.empty());
}

TEST_CASE("a token in the header is told whose it is", "[aliases]") {
  fake_api api;
  api.answer("GET /api/v1/users/me", 200, user_json());
  const auto got = api.send("POST", "/verify-token");
  CHECK(got.status == 200);
  CHECK(body_of(got)["valid"] == true);
  CHECK(body_of(got)["user_id"] == ada_id);
  CHECK(api.asked[0].authorization == "Bearer t");
  CHECK(api.asked[0].on_behalf_of.empty());
}

TEST_CASE("a user and addresses are asked for in that user's name", "[aliases]") {
  fake_api api;
  api.answer("GET /api/v1/users/me", 200, user_json(bob_id));
  api.answer("GET /api/v1/users/me/addresses", 200, json::array({{{"id", 3}}}));
  api.answer("POST /api/v1/users/me/addresses", 201, {{"id", 4}});
  CHECK(body_of(api.send("GET", "/user/" + bob_id))["user_id"] == bob_id);
  CHECK(api.asked.back().on_behalf_of == bob_id);
  const auto list = body_of(api.send("GET", "/user/" + bob_id + "/addresses"));
  CHECK(list == json::array({{{"id", 3}, {"user_id", bob_id}}}));
  const auto made = api.send("POST", "/user/" + bob_id + "/addresses/",
                             {{"street", "s"}, {"city", "c"}, {"country", "DE"}, {"x", 1}});
  CHECK(made.status == 200);
  CHECK(body_of(made) == json{{"id", 4}, {"user_id", bob_id}});
  CHECK(api.last_body() == json{{"street", "s"}, {"city", "c"}, {"country", "DE"}});
  CHECK(api.asked.back().on_behalf_of == bob_id);
  const auto asked = api.asked.size();
  CHECK(api.send("GET", "/user/12").status == 422);
  CHECK(api.asked.size() == asked);
}

TEST_CASE("requests about users under /api/v1 pass as they are", "[aliases]") {
  fake_api api;
  const json deleted{{"message", "User deleted"}};
  api.answer("DELETE /api/v1/users/" + bob_id, 200, deleted);
  api.answer("GET /api/v1/users/" + bob_id, 200, user_json(bob_id));
  api.answer("DELETE /api/v1/users/me", 204, {});
  const auto got = api.send("DELETE", "/api/v1/users/" + bob_id);
  CHECK(got.status == 200);
  CHECK(body_of(got) == deleted);
  CHECK(body_of(api.send("GET", "/api/v1/users/" + bob_id)) == user_json(bob_id));
  CHECK(api.send("DELETE", "/api/v1/users/me").status == 204);
  CHECK(api.send("DELETE", "/api/v1/users/" + ada_id).status == 404);
}

TEST_CASE("the caller's account is read and changed", "[aliases]") {
  fake_api api;
  for (const std::string method : {"GET", "PUT", "PATCH"})
    api.answer(method + " /api/v1/users/me", 200, user_json());
  CHECK(body_of(api.send("GET", "/user-api/users/me"))["username"] == "ada");
  for (const std::string method : {"PUT", "PATCH"}) {
    CHECK(api.send(method, "/users/me", {{"phone", "1"}}).status == 200);
    CHECK(api.last_body() == json{{"phone", "1"}});
  }
}
