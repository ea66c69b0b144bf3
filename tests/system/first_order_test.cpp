// Drives the way of one customer, from the registration to the order's end, over HTTP against a
// running server on each database.
#include "tests/system/support/books.hpp"
#include "tests/system/support/databases.hpp"

#include <algorithm>
#include <set>

using namespace souk::tests;

namespace {

/// Takes an order one step further, as an administrator; 200 if it could.
answer advance(shop& s, const json& order, const std::string& status) {
  return s.admin().patch(order_path(order), {{"status", status}});
}

std::string status_of(shop& s, const json& order) {
  return s.admin().get(order_path(order)).as_json().at("status");
}

/// Confirms an order, unless the shop has done it by itself.
void confirm(shop& s, const json& order) {
  if (advance(s, order, "confirmed").status != 200)
    REQUIRE(status_of(s, order) == "confirmed");
}

} // namespace

TEST_CASE("a customer registers and logs in and is known", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto guest = s.guest();
  const json wanted{{"username", "Alice"},        {"password", "correct horse 9 battery"},
                    {"email", "Alice@shop.test"}, {"first_name", "Alice"},
                    {"last_name", "Liddell"},     {"phone", "+49 30 1234"}};
  const auto registered = guest.post("/api/v1/auth/register", wanted);
  REQUIRE(registered.status == 201);
  const auto user = registered.as_json();
  CHECK(user.at("username") == "Alice");
  CHECK(user.at("email") == "Alice@shop.test");
  CHECK(registered.body.find("password") == std::string::npos);

  auto again = wanted;
  again["username"] = "aLICE";
  again["email"] = "other@shop.test";
  const auto same_name = guest.post("/api/v1/auth/register", again);
  CHECK(same_name.status == 409);
  CHECK(same_name.code() == "username_taken");
  again["username"] = "bob";
  again["email"] = "aliCE@shop.test";
  CHECK(guest.post("/api/v1/auth/register", again).status == 409);

  for (const auto& name : {"Alice", "alice@shop.test"}) {
    const auto login = guest.post("/api/v1/auth/login",
                                  {{"username", name}, {"password", "correct horse 9 battery"}});
    REQUIRE(login.status == 200);
    CHECK(login.as_json().at("token_type") == "bearer");
    CHECK(login.as_json().at("expires_in") == 1800);
  }
  const auto form =
    guest.send("POST", "/api/v1/auth/login", "username=Alice&password=correct+horse+9%20battery",
               {{"Content-Type", "application/x-www-form-urlencoded"}});
  REQUIRE(form.status == 200);
  const std::string token = form.as_json().at("access_token");

  const auto verified = guest.post("/api/v1/auth/verify", {{"token", token}});
  REQUIRE(verified.status == 200);
  CHECK(verified.as_json().at("valid") == true);
  CHECK(verified.as_json().at("user_id") == user.at("id"));
  CHECK(verified.as_json().at("username") == "Alice");
  CHECK(verified.as_json().at("role") == "USER");

  client alice{s.server.port(), token};
  const auto me = alice.get("/api/v1/users/me");
  REQUIRE(me.status == 200);
  for (const auto& [name, value] : wanted.items())
    if (name != "password")
      CHECK(me.as_json().at(name) == value);
}

TEST_CASE("an order is placed and read back and its stock is gone", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto lamp = s.new_product(10, "19.99");
  const auto chair = s.new_product(5, "30000");
  const auto user = s.new_user();
  auto buyer = s.as(user);
  auto wanted = order_of({{lamp, 1}, {chair, 1}, {lamp, 2}});
  wanted["payment_method"] = "prepaid";
  wanted["shipping_address"] = {{"street", "Long Road 1"},
                                {"city", "Berlin"},
                                {"state", ""},
                                {"postal_code", "10115"},
                                {"country", "DE"}};
  const auto placed = buyer.post("/api/v1/orders", wanted);
  INFO(placed.body);
  REQUIRE(placed.status == 201);
  const auto order = placed.as_json();
  CHECK(placed.header("Location").ends_with(order_path(order)));
  CHECK(order.at("status") == "pending");
  CHECK(order.at("user_id") == user.id);
  CHECK(order.at("payment_method") == "prepaid");
  CHECK(order.at("shipping_address").at("city") == "Berlin");
  CHECK(order.at("total_quantity") == 4);
  CHECK(order.at("total_amount").dump() == "30059.97");
  CHECK(order.at("currency") == "USD");
  REQUIRE(order.at("items").size() == 2);
  for (const auto& item : order.at("items")) {
    const bool is_lamp = item.at("product_id") == lamp;
    CHECK(item.at("quantity") == (is_lamp ? 3 : 1));
    CHECK(item.at("product_price").dump() == (is_lamp ? "19.99" : "30000"));
    CHECK(item.at("subtotal").dump() == (is_lamp ? "59.97" : "30000"));
    CHECK(item.at("product_name").get<std::string>().starts_with("Product"));
  }
  CHECK(s.on_hand(lamp) == 7);
  CHECK(s.on_hand(chair) == 4);

  // A later price or name does not change what was agreed on.
  const json later{{"price", "25.00"}, {"name", "Renamed"}};
  REQUIRE(s.admin().patch(product_path(lamp), later).status == 200);
  const auto read = buyer.get(order_path(order));
  REQUIRE(read.status == 200);
  CHECK(read.as_json().at("items") == order.at("items"));
  CHECK(read.as_json().at("total_amount").dump() == "30059.97");
  CHECK(s.admin().get(order_path(order)).status == 200);
  CHECK(s.closed_books() == "");
  CHECK(count_orders(s.database) == 1);
}

