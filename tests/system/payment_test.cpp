// Drives payments over HTTP against a running server on each database: paid once, by whom it may,
// with the right amount, and in time.
#include "tests/system/support/databases.hpp"
#include "tests/system/support/token.hpp"

#include <algorithm>

using namespace souk::tests;

namespace {

const std::string secret = "a secret 9 shared with the provider";

json prepaid_order(shop& s, const account& buyer, const order_lines& lines) {
  return s.new_order(buyer, lines, {{"payment_method", "prepaid"}});
}

json payment(const std::string& reference, const json& amount) {
  return {{"reference", reference}, {"amount", amount}};
}

answer pay(shop& s, const json& order, const std::string& reference, const json& amount) {
  return s.admin().post(order_path(order) + "/payment", payment(reference, amount));
}

/// What a payment provider sends, signed with `key`.
answer call_back(shop& s, const json& order, const json& body, const std::string& key) {
  return s.guest().post(order_path(order) + "/payment", body,
                        {{"X-Payment-Signature", "sha256=" + hex_signature(body.dump(), key)}});
}

json events_of(shop& s, const json& order) {
  return s.admin().get(order_path(order) + "/events").as_json();
}

std::string status_of(shop& s, const json& order) {
  return s.read_order(order).at("status");
}

void check_conflict(const answer& got, const std::string& code) {
  INFO(got.body);
  CHECK(got.status == 409);
  CHECK(got.code() == code);
}

void check_unwelcome(const answer& got) {
  INFO(got.body);
  CHECK((got.status == 401 || got.status == 403));
}

} // namespace

TEST_CASE("an order is paid once with each reference", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10, "19.99");
  const auto user = s.new_user();
  const auto order = prepaid_order(s, user, {{product, 3}});
  const auto paid = pay(s, order, "bank-1", "59.97");
  INFO(paid.body);
  REQUIRE(paid.status == 200);
  CHECK(paid.as_json().at("status") == "paid");
  CHECK(paid.as_json().at("total_amount").dump() == "59.97");
  // Of a pending order it is both steps.
  CHECK(each(events_of(s, order), "kind")
        == std::vector<json>{"order_placed", "order_confirmed", "order_paid"});

  const auto again = pay(s, order, "bank-1", 59.97);
  CHECK(again.status == 200);
  CHECK(again.as_json() == paid.as_json());
  CHECK(events_of(s, order).size() == 3);
  check_conflict(pay(s, order, "bank-2", "59.97"), "invalid_transition");
  const auto second = prepaid_order(s, user, {{product, 3}});
  check_conflict(pay(s, second, "bank-1", "59.97"), "reference_taken");
  CHECK(status_of(s, second) == "pending");

  s.server.kill();
  s.server.start();
  CHECK(pay(s, order, "bank-1", "59.97").as_json() == paid.as_json());
  check_conflict(pay(s, second, "bank-1", "59.97"), "reference_taken");
  REQUIRE(s.advance(second, "confirmed").status == 200);
  CHECK(pay(s, second, "bank-2", "59.97").status == 200);
  // What has gone on since does not make a repeated notice an error.
  REQUIRE(s.advance(order, "shipped").status == 200);
  const auto late = pay(s, order, "bank-1", "59.97");
  CHECK(late.status == 200);
  CHECK(status_of(s, order) == "shipped");
  CHECK(s.closed_books() == "");
}

TEST_CASE("a payment that does not fit changes nothing", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10, "10.00");
  const auto user = s.new_user();
  const auto order = prepaid_order(s, user, {{product, 2}});
  for (const auto& wrong : {json("19.99"), json("20.01"), json(2000)})
    check_conflict(pay(s, order, "bank-1", wrong), "wrong_amount");
  for (const auto& wrong : {json("20.001"), json(-20), json("much"), json(nullptr)}) {
    const auto refused = pay(s, order, "bank-1", wrong);
    CHECK(refused.status == 422);
    CHECK(pointers(refused) == std::set<std::string>{"/amount"});
  }
  const auto empty = s.admin().post(order_path(order) + "/payment", json::object());
  CHECK(empty.status == 422);
  CHECK(pointers(empty) == std::set<std::string>{"/amount", "/reference"});
  CHECK(pay(s, order, "", "20").status == 422);
  const auto stale = s.admin().post(order_path(order) + "/payment", payment("bank-1", "20"),
                                    {{"If-Match", "\"v9\""}});
  CHECK(stale.status == 412);
  CHECK(stale.code() == "stale_version");
  CHECK(s.read_order(order) == order);

  const auto cash = s.new_order(user, {{product, 2}});
  check_conflict(pay(s, cash, "bank-3", "20"), "invalid_transition");
  REQUIRE(s.advance(cash, "cancelled").status == 200);
  REQUIRE(s.advance(order, "cancelled").status == 200);
  check_conflict(pay(s, order, "bank-1", "20"), "invalid_transition");
  CHECK(pay(s, {{"id", 9007199254740000}}, "bank-4", "20").status == 404);
  // A reference that paid for nothing is free.
  const auto other = prepaid_order(s, user, {{product, 2}});
  CHECK(pay(s, other, "bank-1", "20").status == 200);
  CHECK(s.on_hand(product) == 8);
  CHECK(s.closed_books() == "");
}

