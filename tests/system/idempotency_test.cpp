// Drives Idempotency-Key over HTTP against a running server on each database: one effect, the same
// answer again, across restarts; refusals are decided anew.
#include "tests/system/support/books.hpp"
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <set>

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

TEST_CASE("a key serves every change", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  const auto twice = [](auto change) {
    const auto first = change();
    INFO(first.body);
    CHECK((first.status == 200 || first.status == 201));
    CHECK_FALSE(first.has("Idempotent-Replayed"));
    check_same(first, change());
    return first;
  };
  const header_list key{{"Idempotency-Key", "k1"}};
  const auto made = twice([&] {
    return admin.post("/api/v1/products", {{"name", "Lamp"}, {"price", 5}, {"quantity", 9}}, key);
  });
  const auto id = std::to_string(made.as_json().at("id").get<int64_t>());
  const auto changed = twice([&] {
    return admin.patch("/api/v1/products/" + id, {{"price", 6}}, key);
  });
  CHECK(changed.as_json().at("version") == 2);
  const auto stock = "/api/v1/stock/" + id;
  twice([&] { return admin.put(stock, {{"stock", 20}}, key); });
  const json delta{{"delta", 5}, {"reason", "found"}};
  twice([&] { return admin.post(stock + "/adjust", delta, key); });
  CHECK(admin.get(stock).as_json().at("stock") == 25);
  CHECK(s.guest().get("/api/v1/products").as_json().size() == 1);
  const auto registered = twice([&] {
    return s.guest().post("/api/v1/auth/register",
                          {{"username", "alice"}, {"password", "correct horse 9 battery"}}, key);
  });
  CHECK(registered.status == 201);
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
