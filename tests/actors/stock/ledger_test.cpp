// Drives the count and the holds of one product by plain calls,
// against a simple model with random holds, settles, releases and time.
#include "actors/stock/ledger.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <vector>

using souk::stock::ledger;

namespace {

ledger with(int64_t on_hand) {
  ledger l;
  l.confirm(on_hand, 1, 0);
  return l;
}

} // namespace

TEST_CASE("a ledger knows nothing until a count is confirmed") {
  ledger l;
  CHECK_FALSE(l.known());
  CHECK_FALSE(l.hold(1, 1, 100));
  l.confirm(3, 1, 77);
  CHECK(l.known());
  CHECK(l.on_hand() == 3);
  CHECK(l.updated_at() == 77);
}

TEST_CASE("a hold takes from what is available, not from what is on hand") {
  auto l = with(5);
  CHECK(l.hold(1, 3, 100));
  CHECK(l.on_hand() == 5);
  CHECK(l.held() == 3);
  CHECK(l.available() == 2);
  CHECK_FALSE(l.hold(2, 3, 100));
  CHECK(l.hold(2, 2, 100));
  CHECK(l.available() == 0);
}

TEST_CASE("a hold ends once") {
  auto l = with(5);
  CHECK(l.hold(1, 3, 100));
  CHECK(l.holds(1));
  CHECK(l.end(1));
  CHECK_FALSE(l.end(1));
  CHECK_FALSE(l.holds(1));
  CHECK(l.available() == 5);
}

TEST_CASE("one reservation holds once") {
  auto l = with(5);
  CHECK(l.hold(1, 2, 100));
  CHECK_FALSE(l.hold(1, 2, 100));
  CHECK(l.held() == 2);
}

TEST_CASE("a count older than the known one is ignored") {
  auto l = with(5);
  l.confirm(3, 4, 40);
  l.confirm(9, 3, 30);
  l.confirm(8, 4, 50);
  CHECK(l.on_hand() == 3);
  CHECK(l.version() == 4);
  CHECK(l.updated_at() == 40);
}

TEST_CASE("doubt forgets the count and keeps the holds") {
  auto l = with(5);
  CHECK(l.hold(1, 2, 100));
  l.doubt();
  CHECK_FALSE(l.known());
  CHECK(l.held() == 2);
  l.confirm(4, 1, 0);
  CHECK(l.available() == 2);
}

TEST_CASE("holds end when their time has come") {
  auto l = with(9);
  CHECK(l.hold(1, 1, 100));
  CHECK(l.hold(2, 2, 200));
  CHECK(l.hold(3, 3, 200));
  CHECK(l.expire(99) == 0);
  CHECK(l.expire(100) == 1);
  CHECK(l.held() == 5);
  CHECK(l.expire(1000) == 2);
  CHECK(l.held() == 0);
}

TEST_CASE("a ledger agrees with a simple model, whatever happens to it") {
  struct hold {
    int64_t quantity;
    int64_t expires;
  };
  for (uint32_t seed = 1; seed <= 50; ++seed) {
    std::mt19937 random{seed};
    ledger l;
    std::map<int64_t, hold> model;
    int64_t on_hand = 0;
    int64_t version = -1;
    int64_t now = 0;
    int64_t next = 1;
    auto held = [&] {
      int64_t sum = 0;
      for (auto& [id, h] : model)
        sum += h.quantity;
      return sum;
    };
    for (int step = 0; step < 1'000; ++step) {
      auto reservation = static_cast<int64_t>(1 + random() % static_cast<uint64_t>(next));
      switch (random() % 6) {
      case 0:
      case 1: { // hold, mostly by someone new
        auto who = random() % 8 == 0 ? reservation : next++;
        auto quantity = static_cast<int64_t>(1 + random() % 6);
        bool expected = on_hand - held() >= quantity && !model.contains(who);
        CAPTURE(seed, step, who, quantity);
        REQUIRE(l.hold(who, quantity, now + 30) == expected);
        if (expected)
          model[who] = {quantity, now + 30};
        break;
      }
      case 2: { // settle: sold, at the next version
        if (model.contains(reservation) && version >= 0) {
          on_hand -= model[reservation].quantity;
          l.confirm(on_hand, ++version, now);
        }
        REQUIRE(l.end(reservation) == (model.erase(reservation) == 1));
        break;
      }
      case 3: // release
        REQUIRE(l.end(reservation) == (model.erase(reservation) == 1));
        break;
      case 4: { // a count of any version comes in
        auto v = static_cast<int64_t>(random() % 4) - 2 + version;
        auto count = static_cast<int64_t>(random() % 40);
        l.confirm(count, v, now);
        if (v > version) {
          on_hand = count;
          version = v;
        }
        break;
      }
      default: // time passes
        now += static_cast<int64_t>(random() % 12);
        REQUIRE(l.expire(now)
                == std::erase_if(model, [&](auto& h) { return h.second.expires <= now; }));
      }
      REQUIRE(l.held() == held());
      REQUIRE(l.on_hand() == on_hand);
      REQUIRE(l.version() == version);
      REQUIRE(l.known() == (version >= 0));
      REQUIRE(l.available() == on_hand - held());
    }
  }
}
