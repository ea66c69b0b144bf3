// Drives the text form, the version 7 layout and the hash of UUIDs by plain calls,
// against the examples of RFC 9562.
#include "actors/domain/uuid.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <unordered_set>

using namespace souk::domain;

namespace {

uuid random_uuid(std::mt19937_64& random) {
  uuid id;
  for (auto& x : id.bytes)
    x = static_cast<uint8_t>(random());
  return id;
}

} // namespace

TEST_CASE("a uuid is written and read in its canonical form") {
  auto id = parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057");
  REQUIRE(id);
  CHECK(id->bytes.front() == 0x01);
  CHECK(id->bytes.back() == 0x57);
  CHECK(to_string(*id) == "01890a5d-ac96-774b-bcce-b302099a8057");
  CHECK(parse_uuid("01890A5D-AC96-774B-BCCE-B302099A8057") == id);
}

TEST_CASE("any uuid comes back from its text") {
  std::mt19937_64 random{1};
  for (int i = 0; i < 1000; ++i) {
    auto id = random_uuid(random);
    REQUIRE(parse_uuid(to_string(id)) == id);
  }
}

TEST_CASE("text that is not exactly a uuid is refused") {
  auto text = GENERATE("", "0", "01890a5dac96774bbcceb302099a8057",
                       "{01890a5d-ac96-774b-bcce-b302099a8057}",
                       "01890a5d-ac96-774b-bcce-b302099a805",
                       "01890a5d-ac96-774b-bcce-b302099a80577",
                       "01890a5g-ac96-774b-bcce-b302099a8057",
                       "01890a5d-ac96-774b-bcceb-302099a8057",
                       "01890a5d-ac96-774b-bcce-b302099a805 ",
                       "-1890a5d-ac96-774b-bcce-b302099a8057");
  CAPTURE(text);
  CHECK_FALSE(parse_uuid(text));
}

TEST_CASE("the nil uuid means nobody") {
  CHECK(uuid{}.nil());
  CHECK(to_string(uuid{}) == "00000000-0000-0000-0000-000000000000");
  CHECK_FALSE(parse_uuid("00000000-0000-0000-0000-000000000001")->nil());
}

TEST_CASE("a version 7 uuid carries its time, its version and the caller's randomness") {
  // RFC 9562, appendix A.6
  std::array<uint8_t, 10> random{0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
  CHECK(to_string(make_uuid_v7(0x017f22e279b0, random)) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  random.fill(0xff);
  CHECK(to_string(make_uuid_v7(0, random)) == "00000000-0000-7fff-bfff-ffffffffffff");
  random.fill(0);
  CHECK(to_string(make_uuid_v7(0, random)) == "00000000-0000-7000-8000-000000000000");
}

TEST_CASE("later version 7 uuids compare greater") {
  std::array<uint8_t, 10> high{}, low{};
  high.fill(0xff);
  CHECK(make_uuid_v7(1'000, high) < make_uuid_v7(1'001, low));
  CHECK(make_uuid_v7(255, high) < make_uuid_v7(256, low));
}

TEST_CASE("different uuids hash differently") {
  std::mt19937_64 random{2};
  std::unordered_set<size_t> hashes;
  auto id = random_uuid(random);
  for (size_t i = 0; i < 16; ++i)
    for (int bit = 0; bit < 8; ++bit) {
      auto other = id;
      other.bytes[i] = static_cast<uint8_t>(other.bytes[i] ^ 1 << bit);
      hashes.insert(std::hash<uuid>{}(other));
    }
  CHECK(hashes.size() == 128);
  CHECK(std::hash<uuid>{}(id) == std::hash<uuid>{}(*parse_uuid(to_string(id))));
}
