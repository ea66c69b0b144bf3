// Drives the conventions of the API that every client relies on, over HTTP against a running
// server: errors, money, ids, times, versions, methods, media types and request ids.
#include "tests/system/support/databases.hpp"

#include <regex>
#include <set>

using namespace souk::tests;

namespace {

void check_problem(const answer& got, unsigned status) {
  INFO(got.body);
  CHECK(got.status == status);
  CHECK(got.header("Content-Type").starts_with("application/problem+json"));
  const auto problem = json::parse(got.body, nullptr, false);
  REQUIRE(problem.is_object());
  for (const auto* member : {"type", "title", "status", "detail", "instance", "code"})
    CHECK(problem.contains(member));
  CHECK(problem.value("status", 0u) == status);
  CHECK(problem.value("instance", "") == got.header("X-Request-Id"));
  CHECK(std::regex_match(problem.value("code", ""), std::regex{"[a-z][a-z0-9_]*"}));
}

/// The text of a number in a JSON answer, as it was written.
std::string written_number(const answer& got, const std::string& member) {
  std::smatch found;
  const std::regex pattern{"\"" + member + "\"\\s*:\\s*([-+.0-9eE]+)"};
  return std::regex_search(got.body, found, pattern) ? found[1].str() : "";
}

int64_t version_of(const answer& got) {
  return got.as_json().at("version");
}

/// A product with this price, which is JSON as it stands.
answer create_priced(client& admin, const std::string& price) {
  return admin.send("POST", "/api/v1/products", R"({"name":"Lamp","price":)" + price + "}");
}

} // namespace

TEST_CASE("invalid values are named all at once", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  const auto product =
    admin.post("/api/v1/products", {{"name", ""}, {"price", "cheap"}, {"quantity", -1}});
  check_problem(product, 422);
  CHECK(pointers(product) == std::set<std::string>{"/name", "/price", "/quantity"});

  const auto account = s.guest().post("/api/v1/auth/register", {{"email", "nobody"}});
  check_problem(account, 422);
  CHECK(pointers(account) == std::set<std::string>{"/email", "/password", "/username"});
  for (const auto& password : {"short", "password1"})
    check_problem(
      s.guest().post("/api/v1/auth/register", {{"username", "alice"}, {"password", password}}),
      422);

  auto buyer = s.as(s.new_user());
  const json two_bad{{"product_id", 1}, {"quantity", 0}};
  const json order{{"items", {two_bad, {{"quantity", 1}}}}, {"payment_method", "promises"}};
  const auto placed = buyer.post("/api/v1/orders", order);
  check_problem(placed, 422);
  CHECK(pointers(placed)
        == std::set<std::string>{"/items/0/quantity", "/items/1/product_id", "/payment_method"});
  check_problem(buyer.post("/api/v1/orders", {{"items", json::array()}}), 422);
  order_lines many;
  for (int64_t i = 1; i <= 101; ++i)
    many.emplace_back(i, 1);
  check_problem(buyer.post("/api/v1/orders", order_of(many)), 422);
  for (const auto& query : {"limit=0", "limit=501", "limit=x", "cursor=%21%21", "status=lost"})
    check_problem(buyer.get(std::string{"/api/v1/orders?"} + query), 422);
}

