// Drives users' addresses over HTTP against a running server on each database: their one default,
// orders sent to them, and that they are nobody else's business.
#include "tests/system/support/databases.hpp"

#include <algorithm>

using namespace souk::tests;

namespace {

const std::string addresses = "/api/v1/users/me/addresses";

json berlin(const std::string& street) {
  return {{"street", street}, {"city", "Berlin"}, {"country", "DE"}};
}

std::string path_of(const json& address) {
  return addresses + "/" + std::to_string(address.at("id").get<int64_t>());
}

json add(client& user, const json& address) {
  return expect("add an address", 201, user.post(addresses, address)).as_json();
}

/// The ids of the addresses that are said to be the default.
std::vector<int64_t> defaults(client& user) {
  std::vector<int64_t> result;
  for (const auto& address : user.get(addresses).as_json())
    if (address.at("is_default") == true)
      result.push_back(address.at("id"));
  return result;
}

std::vector<int64_t> only(const json& address) {
  return {address.at("id").get<int64_t>()};
}

} // namespace

TEST_CASE("users keep addresses", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto who = s.new_user();
  auto user = s.as(who);
  CHECK(user.get(addresses).as_json() == json::array());
  auto wanted = berlin("Long Road 1");
  wanted.update({{"state", "BE"}, {"postal_code", "10115"}});
  const auto made = user.post(addresses, wanted);
  REQUIRE(made.status == 201);
  const auto address = made.as_json();
  CHECK(made.header("Location").ends_with(path_of(address)));
  CHECK(address.at("is_default") == true); // the first one is
  for (const auto& [name, value] : wanted.items())
    CHECK(address.at(name) == value);
  CHECK(user.get(path_of(address)).as_json() == address);

  const auto moved = user.put(path_of(address), berlin("Short Road 2"));
  REQUIRE(moved.status == 200);
  CHECK(moved.as_json().at("street") == "Short Road 2");
  CHECK(defaults(user) == only(address));
  s.server.kill();
  s.server.start();
  user = s.as(who);
  CHECK(user.get(addresses).as_json() == json::array({moved.as_json()}));

  CHECK(user.remove(path_of(address)).status == 204);
  CHECK(user.get(path_of(address)).status == 404);
  CHECK(user.remove(path_of(address)).status == 404);
  CHECK(user.put(path_of(address), wanted).status == 404);
  CHECK(user.get(addresses).as_json() == json::array());
}

TEST_CASE("one address is the default", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto user = s.as(s.new_user());
  const auto first = add(user, berlin("First"));
  const auto second = add(user, berlin("Second"));
  CHECK(second.at("is_default") == false);
  CHECK(defaults(user) == only(first));
  auto wanted = berlin("Third");
  wanted["is_default"] = true;
  const auto third = add(user, wanted);
  CHECK(third.at("is_default") == true);
  CHECK(defaults(user) == only(third));
  CHECK(user.get(path_of(first)).as_json().at("is_default") == false);

  auto changed = berlin("Second");
  changed["is_default"] = true;
  REQUIRE(user.put(path_of(second), changed).status == 200);
  CHECK(defaults(user) == only(second));
  // Giving it up names no other, so one stays the default all the same.
  changed["is_default"] = false;
  user.put(path_of(second), changed);
  CHECK(defaults(user).size() == 1);
  changed["is_default"] = true;
  REQUIRE(user.put(path_of(second), changed).status == 200);

  CHECK(user.remove(path_of(second)).status == 204);
  CHECK(defaults(user) == only(first)); // the oldest that is left
  CHECK(user.remove(path_of(third)).status == 204);
  CHECK(defaults(user) == only(first));
}

