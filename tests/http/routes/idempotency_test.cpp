// Drives what makes two requests the same one: keys, ids, fingerprints.
// Against plain values; no server, no actors.
#include "http/routes/idempotency.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace souk;
using namespace souk::http;

namespace {

domain::uuid user(uint8_t n) {
  domain::uuid out;
  out.bytes[15] = n;
  return out;
}

} // namespace

TEST_CASE("a key has 1 to 255 characters of ASCII", "[idempotency]") {
  CHECK(is_idempotency_key("a"));
  CHECK(is_idempotency_key(std::string(255, '~')));
  CHECK(is_idempotency_key("\"8e03978e-40d5-43dd-bc93-6894a57f9324\""));
  CHECK(is_idempotency_key("a b"));
  for (const auto& bad : {std::string{}, std::string(256, 'a'), std::string{"a\n"},
                          std::string{"\x7f"}, std::string{"é"}})
    CHECK_FALSE(is_idempotency_key(bad));
}

TEST_CASE("an id never changes for the same request", "[idempotency]") {
  const auto id = idempotency_id(user(1), "POST", "/api/v1/orders", "k");
  CHECK(id == idempotency_id(user(1), "POST", "/api/v1/orders", "k"));
  CHECK(id == "515225412ff900893c31b05f242ecc69");
}

TEST_CASE("another caller, method, path or key is another id", "[idempotency]") {
  std::set<std::string> ids;
  ids.insert(idempotency_id(user(1), "POST", "/api/v1/orders", "k"));
  ids.insert(idempotency_id(user(2), "POST", "/api/v1/orders", "k"));
  ids.insert(idempotency_id(user(1), "PATCH", "/api/v1/orders", "k"));
  ids.insert(idempotency_id(user(1), "POST", "/api/v1/order", "sk"));
  ids.insert(idempotency_id(user(1), "POST", "/api/v1/orders", "kk"));
  CHECK(ids.size() == 5);
  for (const auto& x : ids)
    CHECK((x.size() == 32 && x.find_first_not_of("0123456789abcdef") == std::string::npos));
}

TEST_CASE("a fingerprint stands for query and body, under the secret", "[idempotency]") {
  const fingerprints one{"secret one"};
  const fingerprints two{"secret two"};
  CHECK(one.of("a", "b") == fingerprints{"secret one"}.of("a", "b"));
  CHECK(one.of("a", "b") != one.of("", "ab"));
  CHECK(one.of("", "b") != one.of("b", ""));
  CHECK(one.of("a", "b") != two.of("a", "b"));
  CHECK(one.of("", "").size() == 32);
}

TEST_CASE("the hash that chooses shards is FNV-1a", "[idempotency]") {
  static_assert(stable_hash("") == 0xcbf29ce484222325);
  static_assert(stable_hash("a") == 0xaf63dc4c8601ec8c);
  static_assert(stable_hash("foobar") == 0x85944171f73967e8);
  CHECK(stable_hash("foobar") == 0x85944171f73967e8);
}
