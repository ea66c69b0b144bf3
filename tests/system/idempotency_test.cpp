// Drives Idempotency-Key over HTTP against a running server on each database: one effect, the same
// answer again, across restarts; refusals are decided anew.
#include "tests/system/support/books.hpp"
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <functional>

using namespace souk::tests;

namespace {

answer place(client& buyer, const order_lines& lines, const std::string& key) {
  return buyer.post("/api/v1/orders", order_of(lines), {{"Idempotency-Key", key}});
}

void check_same(const answer& first, const answer& again) {
  CHECK(again.status == first.status);
  CHECK(again.body == first.body);
  CHECK(replayed(again));
}

using caller = std::function<client()>; ///< on the port that the server has by then

/// Changes that carry a key: each is sent twice, and all of them once more after a crash.
class keyed_changes {
public:
  /// The first answer.
  answer twice(const caller& who, const std::string& method, const std::string& target,
               const json& body = nullptr, header_list headers = {}) {
    headers.emplace_back("Idempotency-Key", "k1");
    const change wanted{who, method, target, body, headers};
    const auto first = send(wanted);
    INFO(method << " " << target << ": " << first.body);
    CHECK((first.status == 200 || first.status == 201 || first.status == 204));
    CHECK_FALSE(first.has("Idempotent-Replayed"));
    check_same(first, send(wanted));
    done_.emplace_back(wanted, first);
    return first;
  }

  /// What has changed since makes no difference.
  void repeat_after_crash(shop& s) const {
    s.server.kill();
    s.server.start();
    for (const auto& [wanted, first] : done_) {
      const auto again = send(wanted);
      INFO(wanted.method << " " << wanted.target << " after the crash: " << again.body);
      check_same(first, again);
    }
  }

private:
  struct change {
    caller who;
    std::string method;
    std::string target;
    json body; ///< null: none
    header_list headers;
  };

  static answer send(const change& wanted) {
    return wanted.who().send(wanted.method, wanted.target,
                             wanted.body.is_null() ? std::string{} : wanted.body.dump(),
                             wanted.headers);
  }

  std::vector<std::pair<change, answer>> done_;
};

} // namespace

TEST_CASE("a repeated request has one effect and gets the same answer", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  auto buyer = s.as(s.new_user());
  const auto first = place(buyer, {{product, 2}}, "a-key-of-mine");
  REQUIRE(first.status == 201);
  CHECK_FALSE(first.has("Idempotent-Replayed"));
  check_same(first, place(buyer, {{product, 2}}, "a-key-of-mine"));
  CHECK(s.on_hand(product) == 8);

  const auto other_body = place(buyer, {{product, 3}}, "a-key-of-mine");
  CHECK(other_body.status == 422);
  CHECK(other_body.code() == "idempotency_key_reused");
  CHECK(s.on_hand(product) == 8);

  // Another user and another route have keys of their own.
  auto other = s.as(s.new_user());
  const auto others = place(other, {{product, 2}}, "a-key-of-mine");
  CHECK(others.status == 201);
  CHECK_FALSE(replayed(others));
  const auto path = "/api/v1/orders/" + std::to_string(first.as_json().at("id").get<int64_t>());
  const header_list key{{"Idempotency-Key", "a-key-of-mine"}};
  const auto cancelled = buyer.post(path + "/cancel", json::object(), key);
  REQUIRE(cancelled.status == 200);
  CHECK_FALSE(replayed(cancelled));
  check_same(cancelled, buyer.post(path + "/cancel", json::object(), key));
  CHECK(s.on_hand(product) == 8);

  for (const auto& bad : {std::string{}, std::string(256, 'k')}) {
    const auto refused = place(buyer, {{product, 1}}, bad);
    CHECK((refused.status == 400 || refused.status == 422));
  }
  CHECK(place(buyer, {{product, 1}}, std::string(255, 'k')).status == 201);
  CHECK(s.closed_books() == "");
}

