// Drives the committer with accounts, products, categories and data that a table refuses,
// against a SQLite file and a PostgreSQL database.
#include "persistence/sql.hpp"
#include "tests/persistence/support/store.hpp"

namespace souk::tests {

using namespace actors;

namespace {

constexpr auto done = refusal::none;

write update_product(const write& before) {
  write w;
  w.by = before.by;
  w.product = before.product;
  w.product->expected_version = before.product->row.version;
  ++w.product->row.version;
  w.product->row.name += ", renamed";
  return w;
}

write in_category(write w, int64_t category) {
  w.product->row.category_id = category;
  return w;
}

write with_external_id(write w, const std::string& id) {
  w.product->row.external_id = id;
  return w;
}

} // namespace

TEST_CASE("a username is taken however it is spelled in case, across batches") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  CHECK(refusals(s.commit({sign_up(1, "Ada", "ada@example.org")})) == std::vector{done});
  CHECK(refusals(s.commit({sign_up(2, "ADA", "other@example.org"), sign_up(3, "grace"),
                           sign_up(4, "ada2", "ADA@Example.org")}))
        == std::vector{refusal::username_taken, done, refusal::email_taken});
  CHECK(s.count("users") == 2);
}

TEST_CASE("a username or an e-mail address is given out once within a batch") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  auto got = refusals(s.commit({sign_up(1, "ada"), sign_up(2, "Ada"), sign_up(3, "x", "e@x"),
                                sign_up(4, "y", "E@x"), sign_up(5, "z"), sign_up(6, "w")}));
  CHECK(got == std::vector{done, refusal::username_taken, done, refusal::email_taken, done, done});
  CHECK(s.count("users") == 4);
  CHECK(s.count("users", "email_key is null") == 3);
}

TEST_CASE("an account changes if its version is the expected one, and keeps its password") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  auto w = sign_up(1, "ada", "ada@x");
  s.commit({w});
  w.user->expected_version = 1;
  w.user->row.user.version = 2;
  w.user->row.user.full_name = "Ada Lovelace";
  w.user->row.password_hash.clear();
  CHECK(refusals(s.commit({w})) == std::vector{done});
  CHECK(refusals(s.commit({w})) == std::vector{refusal::stale_version});
  CHECK(s.count("users", "full_name = 'Ada Lovelace' and password_hash = 'a hash of ada' "
                         "and version = 2")
        == 1);
}

TEST_CASE("an account cannot take another one's name or address by a change") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  auto grace = sign_up(2, "grace", "grace@x");
  s.commit({sign_up(1, "ada", "ada@x"), grace});
  grace.user->expected_version = 1;
  grace.user->row.user.version = 2;
  auto by_name = grace;
  by_name.user->row.user.username = "ADA";
  CHECK(refusals(s.commit({by_name, sign_up(3, "eve")}))
        == std::vector{refusal::username_taken, done});
  auto by_address = grace;
  by_address.user->row.user.email = "Ada@X";
  CHECK(refusals(s.commit({by_address, sign_up(4, "bob")}))
        == std::vector{refusal::email_taken, done});
  CHECK(s.count("users", "username = 'grace' and email = 'grace@x' and version = 1") == 1);
  CHECK(s.count("users") == 4);
}

TEST_CASE("a product changes if its version is the expected one") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  auto first = create(1, 5);
  CHECK(refusals(s.commit({first, create(2, 5)})) == std::vector{done, done});
  auto second = update_product(first);
  CHECK(refusals(s.commit({second})) == std::vector{done});
  auto result = s.commit({update_product(first), create(3, 5)});
  CHECK(refusals(result) == std::vector{refusal::stale_version, done});
  CHECK(result.decisions[0].answer.subject == 1);
  CHECK(refusals(s.commit({update_product(second)})) == std::vector{done});
  CHECK(s.number("select version from product where id = 1") == 3);
}

TEST_CASE("a product names a category that exists, or none") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  CHECK(refusals(s.commit({add_category(4), add_category(8, 77)}))
        == std::vector{done, refusal::category_not_found});
  CHECK(refusals(s.commit({add_category(8, 4)})) == std::vector{done});
  auto fine = in_category(create(1, 5), 8);
  CHECK(refusals(s.commit({fine, in_category(create(2, 5), 77), create(3, 5)}))
        == std::vector{done, refusal::category_not_found, done});
  CHECK(refusals(s.commit({in_category(update_product(fine), 78)}))
        == std::vector{refusal::category_not_found});
  CHECK(s.count("product") == 2);
  CHECK(s.count("stock") == 2);
  CHECK(s.count("product", "id = 1 and category_id = 8") == 1);
}

TEST_CASE("an external id is taken once, within a batch and across") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  CHECK(refusals(s.commit(
          {with_external_id(create(1, 5), "a"), with_external_id(create(2, 5), "a"), create(3, 5)}))
        == std::vector{done, refusal::external_id_taken, done});
  auto again = s.commit({with_external_id(create(4, 5), "a")});
  CHECK(refusals(again) == std::vector{refusal::external_id_taken});
  CHECK(s.count("product") == 2);
  CHECK(s.count("stock") == 2);
  CHECK(s.faults().empty());
}