TEST_CASE("an order of a product that does not exist changes nothing", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(5);
  auto buyer = s.as(s.new_user());
  const auto got = buyer.post("/api/v1/orders", order_of({{product, 1}, {product + 64'000, 1}}));
  CHECK((got.status == 404 || got.status == 409 || got.status == 422));
  check_problem(got, got.status);
  const auto short_of = buyer.post("/api/v1/orders", order_of({{product, 6}}));
  check_problem(short_of, 409);
  CHECK(short_of.code() == "out_of_stock");
  CHECK(s.on_hand(product) == 5);
  CHECK(buyer.get("/api/v1/orders").as_json().empty());
}

TEST_CASE("money is exact", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  const std::vector<std::pair<std::string, std::string>> prices{
    {"19.99", "19.99"},   {"\"15000\"", "15000"},
    {"30000", "30000"},   {"0.10", "0.1"},
    {"\"0.07\"", "0.07"}, {"2e3", "2000"},
    {"1.500", "1.5"},     {"70368744177663.99", "70368744177663.99"},
  };
  for (const auto& [sent, expected] : prices) {
    INFO(sent);
    const auto made = create_priced(admin, sent);
    REQUIRE(made.status == 201);
    CHECK(written_number(made, "price") == expected);
    const auto read = s.guest().get(product_path(made.as_json().at("id")));
    CHECK(written_number(read, "price") == expected);
  }
  for (const auto* wrong : {"19.999", "\"0.001\"", "-1", "\"1,5\"", "\"\"", "true", "null", "1e300",
                            "\"NaN\"", "\"0x10\"", "[1]"}) {
    INFO(wrong);
    const auto refused = create_priced(admin, wrong);
    check_problem(refused, 422);
    CHECK(pointers(refused) == std::set<std::string>{"/price"});
  }
  // 3 times 0.1 is 0.30000000000000004 for whoever counts in doubles.
  const auto dime = s.new_product(10, "0.1");
  const auto order = s.as(s.new_user()).post("/api/v1/orders", order_of({{dime, 3}}));
  CHECK(written_number(order, "total_amount") == "0.3");
}

TEST_CASE("a currency without decimals takes none", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"shop.currency", "JPY"}}};
  auto admin = s.admin();
  const auto made = create_priced(admin, "15000");
  REQUIRE(made.status == 201);
  CHECK(made.as_json().at("currency") == "JPY");
  CHECK(written_number(made, "price") == "15000");
  check_problem(create_priced(admin, "15000.5"), 422);
}

TEST_CASE("ids and times have their forms", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(5);
  const auto user = s.new_user();
  auto buyer = s.as(user);
  const std::regex uuid_7{"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"};
  CHECK(std::regex_match(user.id, uuid_7));
  const auto order = buyer.post("/api/v1/orders", order_of({{product, 1}})).as_json();
  for (const auto& id : {order.at("id"), order.at("items")[0].at("id"), json(product)}) {
    CHECK(id.get<int64_t>() > 0);
    CHECK(id.get<int64_t>() < (int64_t{1} << 53));
  }
  CHECK(std::regex_match(order.at("order_number").get<std::string>(),
                         std::regex{R"(ORD-\d{4}-\d{6,})"}));
  CHECK(is_time(order.at("created_at")));
  CHECK(is_time(order.at("updated_at")));
  CHECK(is_time(s.guest().get(product_path(product)).as_json().at("created_at")));
  const auto stock = s.admin().get("/api/v1/stock/" + std::to_string(product)).as_json();
  CHECK(is_time(stock.at("updated_at")));
  CHECK(stock.at("reserved") == 0);
}

TEST_CASE("a version seen before is not sent again and a stale one changes nothing", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  const auto product = s.new_product(5);
  const auto first = admin.get(product_path(product));
  const auto tag = first.header("ETag");
  REQUIRE(tag.size() > 2);
  CHECK(tag.front() == '"'); // strong
  const auto same = admin.get(product_path(product), {{"If-None-Match", tag}});
  CHECK(same.status == 304);
  CHECK(same.body.empty());
  CHECK(same.header("ETag") == tag);

  // The tag names the stock's version too; a change compares the product's alone.
  s.set_stock(product, 6);
  const auto restocked = admin.get(product_path(product), {{"If-None-Match", tag}});
  REQUIRE(restocked.status == 200);
  CHECK(restocked.as_json().at("storage_quantity") == 6);
  const auto changed = admin.patch(product_path(product), {{"price", 2}}, {{"If-Match", tag}});
  REQUIRE(changed.status == 200);
  CHECK(changed.header("ETag") != tag);
  check_problem(admin.patch(product_path(product), {{"price", 3}}, {{"If-Match", tag}}), 412);
  check_problem(admin.patch(product_path(product), {{"price", 3}}, {{"If-Match", ""}}), 412);
  check_problem(admin.patch(product_path(product), {{"price", 3}}, {{"If-Match", "x"}}), 412);
  CHECK(written_number(admin.get(product_path(product)), "price") == "2");

  const auto stock = stock_path(product);
  const auto counted = admin.get(stock);
  const auto stock_tag = counted.header("ETag");
  CHECK(admin.get(stock, {{"If-None-Match", stock_tag}}).status == 304);
  const auto recounted = admin.put(stock, {{"stock", 7}}, {{"If-Match", stock_tag}});
  REQUIRE(recounted.status == 200);
  CHECK(version_of(recounted) > version_of(counted));
  CHECK(recounted.header("ETag") != stock_tag);
  CHECK(admin.get(stock, {{"If-None-Match", stock_tag}}).status == 200);
  check_problem(admin.put(stock, {{"stock", 8}}, {{"If-Match", stock_tag}}), 412);
  check_problem(admin.put(stock, {{"stock", 8}}, {{"If-Match", "x"}}), 412);
  CHECK(s.on_hand(product) == 7);

  auto buyer = s.as(s.new_user());
  const auto placed = buyer.post("/api/v1/orders", order_of({{product, 1}}));
  const auto order = order_path(placed.as_json());
  const auto order_tag = buyer.get(order).header("ETag");
  CHECK(buyer.get(order, {{"If-None-Match", order_tag}}).status == 304);
  const header_list stale{{"If-Match", "\"v999\""}};
  check_problem(buyer.patch(order, {{"status", "cancelled"}}, stale), 412);
  // What would be refused without a condition is refused for that reason (RFC 9110, 13.2.1).
  const header_list unreadable{{"If-Match", "x"}};
  check_problem(buyer.patch(order, {{"status", "cancelled"}}, unreadable), 412);
  check_problem(buyer.patch(order, {{"status", "shipped"}}, unreadable), 403);
  check_problem(
    buyer.patch("/api/v1/orders/9007199254740991", {{"status", "cancelled"}}, unreadable), 404);
  check_problem(buyer.post(order + "/cancel", json::object(), stale), 412);
  CHECK(buyer.get(order).as_json().at("status") != "cancelled");
  const auto cancelled = buyer.patch(order, {{"status", "cancelled"}}, {{"If-Match", order_tag}});
  REQUIRE(cancelled.status == 200);
  CHECK(version_of(cancelled) > version_of(placed));
  CHECK(cancelled.header("ETag") != order_tag);
  CHECK(buyer.get(order, {{"If-None-Match", order_tag}}).status == 200);
}

TEST_CASE("methods are answered as HTTP wants it", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto guest = s.guest();
  const auto product = product_path(s.new_product(5));
  const auto refused = guest.send("DELETE", "/healthz");
  check_problem(refused, 405);
  CHECK(refused.header("Allow").find("GET") != std::string::npos);
  CHECK(refused.header("Allow").find("DELETE") == std::string::npos);
  const auto unknown = guest.send("BREW", product);
  CHECK(unknown.status == 501);
  check_problem(guest.get("/api/v1/nothing"), 404);
  check_problem(guest.get("/api/v1/products/abc"), 404);

  const auto get = guest.get(product);
  const auto head = guest.head(product);
  CHECK(head.status == get.status);
  CHECK(head.body.empty());
  for (const auto* name : {"Content-Length", "Content-Type", "ETag"})
    CHECK(head.header(name) == get.header(name));
  CHECK(guest.head("/api/v1/nothing").status == 404);

  const auto options = guest.send("OPTIONS", "/api/v1/orders");
  CHECK((options.status == 200 || options.status == 204));
  for (const auto* method : {"GET", "HEAD", "POST", "OPTIONS"})
    CHECK(options.header("Allow").find(method) != std::string::npos);

  CHECK(guest.get(product + "/").body == get.body);
  CHECK(guest.get("/api/v1/products/").body == guest.get("/api/v1/products").body);
  CHECK(guest.get("/healthz/").status == 200);
}

TEST_CASE("unreadable and unwelcome bodies are refused", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"http.max_body", "4096"}}};
  auto admin = s.admin();
  const std::string target = "/api/v1/products";
  for (const std::string text : {"{\"name\":", "name", "", "{}x", "{\"name\":\"\xff\"}", "[1,]"}) {
    INFO(text);
    check_problem(admin.send("POST", target, text), 400);
  }
  check_problem(admin.send("POST", target, "[]"), 422);
  check_problem(admin.send("POST", target, "name=Lamp", {{"Content-Type", "text/plain"}}), 415);
  const auto nul = admin.send("POST", target, R"({"name":"a\u0000b","price":1})");
  check_problem(nul, 422);
  CHECK(pointers(nul).count("/name") == 1);
  check_problem(
    s.guest().send("POST", "/api/v1/auth/login", R"({"username":"a\u0000","password":"\u0000"})"),
    422);
  const auto large = exchange_bytes(s.server.port(), "POST /api/v1/auth/login HTTP/1.1\r\n"
                                                     "Host: shop.test\r\n"
                                                     "Content-Type: application/json\r\n"
                                                     "Content-Length: 4097\r\n\r\n");
  CHECK(large.starts_with("HTTP/1.1 413 "));
  CHECK(s.guest().get("/api/v1/products").as_json().empty());
}