TEST_CASE("addresses made at once leave one default", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto who = s.new_user();
  std::vector<answer> answers(6);
  in_parallel(answers.size(), [&](size_t i) {
    auto wanted = berlin("Road " + std::to_string(i));
    wanted["is_default"] = true;
    answers[i] = s.as(who).post(addresses, wanted);
  });
  for (const auto& got : answers)
    CHECK(got.status == 201);
  auto user = s.as(who);
  CHECK(user.get(addresses).as_json().size() == answers.size());
  CHECK(defaults(user).size() == 1);
}

TEST_CASE("a repeated address is kept once", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto user = s.as(s.new_user());
  const header_list key{{"Idempotency-Key", "home"}};
  const auto first = user.post(addresses, berlin("Long Road 1"), key);
  const auto again = user.post(addresses, berlin("Long Road 1"), key);
  CHECK(first.status == 201);
  CHECK(again.body == first.body);
  CHECK(replayed(again));
  CHECK(user.get(addresses).as_json().size() == 1);
}

TEST_CASE("bad addresses and too many are refused", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto user = s.as(s.new_user());
  const auto empty = user.post(addresses, json::object());
  CHECK(empty.status == 422);
  CHECK(pointers(empty) == std::set<std::string>{"/city", "/country", "/street"});
  auto wrong = berlin("Long Road 1");
  wrong["is_default"] = "yes";
  CHECK(user.post(addresses, wrong).status == 422);
  CHECK(user.post(addresses, berlin("")).status == 422);
  CHECK(user.get(addresses).as_json().empty());

  for (int i = 0; i < 50; ++i)
    add(user, berlin("Road " + std::to_string(i)));
  const auto more = user.post(addresses, berlin("Road 50"));
  CHECK(more.status == 409);
  CHECK(more.code() == "too_many");
  const auto kept = user.get(addresses).as_json();
  CHECK(kept.size() == 50);
  CHECK(user.remove(path_of(kept[7])).status == 204);
  CHECK(user.post(addresses, berlin("Road 50")).status == 201);
}

TEST_CASE("a foreign address looks like a missing one", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  auto owner = s.as(s.new_user());
  const auto address = add(owner, berlin("Long Road 1"));
  const auto missing = addresses + "/9007199254740000";
  std::vector<client> others;
  others.push_back(s.as(s.new_user()));
  others.push_back(s.admin());
  for (auto& other : others) {
    for (const auto* method : {"GET", "PUT", "DELETE"}) {
      INFO(method);
      const auto body = method == std::string{"PUT"} ? berlin("Mine now").dump() : "";
      const auto foreign = other.send(method, path_of(address), body);
      CHECK(foreign.status == 404);
      CHECK(anonymous(foreign) == anonymous(other.send(method, missing, body)));
    }
    auto order = order_of({{product, 1}});
    order["shipping_address_id"] = address.at("id");
    const auto foreign = other.post("/api/v1/orders", order);
    CHECK(foreign.status == 422);
    CHECK(foreign.code() == "address_not_found");
    order["shipping_address_id"] = 9007199254740000;
    CHECK(anonymous(foreign) == anonymous(other.post("/api/v1/orders", order)));
  }
  CHECK(owner.get(path_of(address)).as_json() == address);
  CHECK(s.on_hand(product) == 10);
}

TEST_CASE("an order keeps the address that it was sent to", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  const auto who = s.new_user();
  auto user = s.as(who);
  const auto address = add(user, berlin("Long Road 1"));
  const auto order = s.new_order(who, {{product, 1}}, {{"shipping_address_id", address.at("id")}});
  for (const auto* member : {"street", "city", "state", "postal_code", "country"})
    CHECK(order.at("shipping_address").at(member) == address.at(member));
  REQUIRE(user.put(path_of(address), berlin("Short Road 2")).status == 200);
  CHECK(user.get(order_path(order)).as_json().at("shipping_address")
        == order.at("shipping_address"));
  CHECK(user.remove(path_of(address)).status == 204);
  CHECK(user.get(order_path(order)).as_json() == order);
  CHECK(s.closed_books() == "");
}
