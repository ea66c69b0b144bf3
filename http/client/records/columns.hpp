// What an import takes: the columns of products and of users, and how a record becomes a member of
// `items` in the API. Only forms are checked here; what they mean is the server's to judge.
#pragma once

#include "http/client/records/reader.hpp"

namespace souk::client {

/// What can be exported; the first two also imported.
enum class table : uint8_t { products, users, orders };

/// `products`, `users`, `orders`.
std::string_view to_string(table x);
std::optional<table> parse_table(std::string_view text);

/// The names that an import of this table knows, those it passes over last.
std::vector<std::string_view> columns_of(table x);

/// A record ready to be sent.
struct item {
  uint64_t line = 0;
  std::string json;      ///< an object; still without `category_id` if there is a category
  std::string category;  ///< a name or a path, not resolved yet; empty: none
  std::string key;       ///< two items with the same key are the same thing; empty: a new one
  bool disabled = false; ///< a user who must not log in
  unsigned weight = 1;   ///< how many plain ones it counts for: a password to hash is slow
};

/// The record as an item, or what is wrong with it.
std::variant<item, bad_line> make_item(table x, const record& from);

} // namespace souk::client
