// Drives tokens: signing, verifying, the cache of verified ones.
// Against tokens made here, also by other means (libsodium's HMAC) where ours would refuse to.
#include "http/routes/auth.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sodium.h>

using namespace souk;
using namespace souk::http;
using nlohmann::json;

namespace {

constexpr int64_t now = 1'800'000'000;

token_rules rules() {
  token_rules out;
  out.secret = "0123456789abcdef0123456789abcdef";
  return out;
}

constexpr auto session = "0123456789abcdef";

domain::user ada() {
  domain::user out;
  out.id = *domain::parse_uuid("00000000-0000-7000-8000-00000000000a");
  out.username = "ada";
  out.email = "ada@example.org";
  out.role = domain::user_role::admin;
  return out;
}

std::string base64(std::string_view text) {
  const auto variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string out(sodium_base64_encoded_len(text.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(text.data()),
                    text.size(), variant);
  out.pop_back();
  return out;
}

/// A token of any header and claims, with a valid HS256 signature.
std::string forge(const json& header, const json& payload, const std::string& secret) {
  const auto text = base64(header.dump()) + "." + base64(payload.dump());
  crypto_auth_hmacsha256_state state;
  unsigned char mac[crypto_auth_hmacsha256_BYTES];
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(secret.data()),
                              secret.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                                text.size());
  crypto_auth_hmacsha256_final(&state, mac);
  return text + "." + base64({reinterpret_cast<const char*>(mac), sizeof mac});
}

json good_header() {
  return {{"alg", "HS256"}, {"typ", "JWT"}};
}

json good_payload() {
  const auto id = "00000000-0000-7000-8000-00000000000a";
  return {{"iss", "souk"},
          {"aud", "souk"},
          {"sub", id},
          {"user_id", id},
          {"jti", "0123456789abcdef.1.1"},
          {"role", "USER"},
          {"username", "ada"},
          {"email", ""},
          {"iat", now},
          {"exp", now + 60}};
}

bool accepted(const json& header, const json& payload) {
  return verify_token(rules(), forge(header, payload, rules().secret), now).has_value();
}

} // namespace

TEST_CASE("a token says what was signed", "[auth]") {
  const auto x = verify_token(rules(), sign_token(rules(), ada(), session, now * 1000), now);
  REQUIRE(x);
  CHECK(x->user_id == ada().id);
  CHECK(x->role == domain::user_role::admin);
  CHECK(x->username == "ada");
  CHECK(x->email == "ada@example.org");
  CHECK(x->token_id.rfind(std::string{session} + ".", 0) == 0);
  CHECK(x->session == session);
  CHECK(x->issued_at == now);
  CHECK(x->expires_at == now + 1800);
}

TEST_CASE("no two tokens are the same", "[auth]") {
  CHECK(sign_token(rules(), ada(), session, now * 1000)
        != sign_token(rules(), ada(), session, now * 1000));
}

TEST_CASE("a token ends when it says so", "[auth]") {
  const auto token = sign_token(rules(), ada(), session, now * 1000);
  CHECK(verify_token(rules(), token, now + 1799));
  CHECK_FALSE(verify_token(rules(), token, now + 1800));
}

TEST_CASE("a token of another secret, or changed on its way, is refused", "[auth]") {
  auto other = rules();
  other.secret[0] = 'x';
  CHECK_FALSE(verify_token(rules(), sign_token(other, ada(), session, now * 1000), now));
  const auto token = sign_token(rules(), ada(), session, now * 1000);
  auto changed = token;
  changed[token.find('.') + 5] ^= 1;
  CHECK_FALSE(verify_token(rules(), changed, now));
  CHECK_FALSE(verify_token(rules(), token.substr(0, token.rfind('.') + 1), now));
  CHECK_FALSE(verify_token(rules(), token.substr(0, token.rfind('.')), now));
  CHECK_FALSE(verify_token(rules(), token + std::string{'\0'} + "x", now));
  for (const auto* text : {"", ".", "..", "a.b.c", "x"})
    CHECK_FALSE(verify_token(rules(), text, now));
}

