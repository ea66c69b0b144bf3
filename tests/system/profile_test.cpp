// Drives accounts over HTTP against a running server on each database: what users change about
// themselves, and what administrators do with users.
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <set>

using namespace souk::tests;

namespace {

const std::string own = "/api/v1/users/me";
const std::string nobody = "01890000-0000-7000-8000-000000000001";

void check_conflict(const answer& got, const std::string& code) {
  INFO(got.body);
  CHECK(got.status == 409);
  CHECK(got.code() == code);
}

bool logs_in(const shop& s, const std::string& username, const std::string& password) {
  return s.guest()
           .post("/api/v1/auth/login", {{"username", username}, {"password", password}})
           .status
         == 200;
}

answer refresh(const shop& s, const json& session) {
  return s.guest().post("/api/v1/auth/refresh", {{"refresh_token", session.at("refresh_token")}});
}

account new_admin(shop& s) {
  auto result = s.new_user();
  expect("promote", 200, s.admin().put(user_path(result.id) + "/role", {{"role", "ADMIN"}}));
  result.token = s.open_session(result).at("access_token");
  return result;
}

} // namespace

TEST_CASE("users change their own account", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = s.new_user();
  auto me = s.as(user);
  const auto put = me.put(own, {{"email", "alice@shop.test"},
                                {"first_name", "Alice"},
                                {"last_name", "Liddell"},
                                {"full_name", "Alice P. Liddell"},
                                {"phone", "+49 30 1234"}});
  INFO(put.body);
  REQUIRE(put.status == 200);
  CHECK(put.as_json().at("id") == user.id);
  CHECK(put.as_json().at("username") == user.username); // what is not sent stays
  CHECK(put.as_json().at("full_name") == "Alice P. Liddell");
  const auto patched = me.patch(own, {{"phone", nullptr}, {"first_name", "Alicia"}});
  REQUIRE(patched.status == 200);
  CHECK(patched.as_json().at("phone").is_null());
  CHECK(patched.as_json().at("first_name") == "Alicia");
  CHECK(patched.as_json().at("last_name") == "Liddell");
  CHECK(patched.as_json().at("email") == "alice@shop.test");
  CHECK(me.get(own).as_json() == patched.as_json());

  // PUT leaves alone what is not sent, as PATCH does.
  REQUIRE(me.put(own, {{"last_name", nullptr}}).status == 200);
  const auto kept = me.get(own).as_json();
  CHECK(kept.at("last_name").is_null());
  CHECK(kept.at("email") == "alice@shop.test");

  // What one logs in with is not lost by a client that sends what it leaves alone as null.
  const auto nulls = me.put(own, {{"username", nullptr}, {"email", nullptr}});
  INFO(nulls.body);
  REQUIRE(nulls.status == 200);
  CHECK(nulls.as_json() == kept);
  CHECK(me.put(own, json::object()).as_json() == kept);
  CHECK(me.patch(own, json::object()).as_json() == kept);

  // The server's own fields stay as they are.
  me.patch(own, {{"phone", "1"}, {"role", "ADMIN"}, {"id", nobody}, {"disabled", true}});
  const auto still = me.get(own).as_json();
  CHECK(still.at("role") == "USER");
  CHECK(still.at("id") == user.id);

  s.server.kill();
  s.server.start();
  CHECK(s.as(user).get(own).as_json() == still);
}

TEST_CASE("a changed name is the one to log in with and is taken", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto user = s.new_user();
  const auto other = s.new_user();
  auto me = s.as(user);
  auto they = s.as(other);
  REQUIRE(they.patch(own, {{"email", "other@shop.test"}}).status == 200);
  check_conflict(me.patch(own, {{"username", "CUSTOMER" + other.username.substr(8)}}),
                 "username_taken");
  check_conflict(me.patch(own, {{"email", "OTHER@shop.test"}}), "email_taken");
  CHECK(me.get(own).as_json().at("username") == user.username);
  CHECK(me.get(own).as_json().at("email").is_null());

  for (const auto& wrong : {json(nullptr), json(""), json("ab"), json("two words"), json(7)}) {
    const auto refused = me.patch(own, {{"username", wrong}});
    CHECK(refused.status == 422);
    CHECK(pointers(refused) == std::set<std::string>{"/username"});
  }
  CHECK(me.patch(own, {{"email", "nowhere"}}).status == 422);

  REQUIRE(me.patch(own, {{"username", "Wanda"}}).status == 200);
  REQUIRE(me.patch(own, {{"username", "wanda"}}).status == 200); // one's own in another case
  CHECK(logs_in(s, "WANDA", user.password));
  CHECK_FALSE(logs_in(s, user.username, user.password));
  check_conflict(they.patch(own, {{"username", "WANDA"}}), "username_taken");
  REQUIRE(they.patch(own, {{"username", user.username}}).status == 200); // it is free again
}

TEST_CASE("of many who want one name at once one gets it", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto users = s.new_users(5);
  std::vector<answer> answers(users.size());
  in_parallel(users.size(), [&](size_t i) {
    answers[i] = s.as(users[i]).patch(own, {{"username", i % 2 == 0 ? "champion" : "CHAMPION"}});
  });
  const auto winners = std::count_if(answers.begin(), answers.end(),
                                     [](const answer& got) { return got.status == 200; });
  CHECK(winners == 1);
  for (const auto& got : answers)
    if (got.status != 200)
      check_conflict(got, "username_taken");
}

