// Drives the life cycle of orders, message by message on the deterministic scheduler,
// against a scripted store: who may do what, versions, and the stock that comes back.
#include "tests/actors/support/shop_fixture.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace souk;
using namespace souk::actors;
using namespace souk::actors::test;

namespace {

using status = domain::order_status;

/// Order shard 3 with orders of user 1.
struct life_fixture : shop_fixture {
  life_fixture() {
    script_stock();
    store.add_product(4, 10);
    store.add_product(5, 10);
  }

  int64_t add_order(status s, domain::payment_method payment = {}) {
    domain::order o;
    o.id = next_ += shards;
    o.user_id = user(1);
    o.status = s;
    o.payment = payment;
    o.lines = {{o.id * 128, 4, "product 4", 100, 2}, {o.id * 128 + 1, 5, "product 5", 100, 3}};
    store.orders[o.id] = o;
    return o.id;
  }
  reply<order_answer> change(call c, int64_t id, status to, std::optional<int64_t> expected = {}) {
    return ask<order_answer>(shard, change_order_status{std::move(c), id, to, expected});
  }
  reply<order_answer> cancel(call c, int64_t id) {
    return change(std::move(c), id, status::cancelled);
  }

  order_actor shard = start_order(3);

private:
  int64_t next_ = 399;
};

} // namespace

TEST_CASE_METHOD(life_fixture,
                 "every status against every step, by an administrator and the owner") {
  // Rows: from; columns: to. A: an administrator may; B: the owner too; -: nobody.
  // Where prepaid differs from cash on delivery, both are given: cash/prepaid.
  constexpr auto table = R"(
    from/to    confirmed paid shipped delivered cancelled returned
    pending    A         -    -       -         B         -
    confirmed  -         -/A  A/-     -         B         -
    paid       -         -    -/A     -         B         -
    shipped    -         -    -       A         -         -
    delivered  -         -    -       -         -         A
    cancelled  -         -    -       -         -         -
    returned   -         -    -       -         -         -
  )";
  std::istringstream lines{table};
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  std::vector<status> columns;
  std::istringstream head{line};
  std::string word;
  head >> word;
  while (head >> word)
    columns.push_back(*domain::parse_order_status(word));
  REQUIRE(columns.size() == 6);
  int cells = 0;
  while (std::getline(lines, line)) {
    std::istringstream row{line};
    if (!(row >> word))
      continue;
    auto from = *domain::parse_order_status(word);
    for (auto to : columns) {
      row >> word;
      auto slash = word.find('/');
      for (auto payment :
           {domain::payment_method::cash_on_delivery, domain::payment_method::prepaid}) {
        auto may =
          word[payment == domain::payment_method::prepaid && slash != word.npos ? slash + 1 : 0];
        CAPTURE(domain::to_string(from), domain::to_string(to), domain::to_string(payment), may);
        auto admin = change(by_admin(), add_order(from, payment), to);
        CHECK(admin->failed == (may == '-' ? ec::invalid_transition : ec::none));
        auto owner = change(by(1), add_order(from, payment), to);
        CHECK(owner->failed
              == (to != status::cancelled ? ec::forbidden
                  : may == 'B'            ? ec::none
                                          : ec::invalid_transition));
        ++cells;
      }
    }
  }
  CHECK(cells == 84);
}

TEST_CASE_METHOD(life_fixture, "a step is durable: one write of order, stock and event") {
  auto id = add_order(status::pending);
  store.hold_writes = true;
  auto r = cancel(by(1, "k"), id);
  CHECK(r->open());
  REQUIRE(store.writes.size() == 1);
  auto& w = store.writes[0];
  CHECK(w.order->row.status == status::cancelled);
  CHECK(w.order->row.version == 2);
  CHECK(w.order->row.updated_at == now());
  CHECK(w.order->expected_version == 1);
  REQUIRE(w.stock.size() == 2);
  CHECK(w.stock[0].product_id == 4);
  CHECK(w.stock[0].amount == 2);
  CHECK(w.stock[0].reason == "cancelled");
  CHECK(w.stock[1].amount == 3);
  REQUIRE(w.events.size() == 1);
  CHECK(w.events[0].kind == "order_cancelled");
  CHECK(w.keep);
  store.commit(0);
  CHECK(r->got().value == store.orders[id]);
  CHECK(store.counts[4].on_hand == 12);
  CHECK(store.counts[5].on_hand == 13);
}

TEST_CASE_METHOD(life_fixture, "only cancelling and returning put stock back") {
  change(by_admin(), add_order(status::pending), status::confirmed);
  change(by_admin(), add_order(status::shipped), status::delivered);
  CHECK(store.counts[4].on_hand == 10);
  change(by_admin(), add_order(status::delivered), status::returned);
  CHECK(store.counts[4].on_hand == 12);
  CHECK(store.counts[5].on_hand == 13);
}

TEST_CASE_METHOD(life_fixture, "two who cancel at once put the stock back once") {
  auto id = add_order(status::pending);
  store.hold_writes = true;
  auto first = cancel(by(1), id);
  auto second = cancel(by_admin(), id);
  CHECK(store.writes.size() == 1);
  store.commit(0);
  CHECK(first->value);
  CHECK(second->failed == ec::invalid_transition);
  CHECK(store.counts[4].on_hand == 12);
}