TEST_CASE("one reference sent for two orders at once pays one", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(100, "10.00");
  std::vector<json> orders;
  for (const auto& user : s.new_users(4))
    orders.push_back(prepaid_order(s, user, {{product, 1}}));
  std::vector<answer> answers(orders.size() * 2);
  s.admin(); // its token is kept, and the threads below only read it
  in_parallel(answers.size(),
              [&](size_t i) { answers[i] = pay(s, orders[i / 2], "bank-1", "10"); });
  size_t paid = 0;
  for (size_t i = 0; i < orders.size(); ++i) {
    const bool is_paid = status_of(s, orders[i]) == "paid";
    paid += is_paid ? 1 : 0;
    // Both notices for one order get the same answer.
    for (const auto& got : {answers[2 * i], answers[2 * i + 1]})
      if (is_paid)
        CHECK(got.status == 200);
      else
        check_conflict(got, "reference_taken");
  }
  CHECK(paid == 1);
  CHECK(s.closed_books() == "");
}

TEST_CASE("a payment provider signs what it says", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"payments.secret", secret}}};
  const auto product = s.new_product(10, "10.00");
  const auto user = s.new_user();
  const auto order = prepaid_order(s, user, {{product, 1}});
  const auto path = order_path(order) + "/payment";
  const auto body = payment("provider-1", 10);
  check_unwelcome(call_back(s, order, body, secret + "x"));
  CHECK(s.guest().post(path, body).status == 401);
  CHECK(s.as(user).post(path, body).status == 403);
  const auto signature = "sha256=" + hex_signature(body.dump(), secret);
  for (const auto& wrong :
       {std::string{}, std::string{"sha256="}, signature.substr(7), "sha1=" + signature.substr(7),
        signature.substr(0, signature.size() - 1), signature + "0",
        "sha256=" + std::string(64, 'z')})
    check_unwelcome(s.guest().post(path, body, {{"X-Payment-Signature", wrong}}));
  // A signature is one of its body alone.
  check_unwelcome(
    s.guest().post(path, payment("provider-2", 10), {{"X-Payment-Signature", signature}}));
  CHECK(s.read_order(order) == order);

  const auto at = [&](const std::string& versions) {
    return s.guest().post(path, body, {{"X-Payment-Signature", signature}, {"If-Match", versions}});
  };
  CHECK(at(R"("v8")").status == 412);
  CHECK(at(R"("v8", "v9")").status == 412); // which has the order read first
  CHECK(s.read_order(order) == order);

  check_conflict(call_back(s, order, payment("provider-1", 9), secret), "wrong_amount");
  const auto paid = call_back(s, order, body, secret);
  INFO(paid.body);
  REQUIRE(paid.status == 200);
  CHECK(paid.as_json().at("status") == "paid");
  CHECK(call_back(s, order, body, secret).status == 200);
  CHECK(at(R"("v1", "v2")").status == 200); // the same again is no mistake, whatever it names
  CHECK(events_of(s, order).back().at("by") == "payment");
  CHECK(call_back(s, {{"id", 9007199254740000}}, body, secret).status == 404);
  CHECK(s.closed_books() == "");
}

TEST_CASE("without a secret no signature counts", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind};
  const auto product = s.new_product(10, "10.00");
  const auto user = s.new_user();
  const auto order = prepaid_order(s, user, {{product, 1}});
  for (const auto* key : {"", "secret"})
    check_unwelcome(call_back(s, order, payment("provider-1", 10), key));
  CHECK(s.read_order(order) == order);
}

TEST_CASE("an order that is not paid in time is cancelled", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"orders.payment_window", "1s"}, {"orders.confirm", "true"}}};
  const auto product = s.new_product(10, "10.00");
  const auto user = s.new_user();
  const auto cash = s.new_order(user, {{product, 1}});
  const auto paid = prepaid_order(s, user, {{product, 1}});
  REQUIRE(pay(s, paid, "bank-1", "10").status == 200);
  const auto forgotten = prepaid_order(s, user, {{product, 4}});
  CHECK(status_of(s, forgotten) != "cancelled");
  CHECK(eventually(10s, [&] { return status_of(s, forgotten) == "cancelled"; }));
  const auto last = events_of(s, forgotten).back();
  CHECK(last.at("kind") == "order_cancelled");
  CHECK(last.at("by") == "system");
  CHECK(s.on_hand(product) == 8);
  check_conflict(pay(s, forgotten, "bank-2", "40"), "invalid_transition");
  // Those that were placed earlier are older than the window as well.
  CHECK(status_of(s, cash) == "confirmed");
  CHECK(status_of(s, paid) == "paid");
  CHECK(s.closed_books() == "");
}

TEST_CASE("the time to pay runs while the server does not", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  shop s{kind, {{"orders.payment_window", "1s"}}};
  const auto product = s.new_product(10, "10.00");
  const auto order = prepaid_order(s, s.new_user(), {{product, 4}});
  s.server.kill();
  s.server.start();
  CHECK(eventually(10s, [&] { return status_of(s, order) == "cancelled"; }));
  CHECK(s.on_hand(product) == 10);
  CHECK(s.closed_books() == "");
}
