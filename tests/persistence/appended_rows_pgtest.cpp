// Drives the committer with rows that are only added, made beforehand or by itself,
// against a SQLite file and a PostgreSQL database.
#include "actors/messages/codec.hpp"
#include "persistence/appended_rows.hpp"
#include "persistence/reads.hpp"
#include "tests/persistence/support/store.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

namespace souk::tests {

using namespace actors;
using namespace std::chrono_literals;
using persistence::access;
using persistence::appended_rows;
using persistence::batch_result;
using persistence::connection;
using persistence::location;

namespace {

constexpr auto done = refusal::none;

/// Decides them as the writer does: with their rows made before.
batch_result commit_prepared(store& s, const std::vector<write>& writes) {
  std::optional<appended_rows> rows{s.committer().kind()};
  std::vector<const write*> pointers;
  for (auto& w : writes) {
    pointers.push_back(&w);
    rows->add(w, persistence::now_ms());
  }
  return s.committer().commit(pointers, std::move(rows));
}

} // namespace

TEST_CASE("a new order is stored with all that it holds") {
  SOUK_FOR_EACH_DATABASE(kind);
  const auto others = GENERATE(0, 20); // few rows go another way than many
  CAPTURE(others);
  store s{kind};
  s.stock_up({100, 100});
  auto full = place(5, {{1, 2}});
  auto& o = full.order->row;
  o.payment = domain::payment_method::prepaid;
  o.shipping_address = domain::address{"1 \"High\" \\ Street", "Aš", "", "N1 9GU", "GB"};
  o.note = "tab\t line\n back\\slash \\N \\. 'quote' \xf0\x9f\x9b\x92";
  auto bare = place(9, {{1, 1}});
  std::vector writes{full, bare};
  for (int n = 0; n < others; ++n)
    writes.push_back(place(100 + n, {{2, 1}}));
  REQUIRE(refusals(s.commit(writes)) == std::vector(writes.size(), done));
  CHECK(s.count("orders") == 2 + others);
  CHECK(s.count("orders",
                "id = 5 and cast(user_id as text) = '" + domain::to_string(o.user_id)
                  + "' and status = 0 and payment = 1 and total_quantity = 2 and total_amount = "
                  + std::to_string(o.total_amount)
                  + " and currency = 'USD' and created_at = " + std::to_string(o.created_at)
                  + " and updated_at = created_at and version = 1 and unpaid_since = created_at")
        == 1);
  CHECK(
    s.count("orders", "id = 5 and shipping_address = '" + encode_address(*o.shipping_address) + "'")
    == 1);
  CHECK(s.count("orders", "id = 5 and note = 'tab\t line\n back\\slash \\N \\. ''quote'' "
                          "\xf0\x9f\x9b\x92'")
        == 1);
  CHECK(s.count("orders", "id = 9 and shipping_address is null and note = '' and payment = 0 and "
                          "unpaid_since is null")
        == 1);
  CHECK(s.count("stock_movement", "product_id = 1 and delta = -3 and reason = 'order' and "
                                  "order_id = 5 and orders = '[[5,-2],[9,-1]]'")
        == 1);
}

TEST_CASE("a movement without an order names none") {
  SOUK_FOR_EACH_DATABASE(kind);
  const auto products = GENERATE(1, 20);
  CAPTURE(products);
  store s{kind};
  s.stock_up(std::vector<int64_t>(static_cast<size_t>(products), 100));
  std::vector<write> writes;
  for (int p = 1; p <= products; ++p)
    writes.push_back(adjust(p, -4));
  REQUIRE(refusals(s.commit(writes)) == std::vector(writes.size(), done));
  CHECK(s.count("stock_movement", "delta = -4 and order_id is null and orders is null")
        == products);
}

TEST_CASE("each event is told under the id that its row has") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  auto two = place(9, {{1, 1}});
  two.events.push_back(two.events[0]);
  two.events[1].kind = "order_noted";
  auto result = s.commit({place(5, {{1, 1}}), two, adjust(1, 1), place(13, {{1, 1}})});
  auto is = [&](size_t write, size_t n, const std::string& kind_and_subject) {
    return s.count("event_list", "id = " + std::to_string(result.decisions[write].event_ids.at(n))
                                   + " and kind || ' ' || subject = '" + kind_and_subject + "'")
           == 1;
  };
  CHECK(is(0, 0, "order_placed order:5"));
  CHECK(is(1, 0, "order_placed order:9"));
  CHECK(is(1, 1, "order_noted order:9"));
  CHECK(is(3, 0, "order_placed order:13"));
}