TEST_CASE(
  "a step of an order's status leaves its lines as they are, one of its lines writes them") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  auto placed = place(5, {{1, 2}});
  s.commit({placed});
  auto confirmed = change(placed, domain::order_status::confirmed);
  auto& o = confirmed.order->row;
  o.changes.push_back({2, domain::order_change_kind::status, o.status, {}, 7});
  o.lines[0].quantity = 50; // nobody asked for that
  o.total_quantity = 50;
  CHECK(refusals(s.commit({confirmed})) == std::vector{refusal::none});
  CHECK(s.count("orders", "status = 1 and version = 2 and total_quantity = 2 "
                          "and cast(lines as text) like '%\"quantity\":2}%'")
        == 1);

  auto fewer = change(confirmed, domain::order_status::confirmed);
  auto& f = fewer.order->row;
  f.changes.push_back({3, domain::order_change_kind::items, f.status, {}, 8});
  f.lines[0].quantity = 1;
  f.total_quantity = 1;
  f.total_amount = line_price;
  CHECK(refusals(s.commit({fewer})) == std::vector{refusal::none});
  CHECK(s.count("orders", "version = 3 and total_quantity = 1 and total_amount = 500 "
                          "and cast(lines as text) like '%\"quantity\":1}%'")
        == 1);
}

TEST_CASE("orders that are changed together stay on their pages, so that no index is touched") {
  store s{engine::postgresql};
  s.stock_up({1000});
  std::vector<write> placed;
  std::vector<write> confirmed;
  for (int64_t id = 5; placed.size() < 200; id += 4) {
    placed.push_back(place(id, {{1, 1}}));
    confirmed.push_back(change(placed.back(), domain::order_status::confirmed));
    auto& o = confirmed.back().order->row;
    o.changes.push_back({2, domain::order_change_kind::status, o.status, {}, 1'700'000'000'000});
  }
  s.commit(placed);
  const auto* const pages =
    "select count(distinct page) * 1000000 + sum(page * id) from (select id, "
    "cast((cast(cast(ctid as text) as point))[0] as bigint) as page "
    "from orders) as x";
  const auto before = s.number(pages);
  REQUIRE(before > 2'000'000); // several
  s.commit(confirmed);
  CHECK(s.count("orders", "status = 1") == 200);
  CHECK(s.number(pages) == before);
}

TEST_CASE("data that a table refuses takes out its own write only") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  auto negative = create(9, 5);
  negative.product->row.price = -1;
  auto below = create(10, -3);
  std::vector<write> writes;
  for (int64_t i = 0; i < 9; ++i)
    writes.push_back(place(i * 4 + 1, {{1, 1}}));
  writes.insert(writes.begin() + 3, negative);
  writes.insert(writes.begin() + 7, below);
  auto got = refusals(s.commit(writes));
  for (size_t i = 0; i < got.size(); ++i)
    CHECK(got[i] == (i == 3 || i == 7 ? refusal::invalid : done));
  CHECK(s.count("orders") == 9);
  CHECK(s.count("product") == 1);
  CHECK(s.on_hand(1) == 91);
  CHECK(s.faults().empty());
}

TEST_CASE("U+0000 takes out its own write at most") {
  SOUK_FOR_EACH_DATABASE(kind);
  const auto others = GENERATE(0, 20); // few rows go another way than many
  CAPTURE(others);
  store s{kind};
  s.stock_up({100});
  auto bad = place(9, {{1, 1}});
  bad.order->row.note = std::string{"a\0b", 3};
  std::vector writes{place(5, {{1, 1}}), bad, place(13, {{1, 1}})};
  for (int n = 0; n < others; ++n)
    writes.push_back(place(100 + n, {{1, 1}}));
  auto result = s.commit(writes);
  auto got = refusals(result);
  CHECK(std::count(got.begin(), got.end(), done) >= 2 + others);
  CHECK(got[0] == done);
  CHECK(got[2] == done);
  // SQLite stores it; PostgreSQL has no such character.
  CHECK(got[1] == (s.postgresql() ? refusal::invalid : done));
  CHECK(s.count("orders", "id in (5, 13)") == 2);
  CHECK(s.faults().empty());
}

TEST_CASE("an event that the database does not take takes out its own write only") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  auto bad = place(9, {{1, 1}});
  // PostgreSQL looks at the bytes, SQLite at the JSON that it is a part of.
  bad.events[0].payload = kind == engine::postgresql ? "\"\xff\"" : "{\"half\":";
  CHECK(refusals(s.commit({place(5, {{1, 1}}), bad, place(13, {{1, 1}})}))
        == std::vector{done, refusal::invalid, done});
  CHECK(s.on_hand(1) == 98);
}

TEST_CASE("text comes through as it is") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  auto w = create(1, 5);
  w.product->row.name = "a \"quoted\" \\ 'name' :x ?1 $1 \n \t \x01 \xc3\xa9 \xf0\x9f\x9b\x92";
  CHECK(refusals(s.commit({w})) == std::vector{done});
  CHECK(s.number("select length(name) from product") == 38);
}

TEST_CASE("an error tells the statement and none of its values") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  persistence::connection c{persistence::location::parse(s.options.url),
                            persistence::access::writer, 10s};
  c.open();
  persistence::query<> insert{
    c.sql(), "insert into setting (key, value) values (:key, :value)", {"key", "value"}};
  insert.param(0) = "currency"; // is there
  insert.param(1) = "a hash of a password";
  for (int i = 0; i < 2; ++i) { // and it can be run again
    std::string text;
    try {
      insert.run();
      FAIL("the key is taken");
    } catch (...) {
      CHECK(c.classify(text) == persistence::fault::data);
    }
    INFO(text);
    CHECK(text.find("insert into setting") != text.npos);
    CHECK(text.find("hash") == text.npos);
    CHECK(text.find("(currency)") == text.npos);
  }
}

} // namespace souk::tests