TEST_CASE("a customer pages through the own orders newest first", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(100);
  auto buyer = s.as(s.new_user());
  auto other = s.as(s.new_user());
  std::vector<int64_t> placed;
  for (int i = 0; i < 5; ++i) {
    placed.push_back(buyer.post("/api/v1/orders", order_of({{product, 1}})).as_json().at("id"));
    CHECK(other.post("/api/v1/orders", order_of({{product, 1}})).status == 201);
  }
  std::reverse(placed.begin(), placed.end());
  std::vector<int64_t> seen;
  size_t pages = 0;
  for (std::string target = "/api/v1/orders?limit=2"; !target.empty() && pages < 10; ++pages) {
    const auto page = buyer.get(target);
    REQUIRE(page.status == 200);
    CHECK(page.as_json().size() <= 2);
    for (const auto& order : page.as_json())
      seen.push_back(order.at("id"));
    target = next_page(page);
  }
  CHECK(pages == 3);
  CHECK(seen == placed);

  CHECK(buyer.post("/api/v1/orders/" + std::to_string(placed[1]) + "/cancel", json::object()).status
        == 200);
  const auto cancelled = buyer.get("/api/v1/orders?status=cancelled").as_json();
  REQUIRE(cancelled.size() == 1);
  CHECK(cancelled[0].at("id") == placed[1]);
  CHECK(buyer.get("/api/v1/orders?created_after=2999-01-01T00:00:00.000Z").as_json().empty());
  CHECK(buyer.get("/api/v1/orders?created_before=2999-01-01T00:00:00.000Z").as_json().size() == 5);
}

TEST_CASE("a cancelled order puts its stock back once", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  auto buyer = s.as(s.new_user());
  const auto order = buyer.post("/api/v1/orders", order_of({{product, 4}})).as_json();
  CHECK(s.on_hand(product) == 6);
  const auto cancelled = buyer.post(order_path(order) + "/cancel", json::object());
  REQUIRE(cancelled.status == 200);
  CHECK(cancelled.as_json().at("status") == "cancelled");
  CHECK(s.on_hand(product) == 10);
  const auto again = buyer.post(order_path(order) + "/cancel", json::object());
  CHECK(again.status == 409);
  CHECK(again.code() == "invalid_transition");
  CHECK(s.on_hand(product) == 10);

  const auto second = buyer.post("/api/v1/orders", order_of({{product, 10}})).as_json();
  CHECK(buyer.patch(order_path(second), {{"status", "cancelled"}}).status == 200);
  CHECK(s.on_hand(product) == 10);
  CHECK(s.closed_books() == "");
}

TEST_CASE("an administrator leads an order through its life", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  auto buyer = s.as(s.new_user());
  const auto order = buyer.post("/api/v1/orders", order_of({{product, 3}})).as_json();
  const auto early = advance(s, order, "delivered");
  CHECK(early.status == 409);
  CHECK(early.code() == "invalid_transition");
  for (const auto& status : {"confirmed", "shipped", "delivered", "returned"}) {
    const auto refused = buyer.patch(order_path(order), {{"status", status}});
    CHECK((refused.status == 403 || refused.status == 409));
  }
  confirm(s, order);
  CHECK(advance(s, order, "paid").status == 409); // cash on delivery
  REQUIRE(advance(s, order, "shipped").status == 200);
  CHECK(buyer.post(order_path(order) + "/cancel", json::object()).status == 409);
  REQUIRE(advance(s, order, "delivered").status == 200);
  CHECK(advance(s, order, "cancelled").status == 409);
  CHECK(s.on_hand(product) == 7);
  const auto returned = advance(s, order, "returned");
  REQUIRE(returned.status == 200);
  CHECK(returned.as_json().at("version") > order.at("version"));
  CHECK(s.on_hand(product) == 10);

  auto prepaid = order_of({{product, 1}});
  prepaid["payment_method"] = "prepaid";
  const auto paid_first = buyer.post("/api/v1/orders", prepaid).as_json();
  confirm(s, paid_first);
  CHECK(advance(s, paid_first, "shipped").status == 409);
  REQUIRE(advance(s, paid_first, "paid").status == 200);
  REQUIRE(advance(s, paid_first, "cancelled").status == 200);
  CHECK(s.on_hand(product) == 10);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a foreign order looks like a missing one", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10);
  const auto order = s.as(s.new_user()).post("/api/v1/orders", order_of({{product, 1}})).as_json();
  auto stranger = s.as(s.new_user());
  const std::string missing = "/api/v1/orders/9007199254740000";
  const auto foreign = stranger.get(order_path(order));
  CHECK(foreign.status == 404);
  CHECK(anonymous(foreign) == anonymous(stranger.get(missing)));
  const auto cancel = stranger.post(order_path(order) + "/cancel", json::object());
  CHECK(cancel.status == 404);
  CHECK(anonymous(cancel) == anonymous(stranger.post(missing + "/cancel", json::object())));
  CHECK(stranger.patch(order_path(order), {{"status", "cancelled"}}).status == 404);
  CHECK(stranger.get("/api/v1/orders").as_json().empty());
  CHECK(s.guest().get(order_path(order)).status == 401);
  CHECK(s.on_hand(product) == 9);
}

