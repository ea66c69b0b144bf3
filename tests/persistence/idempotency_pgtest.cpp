// Drives the committer with idempotency keys that are taken already,
// against a SQLite file and a PostgreSQL database.
#include "actors/messages/codec.hpp"
#include "tests/persistence/support/faults.hpp"
#include "tests/persistence/support/store.hpp"

namespace souk::tests {

using namespace actors;
using persistence::connection;
using persistence::step;

TEST_CASE("a repeated key is answered from its row and nothing is written twice") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  s.commit({under_key(place(5, {{1, 10}}), "k1", R"({"the":"first answer"})")});
  auto result = s.commit({under_key(place(9, {{1, 1}}), "k2"),
                          under_key(place(13, {{1, 10}}), "k1", R"({"another":"answer"})"),
                          place(17, {{1, 1}})});
  CHECK(result.decisions[0].answer.refused == refusal::none);
  CHECK(result.decisions[1].error == ec::none);
  CHECK(result.decisions[1].answer.refused == refusal::replayed);
  REQUIRE(result.decisions[1].answer.kept);
  CHECK(result.decisions[1].answer.kept->answer == R"({"the":"first answer"})");
  CHECK(result.decisions[1].answer.kept->fingerprint == "a hash of the body");
  CHECK(result.decisions[1].event_ids.empty());
  CHECK(result.decisions[2].answer.refused == refusal::none);
  CHECK(s.on_hand(1) == 88);
  CHECK(s.count("orders") == 3);
  CHECK(s.count("orders", "id = 13") == 0);
  CHECK(s.count("stock_movement", "order_id = 13 or orders like '%[13,%'") == 0);
  CHECK(s.count("event_list", "kind = 'order_placed'") == 3);
  CHECK(s.faults().empty());
}

TEST_CASE("a repeated key is answered from its row although the stock is gone now") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({10, 10});
  s.commit({under_key(place(5, {{1, 10}}), "k1", "{\"n\":1}")});
  auto result =
    s.commit({under_key(place(9, {{1, 10}}), "k1"), place(13, {{1, 1}}), place(17, {{2, 1}})});
  CHECK(result.decisions[0].answer.refused == refusal::replayed);
  REQUIRE(result.decisions[0].answer.kept);
  CHECK(result.decisions[0].answer.kept->answer == "{\"n\":1}");
  CHECK(result.decisions[1].answer.refused == refusal::out_of_stock);
  CHECK(result.decisions[2].answer.refused == refusal::none);
  CHECK(s.on_hand(2) == 9);
  CHECK(s.faults().empty());
}

TEST_CASE("a repeated key is answered from its row although the version has moved on") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({10});
  s.commit({under_key(set_count(1, 20, 1), "k1", "{\"n\":1}")});
  auto result = s.commit({under_key(set_count(1, 20, 1), "k1")});
  CHECK(result.decisions[0].answer.refused == refusal::replayed);
  CHECK(s.on_hand(1) == 20);
  CHECK(s.count("stock_movement") == 2);
}

TEST_CASE("a kept answer is written only if its command is") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({1});
  auto result =
    s.commit({under_key(place(5, {{1, 2}}), "k1"), under_key(place(9, {{1, 1}}), "k2")});
  CHECK(result.decisions[0].answer.refused == refusal::out_of_stock);
  CHECK(result.decisions[1].answer.refused == refusal::none);
  REQUIRE(result.decisions[1].answer.kept);
  CHECK(result.decisions[1].answer.kept->id == "k2");
  CHECK(s.count("idempotency", "id = 'k1'") == 0);
  CHECK(s.count("idempotency", "id = 'k2'") == 1);
  // Only successes are kept: the key is still good.
  s.commit({adjust(1, 5)});
  CHECK(s.commit({under_key(place(5, {{1, 2}}), "k1")}).decisions[0].answer.refused
        == refusal::none);
}

TEST_CASE("the answer to an unheard COMMIT is found under its key") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({10});
  // As after a crash of the server: the transaction happened, its committer is gone.
  s.committer().on_step([&](step now, connection& c) {
    if (now == step::before_commit)
      swallow_answer(c, s.sql());
  });
  s.commit({under_key(place(5, {{1, 1}}), "k1", "{\"n\":5}")});
  s.reopen();
  auto again = place(9, {{1, 1}}, life_of(domain::domain_id::order, 1, 2, 2));
  auto result = s.commit({under_key(again, "k1", "{\"n\":9}")});
  REQUIRE(result.decisions[0].answer.refused == refusal::replayed);
  CHECK(result.decisions[0].answer.kept->answer == "{\"n\":5}");
  CHECK(s.on_hand(1) == 9);
  CHECK(s.count("orders") == 1);
}

TEST_CASE("a connection that is lost while a kept answer is read costs nothing") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({10});
  s.commit({under_key(place(5, {{1, 1}}), "k1", "{\"n\":5}")});
  int comes = 0;
  s.committer().on_step([&](step now, connection& c) {
    if (now == step::in_transaction && ++comes == 1)
      lose(c, s.sql());
  });
  auto result = s.commit({under_key(place(9, {{1, 1}}), "k1"), place(13, {{1, 2}})});
  REQUIRE(result.decisions[0].answer.refused == refusal::replayed);
  CHECK(result.decisions[0].answer.kept->answer == "{\"n\":5}");
  CHECK(result.decisions[1].answer.refused == refusal::none);
  CHECK(s.on_hand(1) == 7);
}

TEST_CASE("the kept answer of a changed count holds the count that was committed") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({10});
  stock_view guess;
  guess.level.product_id = 1;
  guess.reserved = 3;
  // Another order of the same batch changes the count too.
  auto result = s.commit({under_key(adjust(1, 5), "k1", encode(guess)), place(5, {{1, 2}})});
  REQUIRE(result.decisions[0].answer.kept);
  auto told = decode_stock_view(result.decisions[0].answer.kept->answer);
  REQUIRE(told);
  CHECK(told->level.on_hand == 13);
  CHECK(told->level.version == 2);
  CHECK(told->reserved == 3);
  auto again = s.commit({under_key(adjust(1, 5), "k1", encode(guess))});
  REQUIRE(again.decisions[0].answer.refused == refusal::replayed);
  CHECK(again.decisions[0].answer.kept->answer == result.decisions[0].answer.kept->answer);
}

TEST_CASE("only answers past their age are deleted, and their keys are free again") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({10});
  s.commit({under_key(place(5, {{1, 1}}), "old"), under_key(place(9, {{1, 1}}), "young")});
  s.execute("update idempotency set created_at = created_at - 25 * 3600 * 1000 where id = 'old'");
  CHECK(s.committer().delete_old_answers());
  CHECK_FALSE(s.committer().delete_old_answers());
  CHECK(s.count("idempotency", "id = 'old'") == 0);
  CHECK(s.count("idempotency", "id = 'young'") == 1);
  CHECK(s.commit({under_key(place(13, {{1, 1}}), "old")}).decisions[0].answer.refused
        == refusal::none);
}

} // namespace souk::tests
