// Drives the way from a record to an item of an import, by plain calls.
#include "http/client/records/columns.hpp"

#include <catch2/catch.hpp>

using namespace souk::client;

namespace {

using members = std::vector<std::pair<std::string, std::string>>;

item good(table what, members from) {
  const auto made = make_item(what, {7, std::move(from)});
  if (const auto* bad = std::get_if<bad_line>(&made))
    FAIL(bad->why);
  return std::get<item>(made);
}

std::string why(table what, members from) {
  const auto made = make_item(what, {7, std::move(from)});
  const auto* bad = std::get_if<bad_line>(&made);
  if (bad)
    CHECK(bad->line == 7);
  return bad ? bad->why : "nothing";
}

const std::pair<std::string, std::string> name{"name", "\"Lamp\""}, price{"price", "19.99"},
  ada{"username", "\"Ada\""};

} // namespace

TEST_CASE("a product's numbers may be text, and its price keeps its digits") {
  const auto x =
    good(table::products, {name, {"price", "90071992547409.91"}, {"quantity", "\"7\""}});
  CHECK(x.json == R"({"name":"Lamp","price":90071992547409.91,"quantity":7})");
  CHECK(x.line == 7);
  CHECK(x.key.empty());
  CHECK(good(table::products, {name, {"price", "\"30000\""}}).json
        == R"({"name":"Lamp","price":"30000"})");
}

TEST_CASE("a product is known by its external id, else by its id") {
  const auto both = good(table::products, {{"external_id", "\"x-1\""}, {"id", "5"}, name, price});
  CHECK(both.json == R"({"external_id":"x-1","name":"Lamp","price":19.99})");
  const auto other = good(table::products, {{"id", "5"}, {"external_id", "null"}, name, price});
  CHECK(other.key != both.key);
  CHECK(other.json == R"({"id":5,"external_id":null,"name":"Lamp","price":19.99})");
}

TEST_CASE("a category by name comes before one by id, and null means none") {
  const auto x =
    good(table::products, {name, price, {"category", "\"A/B\""}, {"category_id", "3"}});
  CHECK(x.category == "A/B");
  CHECK(x.json == R"({"name":"Lamp","price":19.99})");
  const auto none = good(table::products, {name, price, {"category", "null"}});
  CHECK(none.category.empty());
  CHECK(none.json == R"({"name":"Lamp","price":19.99,"category_id":null})");
}

TEST_CASE("what GET shows of a product can be sent back") {
  const auto x = good(table::products, {{"id", "5"},
                                        {"external_id", "null"},
                                        name,
                                        price,
                                        {"currency", "\"USD\""},
                                        {"storage_quantity", "3"},
                                        {"created_at", "\"2026-11-21T00:00:00.000Z\""},
                                        {"updated_at", "\"2026-11-21T00:00:00.000Z\""},
                                        {"version", "2"}});
  CHECK(x.json
        == R"({"id":5,"external_id":null,"name":"Lamp","price":19.99,"currency":"USD",)"
           R"("quantity":3})");
}

TEST_CASE("a product that cannot be one is told why") {
  CHECK(why(table::products, {price}) == "has no name");
  CHECK(why(table::products, {{"name", "\"\""}, price}) == "has no name");
  CHECK(why(table::products, {name}) == "has no price");
  CHECK(why(table::products, {name, {"price", "null"}}) == "has no price");
  CHECK(why(table::products, {name, {"price", "\"1,99\""}}) == "price is not an amount");
  CHECK(why(table::products, {name, {"price", "[1]"}}) == "price is not an amount");
  CHECK(why(table::products, {name, price, {"quantity", "1.5"}})
        == "quantity is not a whole number");
  CHECK(why(table::products, {{"name", "5"}, price}) == "name is not text");
  CHECK(why(table::products, {name, price, {"pirce", "1"}})
        == R"(has "pirce", which is not known)");
}

TEST_CASE(
  "a user has one key in any case, a role in capitals, and a weight when it has a password") {
  const auto x =
    good(table::users, {ada, {"role", "\"admin\""}, {"disabled", "true"}, {"id", "\"u\""}});
  CHECK(x.json == R"({"username":"Ada","role":"ADMIN"})");
  CHECK(x.key == "ada");
  CHECK(x.disabled);
  CHECK(x.weight == 1);
  CHECK(good(table::users, {ada, {"password", "\"secret words\""}}).weight > 1);
}

TEST_CASE("a user that cannot be one is told why") {
  const std::string hash = "\"$2b$12$" + std::string(53, 'a') + "\"";
  CHECK(why(table::users, {ada, {"password_hash", hash}}) == "nothing");
  CHECK(why(table::users, {{"email", "\"a@b.org\""}}) == "has no username");
  CHECK(why(table::users, {ada, {"role", "\"king\""}}) == "role is not USER or ADMIN");
  CHECK(why(table::users, {ada, {"disabled", "\"yes\""}}) == "disabled is not true or false");
  CHECK(why(table::users, {ada, {"password", "\"x\""}, {"password_hash", hash}})
        == "has both password and password_hash");
  const auto no_hash = "password_hash is no bcrypt hash ($2a$, $2b$ or $2y$)";
  CHECK(why(table::users, {ada, {"password_hash", "\"$1$12$" + std::string(54, 'a') + "\""}})
        == no_hash);
  CHECK(why(table::users, {ada, {"password_hash", "\"$2b$12$short\""}}) == no_hash);
}
