#include "actors/user/refresh_token.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <span>

namespace souk::actors {

namespace {

constexpr size_t session_digits = 16;
constexpr size_t secret_length = 43;
constexpr size_t user_digits = 32;

std::string hex(std::span<const unsigned char> bytes) {
  std::string out(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes.data(), bytes.size());
  out.pop_back();
  return out;
}

std::string hex_of(const domain::uuid& id) {
  return hex(id.bytes);
}

std::optional<domain::uuid> read_user(std::string_view text) {
  domain::uuid id;
  size_t read = 0;
  if (text.size() != user_digits
      || sodium_hex2bin(id.bytes.data(), id.bytes.size(), text.data(), text.size(), nullptr, &read,
                        nullptr)
           != 0
      || read != id.bytes.size())
    return std::nullopt;
  return id;
}

bool is_session(std::string_view text) {
  return text.size() == session_digits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool is_secret(std::string_view text) {
  return text.size() == secret_length && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                  || c == '-' || c == '_';
         });
}

} // namespace

std::string to_string(const refresh_token& x) {
  return hex_of(x.user) + '.' + x.session + '.' + x.secret;
}

std::optional<refresh_token> parse_refresh_token(std::string_view text) {
  if (text.size() != user_digits + session_digits + secret_length + 2 || text[user_digits] != '.'
      || text[user_digits + 1 + session_digits] != '.')
    return std::nullopt;
  const auto user = read_user(text.substr(0, user_digits));
  const auto session = text.substr(user_digits + 1, session_digits);
  const auto secret = text.substr(user_digits + session_digits + 2);
  if (!user || !is_session(session) || !is_secret(secret))
    return std::nullopt;
  return refresh_token{*user, std::string{session}, std::string{secret}};
}

std::string to_string(const reset_token& x) {
  return hex_of(x.user) + '.' + x.secret;
}

std::optional<reset_token> parse_reset_token(std::string_view text) {
  if (text.size() != user_digits + secret_length + 1 || text[user_digits] != '.')
    return std::nullopt;
  const auto user = read_user(text.substr(0, user_digits));
  const auto secret = text.substr(user_digits + 1);
  if (!user || !is_secret(secret))
    return std::nullopt;
  return reset_token{*user, std::string{secret}};
}

std::string make_session_id() {
  std::array<unsigned char, session_digits / 2> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return hex(bytes);
}

std::string make_token_secret() {
  std::array<unsigned char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string out(secret_length + 1, '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  out.pop_back();
  return out;
}

std::string hash_token_secret(std::string_view secret) {
  std::array<unsigned char, 32> digest{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), nullptr,
                     0);
  return hex(digest);
}

bool token_matches(std::string_view secret, std::string_view hash) {
  const auto ours = hash_token_secret(secret);
  return hash.size() == ours.size() && sodium_memcmp(ours.data(), hash.data(), ours.size()) == 0;
}

} // namespace souk::actors
