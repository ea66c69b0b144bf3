// Drives the client of the API: logging in, repeating, pages, categories and accounts; against a
// small HTTP server in this process.
#include "http/client/accounts.hpp"
#include "http/client/categories.hpp"
#include "tests/http/client/fake_shop_server.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <set>

using namespace souk::client;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using souk::tests::asked;
using souk::tests::fake_shop_server;
using souk::tests::told;

namespace {

const patience quick{1ms, 4ms, 10s, 10s};

shop_login to(const fake_shop_server& server, unsigned connections = 4) {
  return {server.url(), "admin", "right", connections};
}

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const client_error& e) {
    return e.what();
  }
  return "no error";
}

} // namespace

TEST_CASE("a change is repeated with its key until the server has time") {
  std::atomic<int> left{3};
  fake_shop_server server{[&](const asked&) {
    return left-- > 0 ? told{503, R"({"code":"overloaded"})", {{"Retry-After", "0"}}}
                      : told{201, R"({"id":1})"};
  }};
  api shop{to(server), quick};
  shop.log_in();
  CHECK(shop.call("POST", "/api/v1/things", R"({"a":1})").status == 201);
  const auto requests = server.requests();
  REQUIRE(requests.size() == 4);
  for (const auto& x : requests) {
    CHECK(x.body == R"({"a":1})");
    CHECK(x.key == requests[0].key);
    CHECK(x.token == "Bearer t1");
  }
  CHECK(requests[0].key.size() == 32);
}

TEST_CASE("a lost connection is not the end of a change, and each change has a key of its own") {
  std::atomic<int> count{0};
  fake_shop_server server{
    [&](const asked&) { return count++ % 2 == 0 ? std::nullopt : std::optional{told{}}; }};
  api shop{to(server), quick};
  shop.log_in();
  CHECK(shop.call("POST", "/a", "{}").status == 200);
  CHECK(shop.call("POST", "/b", "{}").status == 200);
  const auto requests = server.requests();
  REQUIRE(requests.size() == 4);
  CHECK(requests[0].key == requests[1].key);
  CHECK(requests[2].key == requests[3].key);
  CHECK(requests[1].key != requests[2].key);
}

TEST_CASE("Retry-After is waited for") {
  std::atomic<bool> first{true};
  fake_shop_server server{[&](const asked&) {
    return first.exchange(false) ? told{429, "{}", {{"Retry-After", "1"}}} : told{};
  }};
  api shop{to(server), quick};
  shop.log_in();
  const auto begin = std::chrono::steady_clock::now();
  CHECK(shop.call("GET", "/a").status == 200);
  CHECK(std::chrono::steady_clock::now() - begin >= 1s);
}

TEST_CASE("patience has an end, which comes at once when Retry-After lies behind it") {
  fake_shop_server server{[&](const asked&) {
    return told{503, R"({"detail":"busy"})", {{"Retry-After", "3600"}}};
  }};
  api shop{to(server), quick};
  shop.log_in();
  CHECK(error_of([&] { shop.call("GET", "/a"); }) == "gave up on " + server.url() + ": busy");
  CHECK(server.requests().size() == 1);
}

TEST_CASE("an expired token is replaced once for all who were refused") {
  fake_shop_server server{[](const asked& x) {
    return x.token == "Bearer t2" ? told{} : told{401, "{}"};
  }};
  api shop{to(server, 8), quick};
  shop.log_in();
  int good = 0;
  for (int i = 0; i < 8; ++i)
    shop.send("POST", "/a", "{}", [&](const reply& x) { good += x.status == 200 ? 1 : 0; });
  while (shop.busy() > 0)
    shop.run_once();
  CHECK(good == 8);
  CHECK(server.logins() == 2);
  std::set<std::string> keys;
  for (const auto& x : server.requests())
    keys.insert(x.key);
  CHECK(keys.size() == 8);
}

TEST_CASE("who is refused with every token is told so") {
  fake_shop_server server{[](const asked&) { return told{401, R"({"detail":"no"})"}; }};
  api shop{to(server), quick};
  shop.log_in();
  CHECK(shop.call("GET", "/a").status == 401);
}

TEST_CASE("a wrong password, a wrong URL and nobody there are told at once") {
  fake_shop_server server{[](const asked&) { return told{}; }};
  auto wrong = to(server);
  wrong.password = "wrong";
  CHECK(error_of([&] {
          api{wrong, quick}.log_in();
        })
        == "cannot log in as admin: the name or the password is wrong");
  CHECK(server.logins() == 1);
  for (const auto* url : {"", "ftp://127.0.0.1", "127.0.0.1:8080", "http://a:b@127.0.0.1",
                          "http://127.0.0.1/?a=b", "http://"}) {
    CAPTURE(url);
    CHECK_THAT(error_of([&] { api({url, "admin", "right", 1}); }), Contains("the URL is not"));
  }
  std::string gone;
  {
    const fake_shop_server other{[](const asked&) { return told{}; }};
    gone = other.url();
  }
  CHECK_THAT(error_of([&] {
               api({gone, "admin", "right", 1}).log_in();
             }),
             Contains("no answer from " + gone));
}

