// Drives the committer with rows that are only added, made beforehand or by itself,
// against a SQLite file and a PostgreSQL database.
#include "actors/messages/codec.hpp"
#include "persistence/appended_rows.hpp"
#include "tests/persistence/support/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace souk::tests {

using namespace actors;
using persistence::appended_rows;
using persistence::batch_result;

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
  store s{kind};
  s.stock_up({100});
  auto full = place(5, {{1, 2}});
  auto& o = full.order->row;
  o.payment = domain::payment_method::prepaid;
  o.shipping_address = domain::address{"1 \"High\" \\ Street", "Aš", "", "N1 9GU", "GB"};
  o.note = "tab\t line\n back\\slash \\N \\. 'quote' \xf0\x9f\x9b\x92";
  auto bare = place(9, {{1, 1}});
  REQUIRE(refusals(s.commit({full, bare})) == std::vector{done, done});
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
  store s{kind};
  s.stock_up({100});
  REQUIRE(refusals(s.commit({adjust(1, -4)})) == std::vector{done});
  CHECK(s.count("stock_movement", "delta = -4 and order_id is null") == 1);
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
    return s.count("event", "id = " + std::to_string(result.decisions[write].event_ids.at(n))
                              + " and kind || ' ' || subject = '" + kind_and_subject + "'")
           == 1;
  };
  CHECK(is(0, 0, "order_placed order:5"));
  CHECK(is(1, 0, "order_placed order:9"));
  CHECK(is(1, 1, "order_noted order:9"));
  CHECK(is(3, 0, "order_placed order:13"));
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
  CHECK(s.count("event", "subject = 'order:9'") == 0);
  CHECK(s.faults().empty());
}

TEST_CASE("a server process that ends while rows are copied costs nothing and doubles nothing") {
  store s{engine::postgresql};
  s.stock_up({100, 100});
  // A sequence keeps its number through the rollback.
  s.execute("create sequence copies");
  s.execute("create function end_once() returns trigger language plpgsql as $$ begin "
            "if nextval('copies') = 2 then perform pg_terminate_backend(pg_backend_pid()); end if; "
            "return new; end $$");
  auto table = GENERATE(as<std::string>{}, "orders", "stock_movement", "event");
  CAPTURE(table);
  s.execute("create trigger end_once before insert on " + table
            + " for each row execute function end_once()");
  auto result =
    commit_prepared(s, {place(5, {{1, 2}}), place(9, {{1, 3}, {2, 1}}), place(13, {{1, 1}})});
  CHECK(refusals(result) == std::vector{done, done, done});
  CHECK(s.number("select last_value from copies") >= 4); // two at least, then all again
  CHECK(s.count("orders") == 3);
  CHECK(s.count("event", "kind = 'order_placed'") == 3);
  CHECK(s.on_hand(1) == 94);
  CHECK(s.faults().empty());
}

} // namespace souk::tests
