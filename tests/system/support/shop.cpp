#include "tests/system/support/shop.hpp"

#include "tests/system/support/books.hpp"

#include <algorithm>
#include <atomic>

namespace souk::tests {

namespace {

constexpr auto user_password = "correct horse 9 battery";

std::string unique(const std::string& prefix) {
  static std::atomic<int> count = 0;
  return prefix + std::to_string(++count);
}

} // namespace

json order_of(const order_lines& lines) {
  auto items = json::array();
  for (const auto& [product, quantity] : lines)
    items.push_back({{"product_id", product}, {"quantity", quantity}});
  return {{"items", items}};
}

shop::shop(engine kind, const settings& more) : database{kind}, server{database, more} {
  server.start();
}

shop::shop(const std::string& postgres_url, const settings& more)
  : database{postgres_url}, server{database, more} {
  server.start();
}

client shop::admin() {
  if (admin_token_.empty())
    admin_token_ = log_in("admin", admin_password);
  return client{server.port(), admin_token_};
}

std::string shop::log_in(const std::string& username, const std::string& password) const {
  const auto got =
    guest().post("/api/v1/auth/login", {{"username", username}, {"password", password}});
  return expect("login", 200, got).as_json().at("access_token");
}

account shop::register_user(const std::string& username) const {
  const json wanted{{"username", username}, {"password", user_password}};
  const auto got = guest().post("/api/v1/auth/register", wanted);
  const std::string id = expect("register", 201, got).as_json().at("id");
  return {username, user_password, id, log_in(username, user_password)};
}

account shop::new_user() {
  return register_user(unique("customer"));
}

std::vector<account> shop::new_users(size_t count) {
  std::vector<account> result(count);
  std::atomic<size_t> next = 0;
  in_parallel(std::min<size_t>(count, 4), [&](size_t) {
    for (size_t i = next++; i < count; i = next++)
      result[i] = register_user(unique("customer"));
  });
  return result;
}

json shop::open_session(const account& who) const {
  const json wanted{{"username", who.username}, {"password", who.password}};
  return expect("login", 200, guest().post("/api/v1/auth/login", wanted)).as_json();
}

json shop::create(const std::string& target, const json& body) {
  return expect("POST " + target, 201, admin().post(target, body)).as_json();
}

int64_t shop::new_product(int64_t quantity, const std::string& price) {
  const json wanted{{"name", unique("Product ")}, {"price", price}, {"quantity", quantity}};
  return create("/api/v1/products", wanted).at("id");
}

int64_t shop::on_hand(int64_t product) {
  const auto got = admin().get(stock_path(product));
  return expect("read a stock", 200, got).as_json().at("stock");
}

void shop::set_stock(int64_t product, int64_t quantity) {
  expect("set a stock", 200, admin().put(stock_path(product), {{"stock", quantity}}));
}

json shop::new_order(const account& buyer, const order_lines& lines, const json& more) {
  auto wanted = order_of(lines);
  if (more.is_object())
    wanted.update(more);
  return expect("place an order", 201, as(buyer).post("/api/v1/orders", wanted)).as_json();
}

answer shop::advance(const json& order, const std::string& status) {
  return admin().patch(order_path(order), {{"status", status}});
}

json shop::read_order(const json& known) {
  return expect("read an order", 200, admin().get(order_path(known))).as_json();
}

finished shop::check() const {
  return run_souk("check",
                  {{"data.dir", database.dir().string()}, {"database.url", database.url()}});
}

std::string shop::closed_books() {
  if (server.running())
    if (const int code = server.stop(); code != 0)
      return "serve ended with " + std::to_string(code) + ": " + server.output();
  const auto checked = check();
  if (checked.exit_code != 0)
    return "check ended with " + std::to_string(checked.exit_code) + ": " + checked.all();
  return unbalanced(database);
}

} // namespace souk::tests