TEST_CASE("a target or a header that is too long is refused", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto ask = [&](const std::string& target, const std::string& note) {
    return exchange_bytes(s.server.port(), "GET " + target
                                             + " HTTP/1.1\r\nHost: shop.test\r\n"
                                               "Connection: close\r\nX-Note: "
                                             + note + "\r\n\r\n");
  };
  const auto check_refused = [](const std::string& got, const std::string& status) {
    INFO(got);
    CHECK(got.starts_with("HTTP/1.1 " + status + " "));
    CHECK(got.find("application/problem+json") != std::string::npos);
  };
  const std::string path = "/api/v1/products";
  CHECK(ask(path, std::string(10'000, 'a')).starts_with("HTTP/1.1 200 "));
  check_refused(ask(path + std::string(20'000, 'a'), "short"), "414");
  check_refused(ask(path, std::string(17'000, 'a')), "431");
}

TEST_CASE("a request id is taken over or made", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto guest = s.guest();
  for (const auto& id : {std::string{"order.7_of-Alice"}, std::string(64, 'x')}) {
    CHECK(guest.get("/healthz", {{"X-Request-Id", id}}).header("X-Request-Id") == id);
    const auto problem = guest.get("/nothing", {{"X-Request-Id", id}});
    CHECK(problem.header("X-Request-Id") == id);
    check_problem(problem, 404);
  }
  std::set<std::string> made;
  for (const auto& id : {std::string{"two words"}, std::string(65, 'x'), std::string{"a<b>"}}) {
    const auto got = guest.get("/healthz", {{"X-Request-Id", id}}).header("X-Request-Id");
    CHECK(got != id);
    CHECK(std::regex_match(got, std::regex{"[A-Za-z0-9._-]{1,64}"}));
    made.insert(got);
  }
  CHECK(made.size() == 3);
}

TEST_CASE("a number beyond reading is an invalid value", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  auto admin = s.admin();
  const auto got = create_priced(admin, "1E400");
  check_problem(got, 422);
  CHECK(got.as_json().at("errors").at(0).at("pointer") == "/price");
}

TEST_CASE("pages of a listed origin may use the API, others may not", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"http.cors_origins", "https://shop.example"}}};
  const header_list page{{"Origin", "https://shop.example"}};
  const header_list other{{"Origin", "https://other.example"}};
  auto guest = s.guest();
  const std::string allowed = "Access-Control-Allow-Origin";
  CHECK(guest.get("/api/v1/products", page).header(allowed) == "https://shop.example");
  CHECK(guest.get("/api/v1/orders", page).header(allowed) == "https://shop.example"); // a 401, too
  CHECK_FALSE(guest.get("/api/v1/products", other).has(allowed));
  const auto asked = guest.send("OPTIONS", "/api/v1/orders", "", page);
  CHECK(asked.status == 204);
  CHECK(asked.header("Access-Control-Allow-Methods").find("POST") != std::string::npos);
  CHECK_FALSE(guest.send("OPTIONS", "/api/v1/orders", "", other).has(allowed));
}