TEST_CASE("the catalog is paged and changed", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  std::set<int64_t> made;
  for (int i = 0; i < 5; ++i)
    made.insert(s.new_product(i, "1.50"));
  std::vector<int64_t> seen;
  size_t pages = 0;
  for (std::string target = "/api/v1/products?limit=2"; !target.empty() && pages < 10; ++pages) {
    const auto page = s.guest().get(target);
    REQUIRE(page.status == 200);
    for (const auto& product : page.as_json())
      seen.push_back(product.at("id"));
    target = next_page(page);
  }
  CHECK(pages == 3);
  CHECK(seen.size() == made.size());
  CHECK(std::set<int64_t>(seen.begin(), seen.end()) == made);

  const auto target = "/api/v1/products/" + std::to_string(seen[0]);
  const auto replaced = s.admin().put(target, {{"name", "Lamp"}, {"price", "2.25"}});
  REQUIRE(replaced.status == 200);
  CHECK(replaced.as_json().at("name") == "Lamp");
  const auto changed = s.admin().patch(target, {{"detail", "It shines."}});
  REQUIRE(changed.status == 200);
  const auto read = s.guest().get(target).as_json();
  CHECK(read.at("name") == "Lamp");
  CHECK(read.at("price").dump() == "2.25");
  CHECK(read.at("detail") == "It shines.");

  const auto stock = "/api/v1/stock/" + std::to_string(seen[0]);
  REQUIRE(s.admin().put(stock, {{"stock", 40}}).status == 200);
  const auto adjusted = s.admin().post(stock + "/adjust", {{"delta", -15}, {"reason", "broken"}});
  REQUIRE(adjusted.status == 200);
  CHECK(adjusted.as_json().at("stock") == 25);
  CHECK(adjusted.as_json().at("available") == 25);
  CHECK(s.admin().post(stock + "/adjust", {{"delta", -26}, {"reason", "lost"}}).status == 409);
  CHECK(s.guest().get(target).as_json().at("storage_quantity") == 25);
  CHECK(s.closed_books() == "");
}

TEST_CASE("the server tells how it is and what it offers", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto guest = s.guest();
  for (const auto& target : {"/", "/healthz"}) {
    const auto health = guest.get(target);
    CHECK(health.status == 200);
    CHECK(health.as_json() == json{{"status", "ok"}});
  }
  CHECK(guest.get("/readyz").status == 200);
  const auto document = guest.get("/openapi.json").as_json();
  CHECK(document.at("openapi").get<std::string>().starts_with("3.1"));
  const auto routes = documented_routes(document);
  for (const std::string route : {"post /api/v1/auth/register",
                                  "post /api/v1/auth/login",
                                  "post /api/v1/auth/verify",
                                  "get /api/v1/users/me",
                                  "get /api/v1/products",
                                  "post /api/v1/products",
                                  "get /api/v1/products/{}",
                                  "put /api/v1/products/{}",
                                  "patch /api/v1/products/{}",
                                  "get /api/v1/stock/{}",
                                  "put /api/v1/stock/{}",
                                  "post /api/v1/stock/{}/adjust",
                                  "get /api/v1/orders",
                                  "post /api/v1/orders",
                                  "get /api/v1/orders/{}",
                                  "patch /api/v1/orders/{}",
                                  "post /api/v1/orders/{}/cancel",
                                  "get /",
                                  "get /healthz",
                                  "get /readyz",
                                  "get /openapi.json"}) {
    INFO(route);
    CHECK(routes.count(route) == 1);
  }
}
