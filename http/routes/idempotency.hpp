// What makes two requests the same one: hashes of who asks for what, and of the body.
#pragma once

#include "actors/domain/uuid.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace souk::http {

/// 1 to 255 visible ASCII characters.
bool is_idempotency_key(std::string_view text);

/// 32 hexadecimal digits (BLAKE2b-128) that stand for a caller's key on one route. They are stored
/// for 24 hours: if how they are made changes, retries of that day are refused.
std::string idempotency_id(const domain::uuid& caller, std::string_view method,
                           std::string_view path, std::string_view key);

/// Makes fingerprints of requests. They are keyed by the shop's secret, because bodies hold
/// passwords and fingerprints are stored: without the secret nobody can try passwords against them.
class fingerprints {
public:
  explicit fingerprints(std::string_view secret);

  /// 32 hexadecimal digits (BLAKE2b-128).
  std::string of(std::string_view query, std::string_view body) const;

private:
  std::array<unsigned char, 32> key_{};
};

/// A hash that is the same on every node and in every version (FNV-1a, 64 bits): for choosing a
/// shard by a text, never for secrets.
constexpr uint64_t stable_hash(std::string_view text) {
  uint64_t out = 14695981039346656037ULL;
  for (const char c : text)
    out = (out ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return out;
}

} // namespace souk::http