TEST_CASE("a deleted account is gone and its orders stay", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  const auto self = s.new_user();
  const auto dismissed = s.new_user();
  std::vector<json> orders;
  std::vector<json> sessions;
  for (const auto& user : {self, dismissed}) {
    orders.push_back(s.new_order(user, {{product, 2}}));
    const auto session = refresh(s, s.open_session(user));
    REQUIRE(session.status == 200);
    sessions.push_back(session.as_json());
  }
  CHECK(s.as(self).remove(own).status == 204);
  CHECK(s.admin().remove(user_path(dismissed.id)).status == 200);
  for (const auto& user : {self, dismissed}) {
    CHECK(eventually(1500ms, [&] { return s.as(user).get(own).status == 401; }));
    CHECK_FALSE(logs_in(s, user.username, user.password));
    CHECK(s.admin().get(user_path(user.id)).status == 404);
    CHECK(s.admin().remove(user_path(user.id)).status == 404);
  }
  for (const auto& session : sessions)
    CHECK(refresh(s, session).status == 401);
  for (const auto& order : orders)
    CHECK(s.read_order(order) == order);
  const auto left = ids_of(s.admin().get("/api/v1/orders").as_json());
  CHECK(left.size() == 2);
  CHECK(s.on_hand(product) == 6);
  CHECK(s.closed_books() == "");
}

TEST_CASE("administrators list and read users", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto users = s.new_users(6);
  auto admin = s.admin();
  std::set<std::string> expected;
  for (const auto& user : users)
    expected.insert(user.id);
  std::set<std::string> seen;
  const auto listed = all_pages(admin, "/api/v1/users?limit=3");
  for (const auto& user : listed) {
    CHECK(user.at("disabled") == false);
    CHECK(is_time(user.at("created_at")));
    if (user.at("username") != "admin")
      CHECK(seen.insert(user.at("id").get<std::string>()).second);
  }
  CHECK(listed.size() == users.size() + 1);
  CHECK(seen == expected);

  const auto one = admin.get(user_path(users[0].id));
  REQUIRE(one.status == 200);
  for (const auto* member : {"id", "username", "email", "first_name", "last_name", "full_name",
                             "phone", "role", "disabled", "created_at", "updated_at"})
    CHECK(one.as_json().contains(member));
  CHECK(one.as_json().at("username") == users[0].username);
  CHECK(one.body.find("password") == std::string::npos);

  for (const auto& id : {nobody, std::string{"abc"}, std::string{"1"}}) {
    CHECK(admin.get(user_path(id)).status == 404);
    CHECK(admin.remove(user_path(id)).status == 404);
    CHECK(admin.put(user_path(id) + "/role", {{"role", "USER"}}).status == 404);
    CHECK(admin.patch(user_path(id), {{"disabled", true}}).status == 404);
  }
  CHECK(admin.patch(user_path(users[0].id), {{"disabled", "yes"}}).status == 422);
  for (const auto& query : {"limit=0", "limit=501", "cursor=%21%21"})
    CHECK(admin.get(std::string{"/api/v1/users?"} + query).status == 422);
}

TEST_CASE("the last administrator stays", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  const std::string id = admin.get(own).as_json().at("id");
  const auto check_kept = [&] {
    check_conflict(admin.put(user_path(id) + "/role", {{"role", "USER"}}), "last_administrator");
    check_conflict(admin.patch(user_path(id), {{"role", "USER"}}), "last_administrator");
    check_conflict(admin.patch(user_path(id), {{"disabled", true}}), "last_administrator");
    check_conflict(admin.remove(user_path(id)), "last_administrator");
    check_conflict(admin.remove(own), "last_administrator");
    CHECK(admin.get("/api/v1/users").status == 200);
  };
  check_kept();
  // Whoever cannot log in is no administrator to rely on.
  const auto second = new_admin(s);
  REQUIRE(admin.patch(user_path(second.id), {{"disabled", true}}).status == 200);
  check_kept();
  REQUIRE(admin.patch(user_path(second.id), {{"disabled", false}}).status == 200);
  const auto successor = s.open_session(second);
  CHECK(admin.put(user_path(id) + "/role", {{"role", "USER"}}).status == 200);
  client heir{s.server.port(), successor.at("access_token").get<std::string>()};
  check_conflict(heir.remove(user_path(second.id)), "last_administrator");
}

TEST_CASE("two administrators cannot dismiss each other", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto second = new_admin(s);
  const std::string first = s.admin().get(own).as_json().at("id");
  std::vector<client> admins;
  admins.push_back(s.admin());
  admins.push_back(s.as(second));
  const std::vector<std::string> targets{second.id, first};
  std::vector<answer> answers(2);
  in_parallel(2, [&](size_t i) {
    answers[i] = admins[i].put(user_path(targets[i]) + "/role", {{"role", "USER"}});
  });
  // One wins; the other is the last one, or no administrator any more.
  const bool first_won = answers[0].status == 200;
  CHECK((first_won || answers[1].status == 200));
  const auto& loser = answers[first_won ? 1 : 0];
  CHECK((loser.status == 409 || loser.status == 401 || loser.status == 403));
  CHECK(admins[first_won ? 0 : 1].get("/api/v1/users").status == 200);
}
