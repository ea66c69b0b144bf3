// Drives every route as nobody, as another user and as an administrator, over HTTP against a
// running server on each database; and asks for what is foreign, which is answered like what is
// missing.
#include "tests/system/support/databases.hpp"

#include <map>
#include <regex>
#include <set>

using namespace souk::tests;

namespace {

constexpr unsigned any = 0; ///< left open by the contract, or tested elsewhere

/// One route with the status that each caller gets.
struct row {
  std::string method;
  std::string path; ///< below /api/v1; `{order}` and the like stand for the owner's
  json body;
  unsigned anonymous;
  unsigned stranger;
  unsigned admin;
};

const json address{{"street", "Long Road 1"}, {"city", "Berlin"}, {"country", "DE"}};
const json lamp{{"name", "Lamp"}, {"price", 10}};
const json none;
const json empty = json::object();

/// Later rows rely on what an administrator did by earlier ones.
const std::vector<row> table{
  {"POST", "/auth/register", empty, 422, 422, 422},
  {"POST", "/auth/login", empty, 422, 422, 422},
  {"POST", "/auth/verify", {{"token", "x"}}, 200, 200, 200},
  {"POST", "/auth/refresh", {{"refresh_token", "x"}}, 401, 401, 401},
  {"POST", "/auth/password/forgot", {{"email", "nobody@shop.test"}}, 202, 202, 202},
  {"POST", "/auth/password/reset", empty, 422, 422, 422},
  {"POST", "/auth/password", empty, 401, 422, 422},
  {"POST", "/auth/logout", none, 401, any, any},
  {"POST", "/auth/logout-all", none, 401, any, any},
  {"DELETE", "/users/me", none, 401, any, 409},
  {"GET", "/users/me", none, 401, 200, 200},
  {"PUT", "/users/me", {{"phone", "1"}}, 401, 200, 200},
  {"PATCH", "/users/me", {{"phone", "2"}}, 401, 200, 200},
  {"GET", "/users", none, 401, 403, 200},
  {"GET", "/users/{user}", none, 401, 403, 200},
  {"PATCH", "/users/{user}", {{"disabled", false}}, 401, 403, 200},
  {"PUT", "/users/{user}/role", {{"role", "USER"}}, 401, 403, 200},
  {"GET", "/users/{user}/orders", none, 401, 404, 200},
  {"GET", "/users/me/addresses", none, 401, 200, 200},
  {"POST", "/users/me/addresses", address, 401, 201, 201},
  {"GET", "/users/me/addresses/{address}", none, 401, 404, 404},
  {"PUT", "/users/me/addresses/{address}", address, 401, 404, 404},
  {"DELETE", "/users/me/addresses/{address}", none, 401, 404, 404},
  {"GET", "/categories", none, 200, 200, 200},
  {"POST", "/categories", {{"name", "Garden"}}, 401, 403, 201},
  {"GET", "/categories/{category}", none, 200, 200, 200},
  {"PUT", "/categories/{category}", {{"name", "House"}}, 401, 403, 200},
  {"GET", "/products", none, 200, 200, 200},
  {"POST", "/products", lamp, 401, 403, 201},
  {"GET", "/products/{product}", none, 200, 200, 200},
  {"PUT", "/products/{product}", lamp, 401, 403, 200},
  {"PATCH", "/products/{product}", {{"detail", "It shines."}}, 401, 403, 200},
  {"GET", "/stock/{product}", none, 401, 403, 200},
  {"PUT", "/stock/{product}", {{"stock", 50}}, 401, 403, 200},
  {"POST", "/stock/{product}/adjust", {{"delta", 1}, {"reason", "found"}}, 401, 403, 200},
  {"GET", "/stock/{product}/movements", none, 401, 403, 200},
  {"GET", "/cart", none, 401, 200, 200},
  {"POST", "/cart/items", {{"product_id", 9007199254740000}, {"quantity", 1}}, 401, 422, 422},
  {"PUT", "/cart/items/{product}", {{"quantity", 2}}, 401, 404, 404},
  {"DELETE", "/cart/items/{product}", none, 401, 404, 404},
  {"POST", "/cart/checkout", empty, 401, 409, 409},
  {"DELETE", "/cart", none, 401, 204, 204},
  {"POST", "/orders", empty, 401, 422, 422},
  {"GET", "/orders", none, 401, 200, 200},
  {"GET", "/orders/{order}", none, 401, 404, 200},
  {"GET", "/orders/{order}/events", none, 401, 404, 200},
  {"PUT", "/orders/{order}/items/{item}", {{"quantity", 2}}, 401, 404, 403},
  {"PATCH", "/orders/{order}", {{"status", "confirmed"}}, 401, 404, 200},
  {"POST", "/orders/{order}/payment", {{"reference", "r"}, {"amount", 20}}, 401, 403, 200},
  {"POST", "/orders/{order}/cancel", none, 401, 404, 200},
  {"GET", "/orders/{order}/stream", none, 401, 404, 200}, // cancelled: it ends
  {"DELETE", "/products/{product}", none, 401, 403, 204},
  {"DELETE", "/categories/{category}", none, 401, 403, 204},
  {"DELETE", "/users/{user}", none, 401, 403, 200}, // with a message
};

std::string text_of(const json& id) {
  return id.is_string() ? id.get<std::string>() : id.dump();
}

/// What an owner has, by the names that the table uses for it.
struct estate {
  std::map<std::string, std::string> ids;

