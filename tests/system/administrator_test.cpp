// The administrator of the first start, and the way back for one who has lost the password.
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <sstream>

using namespace souk::tests;

namespace {

bool mentions_password(const std::string& line) {
  auto lower = line;
  for (auto& c : lower)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower.find("password") != std::string::npos;
}

bool logs_in(client& guest, const std::string& password) {
  return guest.post("/api/v1/auth/login", {{"username", "admin"}, {"password", password}}).status
         == 200;
}

/// The word of a line about a password with which the administrator can log in; empty: none.
std::string printed_password(const std::string& output, client guest) {
  for (const auto& line : lines_of(output)) {
    if (!mentions_password(line))
      continue;
    std::istringstream words{line};
    for (std::string word; words >> word;) {
      const auto quoted = word.find_first_not_of("\"'`(");
      const auto end = word.find_last_not_of("\"'`).,;");
      if (quoted == std::string::npos || end == std::string::npos || end < quoted + 7)
        continue;
      const auto password = word.substr(quoted, end - quoted + 1);
      if (logs_in(guest, password))
        return password;
    }
  }
  return {};
}

} // namespace

TEST_CASE("a generated administrator's password is printed at the first start only", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  const database empty{kind};
  server served{empty, {{"admin.password", ""}}};
  served.start();
  const auto password = printed_password(served.output(), client{served.port()});
  INFO(served.output());
  REQUIRE(password.size() >= 8);
  CHECK(served.stop() == 0);
  served.start();
  client guest{served.port()};
  CHECK(logs_in(guest, password));
  CHECK(served.stop() == 0);
  CHECK(served.output().find(password) == std::string::npos);
  const auto lines = lines_of(served.output());
  CHECK(std::none_of(lines.begin(), lines.end(), mentions_password));
}

TEST_CASE("a given administrator's password is not printed and does not change", "[system]") {
  const database empty{engine::sqlite};
  server served{empty};
  served.start();
  client guest{served.port()};
  CHECK(logs_in(guest, admin_password));
  CHECK(served.stop() == 0);
  CHECK(served.output().find(admin_password) == std::string::npos);
  server other{empty, {{"admin.password", "another one 8 came"}}};
  other.start();
  client later{other.port()};
  CHECK(logs_in(later, admin_password));
  CHECK_FALSE(logs_in(later, "another one 8 came"));
}

TEST_CASE("an administrator who is named by an address has it, and can be changed", "[system]") {
  const database empty{engine::sqlite};
  const std::string name = "boss@example.org";
  server served{empty, {{"admin.username", name}}};
  served.start();
  client guest{served.port()};
  const auto login =
    guest.post("/api/v1/auth/login", {{"username", name}, {"password", admin_password}});
  INFO(login.body);
  REQUIRE(login.status == 200);
  client boss{served.port(), login.as_json().at("access_token").get<std::string>()};
  CHECK(boss.get("/api/v1/users/me").as_json().at("email") == name);
  CHECK(boss.patch("/api/v1/users/me", {{"first_name", "Ada"}}).status == 200);
}

TEST_CASE("after a demo catalog that failed the next start makes the administrator", "[system]") {
  const database empty{engine::postgresql};
  REQUIRE(run_souk("migrate", {{"database.url", empty.url()}}).exit_code == 0);
  empty.execute("alter table category add constraint no_demo check (id < 0)");
  const auto failed =
    run_souk("serve", server_settings(empty, {{"admin.password", ""}, {"shop.demo", "true"}}));
  INFO(failed.all());
  CHECK(failed.exit_code == 1);
  CHECK(lines_of(failed.err).back().starts_with("souk: cannot make a category: "));
  CHECK(empty.number("select count(*) from users") == 0); // or nobody would know the password
  empty.execute("alter table category drop constraint no_demo");
  server served{empty, {{"admin.password", ""}}};
  served.start();
  CHECK(!printed_password(served.output(), client{served.port()}).empty());
}

TEST_CASE("a lost administrator's password is set anew without a server", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto session = s.open_session({"admin", admin_password, {}, {}});
  const auto user = s.new_user();
  const auto addressed = s.as(user).patch("/api/v1/users/me", {{"email", "lost@example.org"}});
  CHECK(addressed.status == 200);
  CHECK(s.server.stop() == 0);
  const auto recover = [&](const settings& more) {
    return run_souk("recover", server_settings(s.database, more));
  };
  const auto nobody = recover({{"admin.username", "nobody"}});
  CHECK(nobody.exit_code == 1);
  auto unnamed = souk_command("recover", server_settings(s.database));
  unnamed.argv.insert(unnamed.argv.begin() + 2, "");
  const temporary_directory place;
  unnamed.dir = place.path();
  CHECK(run(unnamed).err.ends_with("souk: the user's name is empty\n"));
  const auto nowhere = "sqlite:" + (place.path() / "none.db").string();
  CHECK(recover({{"database.url", nowhere}}).err.find("there is no database at")
        != std::string::npos);
  CHECK(std::filesystem::is_empty(place.path()));
  CHECK(lines_of(nobody.all()) == std::vector<std::string>{"souk: there is no user nobody"});
  // Into no file that would be opened under the number of a closed standard output.
  auto closed = souk_command("recover", server_settings(s.database, {{"admin.password", ""}}));
  closed.argv.insert(closed.argv.begin(), {"sh", "-c", "exec \"$@\" >&-", "sh"});
  closed.dir = place.path();
  CHECK(run(closed).err.find("cannot be told: run this again") != std::string::npos);
  const auto by_address = recover({{"admin.username", "Lost@example.org"}});
  CHECK(by_address.exit_code == 0);
  const auto made_up = recover({{"admin.username", "Admin"}, {"admin.password", ""}});
  INFO(made_up.all());
  CHECK(made_up.exit_code == 0);
  // Another user becomes one, with a password of the operator's choice, which is not shown.
  const auto chosen =
    recover({{"admin.username", user.username}, {"admin.password", "so be it 9"}});
  CHECK(chosen.exit_code == 0);
  CHECK(chosen.all().find("so be it 9") == std::string::npos);
  s.server.start();
  auto guest = s.guest();
  CHECK_FALSE(logs_in(guest, admin_password));
  CHECK(!printed_password(made_up.out, s.guest()).empty());
  client before{s.server.port(), session.at("access_token").get<std::string>()};
  CHECK(before.get("/api/v1/users/me").status == 401);
  const auto known = s.open_session({user.username, "so be it 9", {}, {}});
  client risen{s.server.port(), known.at("access_token").get<std::string>()};
  CHECK(risen.get("/api/v1/users?limit=1").status == 200);
  CHECK(s.closed_books() == "");
}

TEST_CASE("no password is set anew below a running server", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto refused = run_souk("recover", server_settings(s.database));
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.err, Catch::Matchers::Contains("another server uses this database"));
  auto guest = s.guest();
  CHECK(logs_in(guest, admin_password));
}
