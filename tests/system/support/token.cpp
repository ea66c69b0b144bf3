#include "tests/system/support/token.hpp"

#include <sodium.h>

#include <array>
#include <stdexcept>

namespace souk::tests {

namespace {

constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string encode(const unsigned char* bytes, size_t size) {
  std::string result(sodium_base64_encoded_len(size, variant), '\0');
  sodium_bin2base64(result.data(), result.size(), bytes, size, variant);
  result.pop_back(); // its terminating zero
  return result;
}

std::string encode(const std::string& text) {
  return encode(reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

std::string decode(const std::string& text) {
  std::string result(text.size(), '\0');
  size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(result.data()), result.size(), text.data(),
                        text.size(), nullptr, &size, nullptr, variant)
      != 0)
    throw std::runtime_error{"no base64: " + text};
  result.resize(size);
  return result;
}

/// HMAC with a key of any length, as libsodium's functions of one family do it.
template <size_t Size, class State, class Init, class Update, class Final>
std::string hmac(const std::string& key, const std::string& text, Init init, Update update,
                 Final finish) {
  State state;
  std::array<unsigned char, Size> result;
  init(&state, reinterpret_cast<const unsigned char*>(key.data()), key.size());
  update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  finish(&state, result.data());
  return encode(result.data(), result.size());
}

} // namespace

token_parts read_token(const std::string& token) {
  const auto first = token.find('.');
  const auto second = token.find('.', first + 1);
  if (second == std::string::npos)
    throw std::runtime_error{"no token: " + token};
  return {json::parse(decode(token.substr(0, first))),
          json::parse(decode(token.substr(first + 1, second - first - 1))),
          token.substr(second + 1)};
}

std::string unsigned_token(const json& header, const json& claims) {
  return encode(header.dump()) + "." + encode(claims.dump());
}

std::string sign_token(const json& header, const json& claims, const std::string& secret) {
  const auto text = unsigned_token(header, claims);
  const auto algorithm = header.value("alg", "");
  std::string signature;
  if (algorithm == "HS256")
    signature = hmac<crypto_auth_hmacsha256_BYTES, crypto_auth_hmacsha256_state>(
      secret, text, crypto_auth_hmacsha256_init, crypto_auth_hmacsha256_update,
      crypto_auth_hmacsha256_final);
  else if (algorithm == "HS512")
    signature = hmac<crypto_auth_hmacsha512_BYTES, crypto_auth_hmacsha512_state>(
      secret, text, crypto_auth_hmacsha512_init, crypto_auth_hmacsha512_update,
      crypto_auth_hmacsha512_final);
  return text + "." + signature;
}

std::string hex_signature(const std::string& text, const std::string& secret) {
  crypto_auth_hmacsha256_state state;
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> digest;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(secret.data()),
                              secret.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                                text.size());
  crypto_auth_hmacsha256_final(&state, digest.data());
  std::string result(2 * digest.size() + 1, '\0');
  sodium_bin2hex(result.data(), result.size(), digest.data(), digest.size());
  result.pop_back(); // its terminating zero
  return result;
}

} // namespace souk::tests