TEST_CASE("requests with one key at the same time have one effect", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(100);
  const auto user = s.new_user();
  std::vector<answer> answers(16);
  in_parallel(answers.size(), [&](size_t i) {
    auto buyer = s.as(user);
    answers[i] = place(buyer, {{product, 1}}, "at-once");
  });
  for (const auto& got : answers) {
    CHECK(got.status == 201);
    CHECK(got.body == answers[0].body);
  }
  CHECK(std::count_if(answers.begin(), answers.end(), replayed) == 15);
  CHECK(s.on_hand(product) == 99);
  CHECK(s.closed_books() == "");
  CHECK(count_orders(s.database) == 1);
}

TEST_CASE("a key serves every change of the catalog", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const caller admin = [&] { return s.admin(); };
  keyed_changes changes;
  const auto category =
    changes.twice(admin, "POST", "/api/v1/categories", {{"name", "Home"}}).as_json();
  changes.twice(admin, "PUT", category_path(category), {{"name", "House"}});
  CHECK(s.guest().get("/api/v1/categories").as_json().size() == 1);
  const json lamp{{"name", "Lamp"}, {"price", 5}, {"quantity", 9}};
  const int64_t product = changes.twice(admin, "POST", "/api/v1/products", lamp).as_json().at("id");
  const auto path = product_path(product);
  // When it comes again, the version that it names is gone.
  const header_list if_first{{"If-Match", s.guest().get(path).header("ETag")}};
  changes.twice(admin, "PUT", path, {{"name", "Desk lamp"}, {"price", 7}}, if_first);
  const auto changed = changes.twice(admin, "PATCH", path, {{"price", 6}});
  CHECK(changed.as_json().at("version") == 3);
  const auto stock = stock_path(product);
  changes.twice(admin, "PUT", stock, {{"stock", 20}});
  changes.twice(admin, "POST", stock + "/adjust", {{"delta", 5}, {"reason", "found"}});
  CHECK(s.on_hand(product) == 25);
  CHECK(s.guest().get("/api/v1/products").as_json().size() == 1);
  changes.twice(admin, "DELETE", path);
  changes.twice(admin, "DELETE", category_path(category));
  changes.repeat_after_crash(s);
  CHECK(s.guest().get("/api/v1/products").as_json().empty());
  CHECK(s.guest().get("/api/v1/categories").as_json().empty());
  CHECK(s.closed_books() == "");
}

