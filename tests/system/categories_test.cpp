// Drives the tree of categories over HTTP against a running server on each database: any depth, no
// cycles, nothing lost below a category that goes, and products found with all that is below.
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace souk::tests;

namespace {

const std::string categories = "/api/v1/categories";

json add(shop& s, const std::string& name, const json& parent = nullptr) {
  json wanted{{"name", name}};
  if (!parent.is_null())
    wanted["parent_id"] = parent.at("id");
  return s.create(categories, wanted);
}

json under(const json& category, const std::string& name) {
  return {{"name", name}, {"parent_id", category.at("id")}};
}

int64_t product_in(shop& s, const json& category) {
  const json wanted{{"name", "Lamp"}, {"price", 5}, {"category_id", category.at("id")}};
  return s.create("/api/v1/products", wanted).at("id");
}

std::set<int64_t> products_in(shop& s, const json& category) {
  auto guest = s.guest();
  const auto id = std::to_string(category.at("id").get<int64_t>());
  const auto ids = ids_of(all_pages(guest, "/api/v1/products?limit=2&category=" + id));
  const std::set<int64_t> result{ids.begin(), ids.end()};
  CHECK(result.size() == ids.size());
  return result;
}

int64_t level_of(shop& s, const json& category) {
  return s.guest().get(category_path(category)).as_json().at("level");
}

/// The list as it follows from walking the tree of `?tree=true` from its roots.
void flatten(const json& nodes, const json& parent, json& list) {
  for (auto node : nodes) {
    CHECK(node.at("parent_id") == parent);
    const auto children = node.at("children");
    node.erase("children");
    list.push_back(node);
    flatten(children, node.at("id"), list);
  }
}

void check_conflict(const answer& got, const std::string& code) {
  INFO(got.body);
  CHECK(got.status == 409);
  CHECK(got.code() == code);
}

} // namespace

TEST_CASE("categories stand in a tree of any depth", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto made = s.admin().post(categories, {{"name", "Furniture"}});
  REQUIRE(made.status == 201);
  const auto root = made.as_json();
  CHECK(made.header("Location").ends_with(category_path(root)));
  CHECK(root.at("name") == "Furniture");
  CHECK(root.at("level") == 0);
  CHECK(root.at("parent_id").is_null());
  const auto zero = s.create(categories, {{"name", "Garden"}, {"parent_id", 0}});
  CHECK(zero.at("parent_id").is_null()); // as some clients say it
  CHECK(zero.at("level") == 0);

  std::vector<json> chain{root};
  for (int level = 1; level <= 25; ++level) {
    chain.push_back(add(s, "Level " + std::to_string(level), chain.back()));
    CHECK(chain.back().at("level") == level);
    CHECK(chain.back().at("parent_id") == chain[chain.size() - 2].at("id"));
  }
  for (const auto& category : chain)
    CHECK(s.guest().get(category_path(category)).as_json() == category);
  s.server.kill();
  s.server.start();
  for (const auto& category : chain)
    CHECK(s.guest().get(category_path(category)).as_json() == category);
}

TEST_CASE("the list of categories is the tree in order", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto home = add(s, "Home");
  const auto garden = add(s, "Garden");
  const auto lamps = add(s, "Lamps", home);
  const auto chairs = add(s, "Chairs", garden);
  const auto desks = add(s, "Desks", home);
  const auto led = add(s, "LED", lamps);
  const auto list = s.guest().get(categories).as_json();
  const auto ids = ids_of(list);
  CHECK(std::set<int64_t>(ids.begin(), ids.end()).size() == 6);
  REQUIRE(ids.size() == 6);
  // A parent stands before its children, with nothing of another branch between.
  std::vector<json> way;
  for (const auto& category : list) {
    const size_t level = category.at("level");
    REQUIRE(level <= way.size());
    way.resize(level);
    CHECK(category.at("parent_id") == (level == 0 ? json(nullptr) : way.back()));
    way.push_back(category.at("id"));
  }
  auto flat = json::array();
  flatten(s.guest().get(categories + "?tree=true").as_json(), nullptr, flat);
  CHECK(flat == list);
}

TEST_CASE("a category moves with all below it", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto home = add(s, "Home");
  const auto garden = add(s, "Garden");
  const auto lamps = add(s, "Lamps", home);
  const auto led = add(s, "LED", lamps);
  const auto small = add(s, "Small", led);
  const auto lamp = product_in(s, small);
  CHECK(products_in(s, home) == std::set<int64_t>{lamp});
  const auto moved = s.admin().put(category_path(led), under(garden, "Diodes"));
  INFO(moved.body);
  REQUIRE(moved.status == 200);
  CHECK(moved.as_json().at("name") == "Diodes");
  CHECK(moved.as_json().at("level") == 1);
  CHECK(level_of(s, small) == 2);
  CHECK(products_in(s, home).empty());
  CHECK(products_in(s, garden) == std::set<int64_t>{lamp});
  const auto root = s.admin().put(category_path(led), {{"name", "LED"}, {"parent_id", nullptr}});
  REQUIRE(root.status == 200);
  CHECK(root.as_json().at("level") == 0);
  CHECK(level_of(s, small) == 1);
  CHECK(products_in(s, garden).empty());
  CHECK(products_in(s, led) == std::set<int64_t>{lamp});
}

