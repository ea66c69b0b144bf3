// Drives the functions that say which shard owns a key by plain calls,
// against fixed vectors. If one fails, every existing database would be read wrong: they stay.
#include "actors/domain/shards.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace souk::domain;

TEST_CASE("a user's shard never changes") {
  struct vector {
    const char* id;
    uint32_t of_7, of_64, of_1024;
  };
  auto x = GENERATE(vector{"01890a5d-ac96-774b-bcce-b302099a8057", 0, 23, 87},
                    vector{"0190163d-8694-739b-aea5-966c26f8ad91", 3, 17, 401},
                    vector{"00000000-0000-7000-8000-000000000000", 1, 0, 0},
                    vector{"ffffffff-ffff-ffff-ffff-ffffffffffff", 1, 63, 1023});
  CAPTURE(x.id);
  auto id = parse_uuid(x.id);
  REQUIRE(id);
  CHECK(shard_of(*id, 1) == 0);
  CHECK(shard_of(*id, 7) == x.of_7);
  CHECK(shard_of(*id, 64) == x.of_64);
  CHECK(shard_of(*id, 1024) == x.of_1024);
}

TEST_CASE("only the last eight bytes of a user's id decide") {
  auto a = parse_uuid("00000000-0000-7000-bcce-b302099a8057");
  auto b = parse_uuid("ffffffff-ffff-7fff-bcce-b302099a8057");
  REQUIRE((a && b));
  CHECK(shard_of(*a, 64) == shard_of(*b, 64));
}

TEST_CASE("an integer id's shard never changes") {
  struct vector {
    int64_t id;
    uint32_t of_7, of_64, of_1024;
  };
  auto x = GENERATE(vector{0, 0, 0, 0}, vector{1, 1, 1, 1}, vector{63, 0, 63, 63},
                    vector{64, 1, 0, 64}, vector{9'007'199'254'740'991, 3, 63, 1023});
  CAPTURE(x.id);
  CHECK(shard_of(x.id, 1) == 0);
  CHECK(shard_of(x.id, 7) == x.of_7);
  CHECK(shard_of(x.id, 64) == x.of_64);
  CHECK(shard_of(x.id, 1024) == x.of_1024);
}

TEST_CASE("the stored numbers and names of the domains stay") {
  std::vector<std::string> seen;
  for (auto id : all_domains)
    seen.push_back(std::to_string(static_cast<int>(id)) + " " + std::string{to_string(id)});
  CHECK(seen == std::vector<std::string>{"0 user", "1 product", "2 stock", "3 order"});
}
