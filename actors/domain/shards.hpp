// Which shard owns a key. These functions are stored in every database's contents: they never
// change.
#pragma once

#include "actors/domain/uuid.hpp"

#include <cstdint>
#include <string_view>

namespace souk::domain {

/// The domains whose keys are spread over shards. The numbers are stored.
enum class domain_id : uint8_t { user = 0, product = 1, stock = 2, order = 3 };

inline constexpr std::array all_domains{domain_id::user, domain_id::product, domain_id::stock,
                                        domain_id::order};

constexpr std::string_view to_string(domain_id id) {
  switch (id) {
  case domain_id::user: return "user";
  case domain_id::product: return "product";
  case domain_id::stock: return "stock";
  case domain_id::order: return "order";
  }
  return "?";
}

/// A user's shard: the id's last eight bytes, read big-endian, modulo the number of shards. These
/// are random in version 7, so users spread evenly. Also the shard of that user's cart and orders.
constexpr uint32_t shard_of(const uuid& user, uint32_t shards) {
  uint64_t low = 0;
  for (size_t i = 8; i < 16; ++i)
    low = low << 8 | user.bytes[i];
  return static_cast<uint32_t>(low % shards);
}

/// The shard of an integer id (product, order): the id modulo the number of shards. Whoever hands
/// an id out hands out only those of its own shard.
constexpr uint32_t shard_of(int64_t id, uint32_t shards) {
  return static_cast<uint32_t>(static_cast<uint64_t>(id) % shards);
}

/// Which of `n` reacts to a subject such as `order:42`: FNV-1a of its bytes. Not stored.
constexpr uint32_t shard_of_subject(std::string_view subject, uint32_t n) {
  uint64_t h = 14695981039346656037ull;
  for (char c : subject)
    h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return static_cast<uint32_t>(h % n);
}

} // namespace souk::domain