  estate(shop& s, const account& owner) {
    const auto product = s.new_product(10, "10.00");
    const auto category = s.create("/api/v1/categories", {{"name", "Home"}});
    const auto home =
      expect("address", 201, s.as(owner).post("/api/v1/users/me/addresses", address)).as_json();
    const auto order = s.new_order(owner, {{product, 2}}, {{"payment_method", "prepaid"}});
    ids = {{"{user}", owner.id},
           {"{product}", std::to_string(product)},
           {"{category}", text_of(category.at("id"))},
           {"{address}", text_of(home.at("id"))},
           {"{order}", text_of(order.at("id"))},
           {"{item}", text_of(order.at("items")[0].at("id"))}};
  }

  std::string target(const std::string& path) const {
    auto result = "/api/v1" + path;
    for (const auto& [name, id] : ids)
      if (const auto at = result.find(name); at != std::string::npos)
        result.replace(at, name.size(), id);
    return result;
  }

  answer send(client& caller, const row& what) const {
    return caller.send(what.method, target(what.path),
                       what.body.is_null() ? std::string{} : what.body.dump());
  }

  /// All of it as it is now.
  json look(shop& s, const account& owner) const {
    auto self = s.as(owner);
    auto admin = s.admin();
    auto result = json::array();
    for (const auto* path : {"/orders/{order}", "/orders/{order}/events", "/users/me",
                             "/users/me/addresses", "/cart", "/products", "/categories"})
      result.push_back(expect(path, 200, self.get(target(path))).as_json());
    result.push_back(expect("stock", 200, admin.get(target("/stock/{product}"))).as_json());
    return result;
  }
};

} // namespace

TEST_CASE("each route serves whom it is for", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto owner = s.new_user();
  const estate owned{s, owner};
  auto guest = s.guest();
  auto stranger = s.as(s.new_user());
  auto admin = s.admin();
  const auto before = owned.look(s, owner);
  const auto check_all = [&](const std::string& who, client& caller, unsigned row::*expected) {
    for (const auto& each_row : table) {
      if (each_row.*expected == any)
        continue;
      const auto got = owned.send(caller, each_row);
      INFO(who << " " << each_row.method << " " << each_row.path << ": " << got.body);
      CHECK(got.status == each_row.*expected);
      if (got.status >= 400)
        CHECK(got.header("Content-Type") == "application/problem+json");
      if (got.status == 401)
        CHECK(got.header("WWW-Authenticate").starts_with("Bearer"));
      if (got.status == 403 && !each_row.path.ends_with("/payment"))
        CHECK(got.code() == "forbidden");
    }
  };
  check_all("nobody", guest, &row::anonymous);
  check_all("another user", stranger, &row::stranger);
  CHECK(owned.look(s, owner) == before);
  check_all("an administrator", admin, &row::admin);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a refusal does not tell what exists", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const estate owned{s, s.new_user()};
  auto missing = owned;
  for (auto& [name, id] : missing.ids)
    id = name == "{user}" ? "01890000-0000-7000-8000-000000000001" : "9007199254740000";
  auto stranger = s.as(s.new_user());
  auto guest = s.guest();
  size_t compared = 0;
  for (const auto& each_row : table) {
    INFO(each_row.method << " " << each_row.path);
    if (each_row.path.find('{') == std::string::npos)
      continue;
    if (each_row.anonymous == 401)
      CHECK(anonymous(owned.send(guest, each_row)) == anonymous(missing.send(guest, each_row)));
    if (each_row.stranger == 403 || each_row.stranger == 404) {
      CHECK(anonymous(owned.send(stranger, each_row))
            == anonymous(missing.send(stranger, each_row)));
      ++compared;
    }
  }
  CHECK(compared > 20);
}

TEST_CASE("every route is documented", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto documented = documented_routes(s.guest().get("/openapi.json").as_json());
  for (const auto& each_row : table) {
    auto method = each_row.method;
    for (auto& c : method)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto route =
      method + " /api/v1" + std::regex_replace(each_row.path, std::regex{R"(\{[^}]*\})"}, "{}");
    INFO(route);
    CHECK(documented.count(route) == 1);
  }
}
