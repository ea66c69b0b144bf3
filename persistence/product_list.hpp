// Lists of the catalog: which columns a product has, and a statement for each combination of
// filters and orders that someone asks for.
#pragma once

#include "actors/messages/product.hpp"
#include "persistence/sql.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace souk::persistence {

inline constexpr std::string_view product_columns =
  "cast(p.id as bigint), coalesce(p.external_id, ''), p.name, p.price, p.detail, p.image_url, "
  "coalesce(p.category_id, 0), p.deleted, p.created_at, p.updated_at, p.version";

using product_query = query<long long, std::string, std::string, long long, std::string,
                            std::string, long long, long long, long long, long long, long long>;
using product_level_query =
  query<long long, std::string, std::string, long long, std::string, std::string, long long,
        long long, long long, long long, long long, long long, long long, long long>;

inline domain::product to_product(long long id, const std::string& external,
                                  const std::string& name, long long price,
                                  const std::string& detail, const std::string& image,
                                  long long category, long long deleted, long long created,
                                  long long updated, long long version) {
  return {id,       external,     name,    price,   detail, image,
          category, deleted != 0, created, updated, version};
}

inline actors::product_view
to_product_view(long long id, const std::string& external, const std::string& name, long long price,
                const std::string& detail, const std::string& image, long long category,
                long long deleted, long long created, long long updated, long long version,
                long long quantity, long long stock_version, long long stock_updated) {
  return {to_product(id, external, name, price, detail, image, category, deleted, created, updated,
                     version),
          {id, quantity, stock_version, stock_updated}};
}

/// Products `p` with their counts `s`, for a product_level_query.
std::string select_products(std::string_view rest, std::string_view from = "product p");

/// The text and the parameters of one list; values are bound, never part of the text.
struct list_query {
  std::string text;
  std::vector<std::string_view> names;
  std::vector<std::string> values;
};

/// Which part of a list by relevance.
enum class list_part : uint8_t {
  all,
  in_name, ///< all words are in the name
  rest,    ///< all words are there, but not all in the name
};

/// The statement for `limit + 1` products of a part, after `ask.after_id` and `ask.after_key`.
/// `categories`: the one asked for and all below it. `words`: what `ask.search` comes to.
list_query make_list_query(const actors::list_products& ask, backend kind, list_part part,
                           const std::vector<std::string>& words,
                           const std::vector<int64_t>& categories, int64_t limit);

/// The prepared lists of one open session; must be gone before it. Each throws what SOCI throws.
class product_list {
public:
  product_list(soci::session& s, backend kind);

  actors::product_page page(const actors::list_products& ask);

private:
  /// Statements that are kept: more than an ordinary client's combinations.
  static constexpr size_t max_kept = 64;

  struct kept {
    std::unique_ptr<product_level_query> statement;
    uint64_t used = 0;
  };

  product_level_query& prepared(const list_query& q);
  void read(const actors::list_products& ask, list_part part, const std::vector<std::string>& words,
            int64_t limit, std::vector<actors::product_view>& to);
  std::vector<int64_t> categories_of(int64_t id);

  soci::session& session_;
  backend kind_;
  query<long long> below_;                        ///< a category and all below it
  std::map<std::string, kept, std::less<>> kept_; ///< by text
  uint64_t uses_ = 0;
};

} // namespace souk::persistence
