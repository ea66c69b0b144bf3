// The writes that the shards send, made short.
#pragma once

#include "actors/messages/type_ids.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace souk::tests {

/// What every line of a test's order costs, in minor units.
inline constexpr int64_t line_price = 500;

/// A life of a shard as it is after a database was opened once: epoch 1.
actors::incarnation life_of(domain::domain_id domain, uint32_t shard = 1, uint64_t number = 1,
                            uint64_t epoch = 1);

inline actors::incarnation order_shard(uint32_t shard = 1, uint64_t number = 1) {
  return life_of(domain::domain_id::order, shard, number);
}
inline actors::incarnation stock_shard(uint32_t shard = 1, uint64_t number = 1) {
  return life_of(domain::domain_id::stock, shard, number);
}
inline actors::incarnation product_shard(uint32_t shard = 1, uint64_t number = 1) {
  return life_of(domain::domain_id::product, shard, number);
}
inline actors::incarnation user_shard(uint32_t shard = 1, uint64_t number = 1) {
  return life_of(domain::domain_id::user, shard, number);
}

/// A user's id made of a number.
domain::uuid user_id(uint8_t n);

/// A new order of user 1, as it is placed: row, counts, event.
actors::write place(int64_t id, std::vector<actors::wanted_line> lines,
                    actors::incarnation by = order_shard());

/// The next step of an order after `before` was committed; cancelling puts the stock back.
actors::write change(const actors::write& before, domain::order_status to);

/// Adds to a count.
actors::write adjust(int64_t product, int64_t delta, int64_t expected_version = 0,
                     actors::incarnation by = stock_shard());

/// Sets a count.
actors::write set_count(int64_t product, int64_t count, int64_t expected_version = 0,
                        actors::incarnation by = stock_shard());

/// A new product with its first count.
actors::write create(int64_t product, int64_t count, actors::incarnation by = product_shard());

/// A new account whose id is user_id(n).
actors::write sign_up(uint8_t n, const std::string& username, const std::string& email = "",
                      actors::incarnation by = user_shard());

actors::write add_category(int64_t id, int64_t parent = 0);

/// The same write under an idempotency key.
actors::write under_key(actors::write w, const std::string& key, const std::string& answer = "{}");

/// Pointers as `committer::commit` takes them; `writes` must stay.
std::vector<const actors::write*> pointers(const std::vector<actors::write>& writes);

} // namespace souk::tests