TEST_CASE("no category is below itself", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto home = add(s, "Home");
  const auto lamps = add(s, "Lamps", home);
  const auto led = add(s, "LED", lamps);
  for (const auto& below : {home, lamps, led})
    check_conflict(s.admin().put(category_path(home), under(below, "Home")), "category_cycle");
  CHECK(s.guest().get(category_path(home)).as_json() == home);

  // Nor when two moves that are fine for themselves come at once.
  const auto garden = add(s, "Garden");
  const std::vector<std::pair<json, json>> moves{{home, garden}, {garden, home}};
  std::vector<answer> answers(2);
  s.admin(); // its token is kept, and the threads below only read it
  in_parallel(2, [&](size_t i) {
    answers[i] = s.admin().put(category_path(moves[i].first), under(moves[i].second, "Moved"));
  });
  const bool first_won = answers[0].status == 200;
  CHECK((first_won || answers[1].status == 200));
  check_conflict(answers[first_won ? 1 : 0], "category_cycle");
  CHECK(s.guest().get(categories).as_json().size() == 4);
}

TEST_CASE("a category with anything in it is not deleted", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  const auto home = add(s, "Home");
  const auto lamps = add(s, "Lamps", home);
  const auto product = product_in(s, lamps);
  check_conflict(admin.remove(category_path(home)), "category_not_empty");
  check_conflict(admin.remove(category_path(lamps)), "category_not_empty");
  CHECK(s.guest().get(product_path(product)).as_json().at("category_id") == lamps.at("id"));
  REQUIRE(admin.patch(product_path(product), {{"category_id", nullptr}}).status == 200);
  const header_list key{{"Idempotency-Key", "gone"}};
  CHECK(admin.remove(category_path(lamps), key).status == 204);
  const auto again = admin.remove(category_path(lamps), key);
  CHECK(again.status == 204);
  CHECK(replayed(again));
  CHECK(admin.remove(category_path(home)).status == 204);
  CHECK(s.guest().get(categories).as_json() == json::array());
  CHECK(s.guest().get(category_path(lamps)).status == 404);
  CHECK(admin.remove(category_path(lamps)).status == 404);
  CHECK(admin.put(category_path(lamps), {{"name", "Lamps"}}).status == 404);
  const json lost{{"name", "Lamp"}, {"price", 5}, {"category_id", lamps.at("id")}};
  const auto refused = admin.post("/api/v1/products", lost);
  CHECK(refused.status == 422);
  CHECK(refused.code() == "category_not_found");
}

TEST_CASE("a product that comes while its category goes has one or none", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  s.admin(); // its token is kept, and the threads below only read it
  for (int round = 0; round < 5; ++round) {
    const auto home = add(s, "Home");
    const json lamp{{"name", "Lamp"}, {"price", 5}, {"category_id", home.at("id")}};
    std::vector<answer> answers(2);
    in_parallel(2, [&](size_t i) {
      answers[i] =
        i == 0 ? s.admin().post("/api/v1/products", lamp) : s.admin().remove(category_path(home));
    });
    INFO("product " << answers[0].status << ", category " << answers[1].status);
    const bool stays = s.guest().get(category_path(home)).status == 200;
    CHECK((answers[0].status == 201) == stays);
    CHECK((answers[1].status == 204) == !stays);
  }
}

TEST_CASE("bad categories are refused", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  const auto home = add(s, "Home");
  const json lost{{"name", "Lost"}, {"parent_id", 9007199254740000}};
  for (const auto& got : {admin.post(categories, lost), admin.put(category_path(home), lost)}) {
    CHECK(got.status == 422);
    CHECK(got.code() == "category_not_found");
  }
  for (const auto& name : {json(""), json(nullptr), json(7), json(std::string(201, 'x'))}) {
    const auto refused = admin.post(categories, {{"name", name}});
    CHECK(refused.status == 422);
    CHECK(pointers(refused) == std::set<std::string>{"/name"});
  }
  CHECK(admin.post(categories, {{"name", "x"}, {"parent_id", "home"}}).status == 422);
  CHECK(admin.get(categories + "/abc").status == 404);
  CHECK(admin.get(categories + "?tree=perhaps").status == 422);
  CHECK(ids_of(s.guest().get(categories).as_json()) == ids_of(json::array({home})));
}

TEST_CASE("products are found in a category and all below it", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto home = add(s, "Home");
  const auto lamps = add(s, "Lamps", home);
  const auto led = add(s, "LED", lamps);
  const auto garden = add(s, "Garden");
  std::map<int64_t, std::set<int64_t>> expected;
  for (const auto& category : {home, lamps, led, garden})
    for (int i = 0; i < 3; ++i)
      expected[category.at("id")].insert(product_in(s, category));
  s.new_product(1); // in none
  const auto all_of = [&](const std::vector<json>& some) {
    std::set<int64_t> result;
    for (const auto& category : some)
      result.merge(std::set<int64_t>{expected[category.at("id")]});
    return result;
  };
  CHECK(products_in(s, led) == all_of({led}));
  CHECK(products_in(s, lamps) == all_of({lamps, led}));
  CHECK(products_in(s, home) == all_of({home, lamps, led}));
  CHECK(products_in(s, garden) == all_of({garden}));
  CHECK(s.guest().get("/api/v1/products?category=x").status == 422);
}

TEST_CASE("categories come whole, or in pages by id", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  std::set<int64_t> made;
  auto parent = add(s, "Root");
  made.insert(parent.at("id").get<int64_t>());
  for (int i = 0; i < 6; ++i)
    made.insert(add(s, "C" + std::to_string(i), parent).at("id").get<int64_t>());
  auto guest = s.guest();
  CHECK(guest.get(categories).as_json().size() == made.size());
  const auto ids = ids_of(all_pages(guest, categories + "?limit=3"));
  CHECK(std::vector<int64_t>(made.begin(), made.end()) == ids);
  CHECK(guest.get(categories + "?limit=0").status == 422);
  CHECK(guest.get(categories + "?cursor=x").status == 422);
}
