// Drives the texts of refresh and reset tokens, with plain calls.
#include "actors/user/refresh_token.hpp"

#include <catch2/catch.hpp>

using namespace souk;
using namespace souk::actors;

TEST_CASE("a refresh token is read as it was written", "[tokens]") {
  domain::uuid user;
  user.bytes[0] = 0xab;
  user.bytes[15] = 0x0c;
  const refresh_token x{user, make_session_id(), make_token_secret()};
  CHECK(x.session.size() == 16);
  CHECK(x.secret.size() == 43);
  const auto text = to_string(x);
  CHECK(text.size() == 32 + 1 + 16 + 1 + 43);
  const auto read = parse_refresh_token(text);
  REQUIRE(read);
  CHECK(read->user == user);
  CHECK(read->session == x.session);
  CHECK(read->secret == x.secret);
  const auto reset = parse_reset_token(to_string(reset_token{user, x.secret}));
  REQUIRE(reset);
  CHECK(reset->user == user);
  CHECK(reset->secret == x.secret);
  CHECK_FALSE(parse_reset_token(text));
}

TEST_CASE("a text that is no token is none", "[tokens]") {
  const auto good = to_string(refresh_token{{}, make_session_id(), make_token_secret()});
  REQUIRE(parse_refresh_token(good));
  CHECK_FALSE(parse_refresh_token(""));
  CHECK_FALSE(parse_refresh_token(good + "a"));
  CHECK_FALSE(parse_refresh_token(good.substr(1)));
  for (const size_t at : {0, 32, 33, 49, 50, 92}) {
    auto bad = good;
    bad[at] = '!';
    INFO(at);
    CHECK_FALSE(parse_refresh_token(bad));
  }
}

TEST_CASE("a secret matches its hash only", "[tokens]") {
  const auto secret = make_token_secret();
  const auto hash = hash_token_secret(secret);
  CHECK(hash.size() == 64);
  CHECK(token_matches(secret, hash));
  CHECK_FALSE(token_matches(make_token_secret(), hash));
  CHECK_FALSE(token_matches(secret, ""));
  CHECK_FALSE(token_matches("", hash));
}