TEST_CASE("as many requests run at once as there are connections") {
  fake_shop_server server{[](const asked&) { return told{}; }};
  api shop{to(server, 3), quick};
  shop.log_in();
  int done = 0;
  for (int i = 0; i < 60; ++i)
    shop.send("GET", "/" + std::to_string(i), "", [&](const reply&) { ++done; });
  while (shop.busy() > 0)
    shop.run_once();
  CHECK(done == 60);
  CHECK(server.requests().size() == 60);
  CHECK(server.connections() <= 3);
}

TEST_CASE("a list is read page by page along its links") {
  fake_shop_server server{[](const asked& x) {
    if (x.target == "/list?limit=2")
      return told{200, "[1,2]", {{"Link", "</list?limit=2&cursor=b>; rel=\"next\""}}};
    if (x.target == "/list?limit=2&cursor=b")
      return told{200,
                  "[3,4]",
                  {{"Link", "</other>; rel=\"prev\", <http://elsewhere.test/last>; rel=\"next\""}}};
    return x.target == "/last" ? told{200, "[5.10]"} : told{404};
  }};
  api shop{to(server), quick};
  shop.log_in();
  std::string all;
  shop.list("things", "/list?limit=2", [&](std::string_view x) { all += std::string{x} + " "; });
  CHECK(all == "1 2 3 4 5.10 ");
}

TEST_CASE("a problem is one line with all that is wrong") {
  reply x;
  x.status = 422;
  x.body = R"({"detail":"two\nfields","errors":[{"pointer":"/a","detail":"is bad"},
              {"pointer":"/b","detail":"is worse"}]})";
  CHECK(describe(x) == "two fields; /a is bad; /b is worse");
  x.body = "<html>";
  CHECK(describe(x) == "status 422");
}

TEST_CASE("paths of categories are split and joined") {
  using strings = std::vector<std::string>;
  CHECK(split_path("A/ B b /C") == strings{"A", "B b", "C"});
  CHECK(split_path(R"(A\/B/C\\D\E)") == strings{"A/B", R"(C\D\E)"});
  for (const auto& names : {strings{"A/B", R"(C\)", "D"}, strings{"A"}})
    CHECK(split_path(join_path(names)) == names);
}

TEST_CASE("categories are found by path or single name, and made where they are missing") {
  fake_shop_server server{[id = 10](const asked& x) mutable {
    if (x.method == "GET")
      return told{200, R"([{"id":1,"name":"Home","parent_id":null},
                          {"id":2,"name":"Pans","parent_id":1},
                          {"id":3,"name":"Garden","parent_id":null},
                          {"id":4,"name":"New","parent_id":1},
                          {"id":5,"name":"New","parent_id":3}])"};
    return told{201, "{\"id\":" + std::to_string(id++) + "}"};
  }};
  api shop{to(server), quick};
  shop.log_in();
  categories tree{shop};
  tree.load();
  CHECK(tree.find("Home/Pans").id == 2);
  CHECK(tree.find("Pans").id == 2);
  CHECK(tree.find("Garden").id == 3);
  CHECK_THAT(tree.find("New").why, Contains("several"));
  CHECK_THAT(tree.find("Home//Pans").why, Contains("empty name"));
  CHECK(server.requests().size() == 1);
  CHECK(tree.find("Home/Pans/Iron/Small").id == 11);
  CHECK(tree.find("Home/Pans/Iron/Small").id == 11);
  CHECK(tree.path_of(11) == "Home/Pans/Iron/Small");
  CHECK(tree.made() == 2);
  const auto requests = server.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[1].body == R"({"name":"Iron","parent_id":2})");
  CHECK(requests[2].body == R"({"name":"Small","parent_id":10})");
}

TEST_CASE("an account is made, and then given its role") {
  fake_shop_server server{[](const asked& x) {
    return x.method == "PATCH" ? told{} : told{201, R"({"id":"u-1","username":"ada"})"};
  }};
  create_account(to(server), {"ada", "secret words", "", "ADMIN"}, quick);
  const auto requests = server.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].target == "/api/v1/auth/register");
  CHECK(requests[0].body == R"({"username":"ada","password":"secret words"})");
  CHECK(requests[1].target == "/api/v1/users/u-1");
  CHECK(requests[1].body == R"({"role":"ADMIN"})");
}

TEST_CASE("an account is changed by its exact name in any case") {
  fake_shop_server server{[](const asked& x) {
    return x.method == "GET"
             ? told{200, R"([{"id":"u-2","username":"adam"},{"id":"u-1","username":"Ada"}])"}
             : told{};
  }};
  account_change off;
  off.disabled = true;
  change_account(to(server), "aDA", off, quick);
  CHECK(error_of([&] { change_account(to(server), "eve", off, quick); }) == "there is no user eve");
  const auto requests = server.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].target == "/api/v1/users?username=aDA");
  CHECK(requests[1].method + requests[1].target == "PATCH/api/v1/users/u-1");
  CHECK(requests[1].body == R"({"disabled":true})");
}