TEST_CASE(
  "the events of a batch share rows of the log, and are read as they were, from any place") {
  store s{engine::postgresql};
  s.stock_up({1000});
  std::vector<write> writes;
  std::vector<std::string> told;
  for (int n = 0; n < 300; ++n) {
    writes.push_back(place(1000 + n, {{1, 1}}));
    auto& e = writes.back().events.at(0);
    if (n % 3 == 0)
      e.payload = R"({"z":1,"a":"tab\t \"quoted\" \\ \u0001 Aš","n":[1.5,null,true]})";
    if (n % 3 == 1)
      e.subject = "order:\"9\" \\ \n";
    e.created_at = 5'000 + n;
    told.push_back(e.kind + e.subject + e.payload + std::to_string(e.created_at));
  }
  auto result = s.commit(writes);
  CHECK(s.count("event", "kind = ''") >= 3);
  CHECK(s.count("event_list", "kind = 'order_placed'") == 300);
  connection c{location::parse(s.options.url), access::reader, std::chrono::seconds{10}};
  c.open();
  persistence::reads log{c.sql(), c.kind()};
  // A page may end inside a row, or go over several.
  const auto limit = GENERATE(1, 7, 128, 299, 300, 1000);
  CAPTURE(limit);
  std::vector<std::string> got;
  std::vector<int64_t> ids;
  const auto of_orders = [](const event& e) { return e.kind == "order_placed"; };
  REQUIRE(eventually(30s, [&] { // other databases' transactions hold the end of the log back
    return std::ranges::count_if(log.events({{}, 1000}).items, of_orders) == 300;
  }));
  for (auto page = log.events({{}, limit});; page = log.events({page.end, limit})) {
    CHECK(page.items.size() <= static_cast<size_t>(limit));
    for (auto& e : page.items | std::views::filter(of_orders)) {
      got.push_back(e.kind + e.subject + e.payload + std::to_string(e.created_at));
      ids.push_back(e.id);
    }
    CHECK(page.more == (page.items.size() == static_cast<size_t>(limit)));
    if (!page.more)
      break;
  }
  CHECK(got == told);
  std::vector<int64_t> given;
  for (auto& d : result.decisions)
    given.insert(given.end(), d.event_ids.begin(), d.event_ids.end());
  CHECK(ids == given);
  CHECK(s.sql().numbers("select id from event_list where kind = 'order_placed' order by id")
        == given);
}

TEST_CASE("rows made beforehand are written as they are") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100, 100});
  auto result = commit_prepared(s, {place(5, {{1, 2}, {2, 1}}), adjust(2, 7), place(9, {{1, 3}})});
  CHECK(refusals(result) == std::vector{done, done, done});
  CHECK(s.count("orders") == 2);
  CHECK(s.count("stock_movement", "product_id = 1 and delta = -5 and order_id = 5 and "
                                  "orders = '[[5,-2],[9,-3]]'")
        == 1);
  CHECK(s.count("stock_movement", "product_id = 2 and delta = -1 and order_id = 5 and "
                                  "orders is null")
        == 1);
  CHECK(s.on_hand(1) == 95);
  CHECK(s.on_hand(2) == 106);
  CHECK(s.faults().empty());
}

TEST_CASE("of rows made beforehand, those of a write that is refused are not written") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({5});
  auto result = commit_prepared(
    s, {place(5, {{1, 2}}), place(9, {{1, 4}}), set_count(1, 2), place(13, {{1, 2}})});
  CHECK(result.decisions[0].answer.refused == done);
  CHECK(result.decisions[1].answer.refused == refusal::out_of_stock);
  CHECK(s.count("orders", "id = 9") == 0);
  CHECK(s.count("event_list", "subject = 'order:9'") == 0);
  CHECK(s.faults().empty());
}

TEST_CASE("a server process that ends while rows are added costs nothing and doubles nothing") {
  store s{engine::postgresql};
  constexpr int products = 12;
  s.stock_up(std::vector<int64_t>(products, 100));
  auto table = GENERATE(as<std::string>{}, "orders", "stock_movement", "event");
  const auto others = GENERATE(0, 2 * products); // few rows go another way than many
  CAPTURE(table, others);
  const int last = table == "event" ? 1 : 2; // the events share a row
  // A sequence keeps its number through the rollback.
  s.execute("create sequence copies");
  s.execute("create function end_once() returns trigger language plpgsql as $$ begin "
            "if nextval('copies') = "
            + std::to_string(last)
            + " then perform pg_terminate_backend(pg_backend_pid()); end if; return new; end $$");
  s.execute("create trigger end_once before insert on " + table
            + " for each row execute function end_once()");
  std::vector writes{place(5, {{1, 2}}), place(9, {{1, 3}, {2, 1}}), place(13, {{1, 1}})};
  for (int n = 0; n < others; ++n)
    writes.push_back(place(100 + n, {{1 + n % products, 1}}));
  auto result = commit_prepared(s, writes);
  CHECK(refusals(result) == std::vector(writes.size(), done));
  CHECK(s.number("select last_value from copies") >= 2 * last); // then all again
  CHECK(s.count("orders") == 3 + others);
  CHECK(s.count("event_list", "kind = 'order_placed'") == 3 + others);
  CHECK(s.on_hand(1) == 94 - others / products);
  CHECK(s.faults().empty());
}

} // namespace souk::tests