TEST_CASE("a key serves every change of an account", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const caller guest = [&] { return s.guest(); };
  const caller admin = [&] { return s.admin(); };
  keyed_changes changes;
  const std::string password = "correct horse 9 battery";
  const json wanted{{"username", "alice"}, {"password", password}};
  const auto registered = changes.twice(guest, "POST", "/api/v1/auth/register", wanted);
  REQUIRE(registered.status == 201);
  account alice{"alice", password, registered.as_json().at("id").get<std::string>(), {}};
  alice.token = s.open_session(alice).at("access_token");
  const caller self = [&] { return s.as(alice); };
  const std::string me = "/api/v1/users/me";
  changes.twice(self, "PUT", me, {{"phone", "1"}});
  changes.twice(self, "PATCH", me, {{"phone", "2"}});

  const auto addresses = me + "/addresses";
  json home{{"street", "Long Road 1"}, {"city", "Berlin"}, {"country", "DE"}};
  const auto address = changes.twice(self, "POST", addresses, home).as_json();
  CHECK(s.as(alice).get(addresses).as_json().size() == 1);
  const auto path = addresses + "/" + std::to_string(address.at("id").get<int64_t>());
  home["street"] = "Short Road 2";
  changes.twice(self, "PUT", path, home);
  changes.twice(self, "DELETE", path);

  // When it comes again, the old password is a wrong one.
  const std::string new_password = "a new 6 came along";
  changes.twice(self, "POST", "/api/v1/auth/password",
                {{"old_password", password}, {"new_password", new_password}});
  const auto other = user_path(s.new_user().id);
  changes.twice(admin, "PUT", other + "/role", {{"role", "ADMIN"}});
  changes.twice(admin, "PATCH", other, {{"disabled", true}});
  changes.twice(admin, "DELETE", other);
  changes.repeat_after_crash(s);
  CHECK(s.as(alice).get(me).as_json().at("phone") == "2");
  CHECK(s.as(alice).get(addresses).as_json().empty());
  alice.password = new_password;
  CHECK(s.open_session(alice).contains("access_token"));
  CHECK(s.admin().get(other).status == 404);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a key serves every change of a cart and of an order", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(20, "10.00");
  const auto user = s.new_user();
  const caller admin = [&] { return s.admin(); };
  const caller buyer = [&] { return s.as(user); };
  const auto in_cart = [&] {
    return s.as(user).get("/api/v1/cart").as_json().at("total_quantity");
  };
  keyed_changes changes;
  const std::string items = "/api/v1/cart/items";
  const auto item = items + "/" + std::to_string(product);
  changes.twice(buyer, "POST", items, {{"product_id", product}, {"quantity", 2}});
  CHECK(in_cart() == 2); // the same product adds up otherwise
  changes.twice(buyer, "PUT", item, {{"quantity", 3}});
  CHECK(in_cart() == 3);
  changes.twice(buyer, "DELETE", item);
  changes.twice(buyer, "DELETE", "/api/v1/cart");

  const auto order = s.new_order(user, {{product, 2}});
  const auto line = std::to_string(order.at("items")[0].at("id").get<int64_t>());
  changes.twice(buyer, "PUT", order_path(order) + "/items/" + line, {{"quantity", 5}});
  changes.twice(admin, "PATCH", order_path(order), {{"status", "confirmed"}});
  changes.twice(buyer, "PATCH", order_path(order), {{"status", "cancelled"}});
  const auto bought = s.new_order(user, {{product, 1}}, {{"payment_method", "prepaid"}});
  const json payment{{"reference", "bank-1"}, {"amount", 10}};
  changes.twice(admin, "POST", order_path(bought) + "/payment", payment);
  REQUIRE(s.advance(bought, "shipped").status == 200);
  changes.repeat_after_crash(s);
  CHECK(in_cart() == 0);
  CHECK(s.read_order(order).at("status") == "cancelled");
  CHECK(s.read_order(bought).at("status") == "shipped");
  CHECK(s.on_hand(product) == 19);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a refusal is not kept", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(1);
  auto buyer = s.as(s.new_user());
  for (int i = 0; i < 2; ++i) {
    const auto refused = place(buyer, {{product, 2}}, "k");
    CHECK(refused.status == 409);
    CHECK(refused.code() == "out_of_stock");
    CHECK_FALSE(replayed(refused));
  }
  s.set_stock(product, 2);
  const auto placed = place(buyer, {{product, 2}}, "k");
  CHECK(placed.status == 201);
  CHECK_FALSE(replayed(placed));
  CHECK(s.closed_books() == "");
}

TEST_CASE("a repeated order is answered though all is sold since", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(2);
  const auto user = s.new_user();
  auto buyer = s.as(user);
  const auto first = place(buyer, {{product, 2}}, "k");
  REQUIRE(first.status == 201);
  check_same(first, place(buyer, {{product, 2}}, "k"));
  CHECK(place(buyer, {{product, 2}}, "l").status == 409);
  s.server.kill();
  s.server.start();
  auto later = s.as(user);
  check_same(first, place(later, {{product, 2}}, "k"));
  CHECK(place(later, {{product, 2}}, "l").status == 409);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a retried order is placed once across restarts", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  const auto user = s.new_user();
  auto buyer = s.as(user);
  const auto first = place(buyer, {{product, 1}}, "k");
  REQUIRE(first.status == 201);
  const auto check_again = [&] {
    s.server.start();
    auto later = s.as(user);
    check_same(first, place(later, {{product, 1}}, "k"));
    const auto other_body = place(later, {{product, 2}}, "k");
    CHECK(other_body.status == 422);
    CHECK(s.on_hand(product) == 9);
  };
  CHECK(s.server.stop() == 0);
  check_again();
  s.server.kill();
  check_again();
  CHECK(s.closed_books() == "");
  CHECK(count_orders(s.database) == 1);
}
