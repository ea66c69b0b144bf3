// What products are searched by, as both databases store it.
#pragma once

#include "persistence/connection.hpp"

#include <string>
#include <string_view>

namespace souk::persistence {

/// A product's words (domain::stored_words), separated by spaces; what is in the name is not
/// repeated. At most domain::max_stored_words together.
struct product_words {
  std::string name;
  std::string detail;
};

product_words words_of(std::string_view name, std::string_view detail);

/// PostgreSQL: the tsvector of such words.
std::string words_column(const std::string& words);

/// SQLite: writes `rows` (id, sn, sd) into its table of words.
std::string write_words_text();

/// Fills in what products are searched and sorted by that were written before there was a search:
/// in batches, each a transaction of its own, so that it may be interrupted. Throws what SOCI
/// throws.
void fill_search(connection& c);

} // namespace souk::persistence
