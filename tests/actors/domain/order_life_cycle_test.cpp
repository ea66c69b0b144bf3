// Drives the life cycle of orders by plain calls: every status, target, payment method and role,
// against the tables below.
#include "actors/domain/order.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace souk::domain;

namespace {

struct life_cycle {
  payment_method method;
  actor_role who;
  const char* table; ///< rows: from; columns: to; `+` allowed, `.` refused
};

constexpr auto cash = payment_method::cash_on_delivery;
constexpr auto prepaid = payment_method::prepaid;

const life_cycle life_cycles[] = {
  {cash, actor_role::admin, R"(
    from       pending confirmed paid shipped delivered cancelled returned
    pending          .         +    .       .         .         +        .
    confirmed        .         .    .       +         .         +        .
    paid             .         .    .       .         .         +        .
    shipped          .         .    .       .         +         .        .
    delivered        .         .    .       .         .         .        +
    cancelled        .         .    .       .         .         .        .
    returned         .         .    .       .         .         .        . )"},
  {prepaid, actor_role::admin, R"(
    from       pending confirmed paid shipped delivered cancelled returned
    pending          .         +    .       .         .         +        .
    confirmed        .         .    +       .         .         +        .
    paid             .         .    .       +         .         +        .
    shipped          .         .    .       .         +         .        .
    delivered        .         .    .       .         .         .        +
    cancelled        .         .    .       .         .         .        .
    returned         .         .    .       .         .         .        . )"},
  {cash, actor_role::owner, R"(
    from       pending confirmed paid shipped delivered cancelled returned
    pending          .         .    .       .         .         +        .
    confirmed        .         .    .       .         .         +        .
    paid             .         .    .       .         .         +        .
    shipped          .         .    .       .         .         .        .
    delivered        .         .    .       .         .         .        .
    cancelled        .         .    .       .         .         .        .
    returned         .         .    .       .         .         .        . )"},
  {prepaid, actor_role::owner, R"(
    from       pending confirmed paid shipped delivered cancelled returned
    pending          .         .    .       .         .         +        .
    confirmed        .         .    .       .         .         +        .
    paid             .         .    .       .         .         +        .
    shipped          .         .    .       .         .         .        .
    delivered        .         .    .       .         .         .        .
    cancelled        .         .    .       .         .         .        .
    returned         .         .    .       .         .         .        . )"},
};

constexpr size_t status_count = 7;

std::vector<order_status> read_header(std::istream& in) {
  std::vector<order_status> columns;
  std::string word;
  in >> word;
  REQUIRE(word == "from");
  while (columns.size() < status_count && in >> word) {
    auto status = parse_order_status(word);
    REQUIRE(status);
    columns.push_back(*status);
  }
  return columns;
}

} // namespace

TEST_CASE("every step of every order is allowed or refused as the tables say") {
  for (const auto& cycle : life_cycles) {
    std::istringstream in{cycle.table};
    auto columns = read_header(in);
    size_t cells = 0;
    std::string word;
    while (in >> word) {
      auto from = parse_order_status(word);
      REQUIRE(from);
      for (auto to : columns) {
        REQUIRE(in >> word);
        REQUIRE((word == "+" || word == "."));
        ++cells;
        INFO(to_string(cycle.method) << (cycle.who == actor_role::admin ? " admin " : " owner ")
                                     << to_string(*from) << " -> " << to_string(to));
        CHECK(may_change(*from, to, cycle.method, cycle.who) == (word == "+"));
      }
    }
    CHECK(cells == status_count * status_count);
  }
}

TEST_CASE("cancelled and returned orders are the ones that give their stock back") {
  std::istringstream in{R"(
    pending   sold
    confirmed sold
    paid      sold
    shipped   sold
    delivered sold
    cancelled back
    returned  back )"};
  std::string name, expected;
  size_t rows = 0;
  while (in >> name >> expected) {
    auto status = parse_order_status(name);
    REQUIRE(status);
    ++rows;
    CAPTURE(name);
    CHECK(counts_as_sold(*status) == (expected == "sold"));
    CHECK(restores_stock(*status) == (expected == "back"));
  }
  CHECK(rows == status_count);
}

TEST_CASE("statuses and payment methods are read as they are written") {
  for (uint8_t i = 0; i < status_count; ++i) {
    auto status = static_cast<order_status>(i);
    CHECK(parse_order_status(to_string(status)) == status);
  }
  CHECK(parse_payment_method("cash_on_delivery") == cash);
  CHECK(parse_payment_method("prepaid") == prepaid);
  CHECK_FALSE(parse_order_status("Pending"));
  CHECK_FALSE(parse_order_status(""));
  CHECK_FALSE(parse_order_status("?"));
  CHECK_FALSE(parse_payment_method("card"));
}

TEST_CASE("the stored numbers of statuses and payment methods stay") {
  const char* statuses[]
    = {"pending", "confirmed", "paid", "shipped", "delivered", "cancelled", "returned"};
  for (uint8_t i = 0; i < status_count; ++i)
    CHECK(to_string(static_cast<order_status>(i)) == statuses[i]);
  CHECK(static_cast<int>(cash) == 0);
  CHECK(static_cast<int>(prepaid) == 1);
}

TEST_CASE("an order's number shows the year and at least six digits of its id") {
  order x;
  x.id = 123;
  x.created_at = 1'790'000'000'000; // 2026-09-21
  CHECK(order_number(x) == "ORD-2026-000123");
  x.id = 1'234'567;
  CHECK(order_number(x) == "ORD-2026-1234567");
  x.id = 0;
  x.created_at = 0;
  CHECK(order_number(x) == "ORD-1970-000000");
  x.created_at = 1'798'761'599'999; // the last millisecond of 2026, UTC
  CHECK(order_number(x) == "ORD-2026-000000");
  x.created_at += 1;
  CHECK(order_number(x) == "ORD-2027-000000");
}