TEST_CASE_METHOD(life_fixture, "who waits for a step that failed begins from what is stored") {
  auto id = add_order(status::pending);
  store.hold_writes = true;
  auto first = cancel(by(1), id);
  auto second = cancel(by_admin(), id);
  store.commit_in_silence(0);
  store.fail(0, ec::outcome_unknown);
  CHECK(first->failed == ec::outcome_unknown);
  advance(100ms);
  CHECK(second->failed == ec::invalid_transition);
  CHECK(store.counts[4].on_hand == 12);
}

TEST_CASE_METHOD(life_fixture, "rule 2: after an unknown step the order is read after the fence") {
  auto id = add_order(status::pending);
  store.hold_writes = true;
  store.hold_fences = true;
  store.hold_reads = false;
  auto first = cancel(by(1), id);
  auto second = cancel(by_admin(), id);
  store.fail(0, ec::outcome_unknown);
  CHECK(first->failed == ec::outcome_unknown);
  CHECK(second->open());
  store.commit_in_silence(0); // the old transaction ends before the fence is answered
  store.answer_fences();
  CHECK(second->failed == ec::invalid_transition);
  auto r = ask<domain::order>(shard, get_order{by(1), id});
  CHECK(r->got().status == status::cancelled);
}

TEST_CASE_METHOD(life_fixture, "rule 2: an order that is read before the fence is not kept") {
  auto id = add_order(status::pending);
  store.hold_writes = true;
  auto first = cancel(by(1), id);
  store.hold_reads = true;
  auto other = add_order(status::pending);
  auto reading = ask<domain::order>(shard, get_order{by(1), other});
  store.orders[other].status = status::confirmed;
  store.orders[other].version = 2;
  store.fail(0, ec::outcome_unknown);
  store.hold_reads = false;
  store.answer_reads();
  CHECK(reading->value);
  CHECK(ask<domain::order>(shard, get_order{by(1), other})->got().version == 2);
}

TEST_CASE_METHOD(life_fixture, "a step of another version than the expected one is refused") {
  auto id = add_order(status::pending);
  CHECK(change(by_admin(), id, status::confirmed, 2)->failed == ec::stale_version);
  CHECK(change(by_admin(), id, status::confirmed, 1)->value);
  CHECK(change(by_admin(), id, status::shipped, 1)->failed == ec::stale_version);
  CHECK(change(by_admin(), id, status::shipped, 2)->value);
}

TEST_CASE_METHOD(life_fixture,
                 "rule 1: an order that another node wrote is read anew after the refusal") {
  auto id = add_order(status::pending);
  CHECK(ask<domain::order>(shard, get_order{by(1), id})->value);
  store.orders[id].version = 3;
  store.orders[id].status = status::confirmed;
  CHECK(change(by_admin(), id, status::confirmed)->failed == ec::overloaded); // it named no version
  CHECK(change(by_admin(), id, status::shipped)->value);
  store.orders[id].version = 9;
  CHECK(change(by_admin(), id, status::delivered, 4)->failed == ec::stale_version);
}

TEST_CASE_METHOD(life_fixture, "someone else's order is not found, and a missing one neither") {
  auto id = add_order(status::pending);
  CHECK(cancel(by(2), id)->failed == ec::not_found);
  CHECK(cancel(by(1), id + 4)->failed == ec::not_found);
  CHECK(store.writes.empty());
  CHECK(cancel(by(1), id)->value);
}

TEST_CASE_METHOD(life_fixture, "rule 12: a step repeated with its key happens once") {
  auto id = add_order(status::pending);
  CHECK(cancel(by(1, "k"), id)->value);
  CHECK(cancel(by(1, "k"), id)->got().replayed);
  kill(shard);
  shard = start_order(3);
  auto again = cancel(by(1, "k"), id);
  REQUIRE(again->value);
  CHECK(again->got().replayed);
  CHECK(again->got().value.status == status::cancelled);
  CHECK(cancel(by(1), id)->failed == ec::invalid_transition);
  CHECK(store.counts[4].on_hand == 12);
}

TEST_CASE_METHOD(life_fixture, "a step that stood behind another for too long is dropped") {
  auto id = add_order(status::pending);
  store.hold_writes = true;
  auto first = change(by_admin(), id, status::confirmed);
  auto c = by(1);
  c.deadline = now() + 1'000;
  auto late = cancel(c, id);
  auto patient = cancel(by(1), id);
  advance(2s);
  store.commit(0);
  CHECK(first->value);
  CHECK(late->failed == ec::overloaded);
  store.commit(1);
  CHECK(patient->value);
}

TEST_CASE_METHOD(life_fixture, "steps of different orders do not wait for each other") {
  auto a = add_order(status::pending);
  auto b = add_order(status::pending);
  store.hold_writes = true;
  auto first = cancel(by(1), a);
  auto second = cancel(by(1), b);
  CHECK(store.writes.size() == 2);
  store.commit(1);
  CHECK((first->open() && second->value));
}

TEST_CASE_METHOD(life_fixture, "rule 10: a step is unknown once sent, and a retry is safe before") {
  auto id = add_order(status::pending);
  store.hold_writes = true;
  auto sent = cancel(by(1), id);
  auto waits = cancel(by_admin(), id);
  kill(shard);
  CHECK(sent->failed == ec::outcome_unknown);
  CHECK(waits->failed == ec::restarting);
}
