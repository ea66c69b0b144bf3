// Drives the lists of orders over HTTP against a running server on each database: whose orders are
// in them, filters, and pages that neither skip nor repeat.
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <set>

using namespace souk::tests;

namespace {

const std::string orders = "/api/v1/orders";
const std::string nobody = "01890000-0000-7000-8000-000000000001";

/// Orders of several users, in the order in which they were placed.
struct placed_orders {
  std::vector<account> users;
  std::vector<json> all;

  placed_orders(shop& s, size_t user_count, size_t rounds) : users{s.new_users(user_count)} {
    const auto product = s.new_product(1000);
    for (size_t i = 0; i < rounds; ++i)
      for (const auto& user : users)
        all.push_back(s.new_order(user, {{product, 1}}));
  }

  /// The ids of those for which a condition holds.
  template <class Condition>
  std::set<int64_t> those(Condition condition) const {
    std::set<int64_t> result;
    for (const auto& order : all)
      if (condition(order))
        result.insert(order.at("id").get<int64_t>());
    return result;
  }

  std::set<int64_t> of(const account& user) const {
    return those([&](const json& order) { return order.at("user_id") == user.id; });
  }

  std::set<int64_t> ids() const {
    return those([](const json&) { return true; });
  }
};

/// The ids of a list, newest first and none twice, whatever its pages.
std::set<int64_t> listed(client& reader, const std::string& target) {
  const auto items = all_pages(reader, target);
  auto times = each(items, "created_at");
  std::reverse(times.begin(), times.end());
  CHECK(std::is_sorted(times.begin(), times.end()));
  const auto ids = ids_of(items);
  const std::set<int64_t> result{ids.begin(), ids.end()};
  CHECK(result.size() == ids.size());
  return result;
}

} // namespace

TEST_CASE("everyone sees the own orders and an administrator all", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const placed_orders placed{s, 4, 4};
  auto admin = s.admin();
  CHECK(listed(admin, orders) == placed.ids());
  CHECK(listed(admin, orders + "?limit=3") == placed.ids());
  for (const auto& user : placed.users) {
    auto self = s.as(user);
    const auto own = placed.of(user);
    CHECK(own.size() == 4);
    CHECK(listed(self, orders + "?limit=3") == own);
    CHECK(listed(self, orders + "?user_id=" + user.id) == own);
    CHECK(listed(admin, orders + "?limit=3&user_id=" + user.id) == own);
    CHECK(listed(self, user_path(user.id) + "/orders?limit=3") == own);
    CHECK(listed(admin, user_path(user.id) + "/orders?limit=3") == own);
  }
  auto one = s.as(placed.users[0]);
  CHECK(one.get(orders + "?user_id=" + placed.users[1].id).as_json() == json::array());
  CHECK(one.get(orders + "?user_id=" + nobody).as_json() == json::array());
  CHECK(admin.get(orders + "?user_id=" + nobody).as_json() == json::array());
  const auto foreign = one.get(user_path(placed.users[1].id) + "/orders");
  CHECK(foreign.status == 404);
  CHECK(anonymous(foreign) == anonymous(one.get(user_path(nobody) + "/orders")));
  CHECK(s.guest().get(user_path(placed.users[1].id) + "/orders").status == 401);
}

TEST_CASE("orders are filtered by status and time", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const placed_orders placed{s, 2, 5};
  auto admin = s.admin();
  std::set<int64_t> confirmed;
  std::set<int64_t> cancelled;
  for (size_t i = 0; i < 6; ++i) {
    const auto& order = placed.all[i];
    const bool first = i % 2 == 0;
    REQUIRE(s.advance(order, first ? "confirmed" : "cancelled").status == 200);
    (first ? confirmed : cancelled).insert(order.at("id").get<int64_t>());
  }
  CHECK(listed(admin, orders + "?limit=2&status=confirmed") == confirmed);
  CHECK(listed(admin, orders + "?limit=2&status=cancelled") == cancelled);
  CHECK(listed(admin, orders + "?status=pending").size() == 4);
  CHECK(listed(admin, orders + "?status=returned").empty());
  auto buyer = s.as(placed.users[0]);
  CHECK(listed(buyer, orders + "?status=confirmed") == confirmed); // of the first user all
  CHECK(listed(buyer, orders + "?status=cancelled").empty());

  const std::string middle = placed.all[5].at("created_at");
  const auto after = placed.those([&](const json& x) { return x.at("created_at") > middle; });
  const auto before = placed.those([&](const json& x) { return x.at("created_at") < middle; });
  CHECK(listed(admin, orders + "?limit=2&created_after=" + middle) == after);
  CHECK(listed(admin, orders + "?limit=2&created_before=" + middle) == before);
  CHECK(listed(admin, orders + "?created_after=" + middle + "&created_before=" + middle).empty());
  CHECK(listed(admin, orders + "?created_before=1970-01-01T00:00:00Z").empty());
  const std::string first = placed.all[0].at("created_at");
  const auto between = placed.those([&](const json& x) {
    return x.at("created_at") > first && x.at("created_at") < middle
           && x.at("user_id") == placed.users[0].id;
  });
  CHECK(listed(admin, orders + "?limit=1&user_id=" + placed.users[0].id + "&created_after=" + first
                        + "&created_before=" + middle)
        == between);
  for (const auto* wrong : {"status=lost", "created_after=yesterday", "created_before=2026-01-01",
                            "user_id=7", "limit=0", "limit=501", "cursor=%21%21"}) {
    INFO(wrong);
    CHECK(admin.get(orders + "?" + wrong).status == 422);
  }
}

TEST_CASE("pages of all orders neither skip nor repeat while orders come", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const placed_orders placed{s, 3, 4};
  const auto product = s.new_product(1000);
  auto admin = s.admin();
  size_t next = 0;
  const auto order_more = [&] {
    s.new_order(placed.users[next++ % placed.users.size()], {{product, 1}});
  };
  const auto seen = ids_of(all_pages(admin, orders + "?limit=2", order_more));
  const std::set<int64_t> once{seen.begin(), seen.end()};
  CHECK(once.size() == seen.size());
  CHECK(once == placed.ids()); // what came later is newer than the first page
  CHECK(next >= 5);
  CHECK(listed(admin, orders + "?limit=5").size() == placed.all.size() + next);
}

TEST_CASE("all lists are there after a restart", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const placed_orders placed{s, 2, 3};
  s.server.kill();
  s.server.start();
  auto admin = s.admin();
  CHECK(listed(admin, orders + "?limit=2") == placed.ids());
  auto buyer = s.as(placed.users[1]);
  CHECK(listed(buyer, orders) == placed.of(placed.users[1]));
}