TEST_CASE("only HS256 and only tokens of type JWT are accepted", "[auth]") {
  CHECK(accepted(good_header(), good_payload()));
  for (const auto* alg : {"none", "None", "HS384", "HS512", "RS256", "ES256", ""})
    CHECK_FALSE(accepted({{"alg", alg}, {"typ", "JWT"}}, good_payload()));
  CHECK_FALSE(accepted({{"typ", "JWT"}}, good_payload()));
  CHECK_FALSE(accepted({{"alg", "HS256"}}, good_payload()));
  CHECK_FALSE(accepted({{"alg", "HS256"}, {"typ", "at+jwt"}}, good_payload()));
  const auto unsigned_token = base64(json{{"alg", "none"}, {"typ", "JWT"}}.dump()) + "."
                              + base64(good_payload().dump()) + ".";
  CHECK_FALSE(verify_token(rules(), unsigned_token, now));
}

TEST_CASE("every claim that is needed must be there and be right", "[auth]") {
  for (const auto* name :
       {"iss", "aud", "sub", "user_id", "jti", "role", "username", "iat", "exp"}) {
    auto payload = good_payload();
    payload.erase(name);
    INFO(name);
    CHECK_FALSE(accepted(good_header(), payload));
  }
  const std::pair<const char*, json> bad[] = {{"iss", "other"},
                                              {"aud", "other"},
                                              {"aud", json::array({"souk"})},
                                              {"sub", "x"},
                                              {"user_id", "00000000-0000-7000-8000-00000000000b"},
                                              {"role", "ROOT"},
                                              {"exp", now},
                                              {"exp", "never"},
                                              {"exp", 1e300},
                                              {"iat", now + 61},
                                              {"iat", "x"},
                                              {"iat", 1.5},
                                              {"nbf", now + 61},
                                              {"nbf", "later"},
                                              {"nbf", 1.5}};
  for (const auto& [name, value] : bad) {
    auto payload = good_payload();
    payload[name] = value;
    INFO(name << " " << value.dump());
    CHECK_FALSE(accepted(good_header(), payload));
  }
  auto payload = good_payload();
  payload["nbf"] = now + 59;
  CHECK(accepted(good_header(), payload));
}

TEST_CASE("a short secret neither signs nor verifies", "[auth]") {
  auto weak = rules();
  weak.secret.resize(min_secret_bytes - 1);
  CHECK(sign_token(weak, ada(), session, now * 1000).empty());
  CHECK_FALSE(verify_token(weak, forge(good_header(), good_payload(), weak.secret), now));
}

TEST_CASE("the Authorization header is read", "[auth]") {
  CHECK(bearer_token("Bearer abc") == "abc");
  CHECK(bearer_token("bEaReR   abc ") == "abc");
  for (const auto* none : {"", "Bearer", "Bearer ", "Basic abc", "Bearerabc", "abc"})
    CHECK(bearer_token(none).empty());
}

TEST_CASE("the cache answers like verifying does, and stays small", "[auth]") {
  token_cache cache{rules(), 8};
  const auto first = sign_token(rules(), ada(), session, now * 1000);
  for (int i = 0; i < 3; ++i) {
    const auto* x = cache.verify(first, now);
    REQUIRE(x);
    CHECK(x->user_id == ada().id);
  }
  CHECK(cache.size() == 1);
  CHECK_FALSE(cache.verify(first, now + 1800));
  CHECK_FALSE(cache.verify("a.b.c", now));
  CHECK(cache.size() == 1);
  for (int i = 0; i < 50; ++i)
    CHECK(cache.verify(sign_token(rules(), ada(), session, now * 1000), now));
  CHECK(cache.size() <= 10);
  CHECK(cache.verify(first, now));
}
