#include "http/routes/idempotency.hpp"

#include <sodium.h>

#include <algorithm>
#include <initializer_list>
#include <span>

namespace souk::http {
namespace {

using bytes = std::span<const unsigned char>;

bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

/// Hashes parts with their lengths, so that no two lists of parts are the same text.
std::string hash_of(std::initializer_list<bytes> parts, bytes key) {
  constexpr size_t size = 16;
  crypto_generichash_state state;
  crypto_generichash_init(&state, key.data(), key.size(), size);
  for (const auto part : parts) {
    std::array<unsigned char, 8> length{};
    for (size_t i = 0; i < length.size(); ++i)
      length[i] = static_cast<unsigned char>(part.size() >> (8 * i));
    crypto_generichash_update(&state, length.data(), length.size());
    crypto_generichash_update(&state, part.data(), part.size());
  }
  std::array<unsigned char, size> digest{};
  crypto_generichash_final(&state, digest.data(), digest.size());
  std::string out(2 * size, '\0');
  static constexpr char hex[] = "0123456789abcdef";
  for (size_t i = 0; i < size; ++i) {
    out[2 * i] = hex[digest[i] >> 4];
    out[2 * i + 1] = hex[digest[i] & 15];
  }
  return out;
}

} // namespace

bool is_idempotency_key(std::string_view text) {
  return !text.empty() && text.size() <= 255
         && std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::string idempotency_id(const domain::uuid& caller, std::string_view method,
                           std::string_view path, std::string_view key) {
  return hash_of({caller.bytes, as_bytes(method), as_bytes(path), as_bytes(key)}, {});
}

fingerprints::fingerprints(std::string_view secret) {
  const std::string text = "souk request fingerprint " + std::string{secret};
  crypto_generichash(key_.data(), key_.size(), as_bytes(text).data(), text.size(), nullptr, 0);
}

std::string fingerprints::of(std::string_view query, std::string_view body) const {
  return hash_of({as_bytes(query), as_bytes(body)}, key_);
}

} // namespace souk::http
