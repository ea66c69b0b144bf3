// Domain values as JSON rows for the set-based statements (the short names are in statements.cpp).
#pragma once

#include "actors/messages/store.hpp"
#include "persistence/connection.hpp"
#include "persistence/order_movements.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace souk::persistence {

/// Appends one object to a JSON array under construction; `out` is empty before the first.
void append_row(std::string& out, const actors::row_change<domain::order>& x);
void append_row(std::string& out, const actors::row_change<domain::product>& x);
void append_row(std::string& out, const actors::row_change<actors::user_row>& x);
void append_row(std::string& out, const actors::row_change<domain::category>& x);
void append_row(std::string& out, const actors::row_change<domain::cart>& x);
void append_row(std::string& out, const actors::payment_row& x);
void append_row(std::string& out, const actors::revocation& x);
void append_row(std::string& out, const actors::category_removal& x);
void append_row(std::string& out, const actors::event& x);
void append_row(std::string& out, const actors::kept_answer& x);
void append_row(std::string& out, const movement_row& x);
/// What a product is searched and sorted by.
void append_search(std::string& out, int64_t product_id, std::string_view name,
                   std::string_view detail);
void append_key(std::string& out, int64_t product_id);

/// Who writes in a shard's name must own it, with this epoch.
struct owner {
  domain::domain_id domain{};
  uint32_t shard = 0;
  uint64_t epoch = 0;

  auto operator<=>(const owner&) const = default;
};

/// Owners as one parameter: three arrays for PostgreSQL (domains, shards, epochs) with spaces
/// between them, JSON rows for SQLite.
std::string owners_text(backend kind, std::span<const owner> owners);

/// Amounts by product as one parameter: two arrays for PostgreSQL, with a space between them, JSON
/// rows for SQLite.
std::string amounts_text(backend kind, const std::map<int64_t, int64_t>& amounts);

/// Closes an array begun by the functions above; none appended gives `[]`.
void end_rows(std::string& out);

} // namespace souk::persistence
