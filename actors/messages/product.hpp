// What is said to the product shards.
#pragma once

#include "actors/messages/call.hpp"

#include <optional>
#include <string>
#include <vector>

namespace souk::actors {

/// Adds a product; any product shard may be asked and hands out one of its own ids.
struct create_product {
  actors::call call;
  domain::product product; ///< id, times and version are set by the shard
  int64_t quantity = 0;    ///< the first stock
  std::string reason;      ///< kept with the first movement; empty: `initial`
};

/// Adds a category. The tree has one owner: product shard 0.
struct create_category {
  actors::call call;
  domain::category category; ///< id, times and version are set by the shard
};

/// Renames or moves a category.
struct update_category {
  actors::call call;
  int64_t id = 0;
  std::optional<std::string> name;
  std::optional<int64_t> parent_id; ///< 0: becomes a root
};

/// Takes away a category that has nothing in it.
struct delete_category {
  actors::call call;
  int64_t id = 0;
};

struct get_category {
  actors::call call;
  int64_t id = 0;
};

struct list_categories {
  actors::call call;
};

/// A category and how many are above it.
struct category_view {
  domain::category category;
  int64_t level = 0;
};

/// The whole tree, depth first: each is followed by those below it, by name.
struct category_list {
  std::vector<category_view> items;
};

/// Changes the fields that are set. PUT sets all of them, PATCH some. A removed product leaves the
/// catalog and its category, and its external id is free again; old orders keep what they say of
/// it.
struct update_product {
  actors::call call;
  int64_t id = 0;
  std::optional<std::string> name;
  std::optional<int64_t> price; ///< minor units
  std::optional<std::string> detail;
  std::optional<int64_t> category_id;      ///< 0: none
  std::optional<int64_t> expected_version; ///< If-Match; another version fails with `stale_version`
  std::optional<std::string> image_url;    ///< empty: none
  std::optional<std::string> external_id;  ///< empty: none
  std::optional<int64_t> quantity;         ///< sets the count in the same write
  bool remove = false;
};

struct get_product {
  actors::call call;
  int64_t id = 0;
};

enum class product_sort : uint8_t {
  id = 0,
  name = 1, ///< by domain::sort_key
  price = 2,
  created_at = 3,
  relevance = 4, ///< those with all words in the name first, each by id; ascending only
};

/// One page of the catalog, deleted products left out; among equals by id. Any shard may be asked.
struct list_products {
  actors::call call;
  int64_t after_id = 0; ///< the last id of the page before; 0: from the start
  int64_t limit = 100;
  std::string after_key; ///< the `last_key` of the page before
  product_sort sort = product_sort::id;
  bool descending = false;
  std::string search;      ///< words that name or detail must have, all of them; empty: any
  int64_t category_id = 0; ///< this one and all below it; 0: any
  std::optional<int64_t> min_price;
  std::optional<int64_t> max_price;
  std::optional<bool> in_stock;
  std::string external_id; ///< this very one; empty: any
};

/// From a product shard to the stock shard, which adds the count and answers the asker itself.
struct complete_product {
  domain::product product;
};

/// A product with its committed count.
struct product_view {
  domain::product product;
  domain::stock_level stock;
};

struct product_page {
  std::vector<product_view> items;
  bool more = false;    ///< whether another page follows
  std::string last_key; ///< what the last item is sorted by besides its id
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, create_product& x) {
  return f(caf::meta::type_name("create_product"), x.call, x.product, x.quantity, x.reason);
}
SOUK_INSPECTED(create_product);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, create_category& x) {
  return f(caf::meta::type_name("create_category"), x.call, x.category);
}
SOUK_INSPECTED(create_category);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, update_category& x) {
  return f(caf::meta::type_name("update_category"), x.call, x.id, x.name, x.parent_id);
}
SOUK_INSPECTED(update_category);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, delete_category& x) {
  return f(caf::meta::type_name("delete_category"), x.call, x.id);
}
SOUK_INSPECTED(delete_category);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_category& x) {
  return f(caf::meta::type_name("get_category"), x.call, x.id);
}
SOUK_INSPECTED(get_category);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_categories& x) {
  return f(caf::meta::type_name("list_categories"), x.call);
}
SOUK_INSPECTED(list_categories);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, category_view& x) {
  return f(caf::meta::type_name("category_view"), x.category, x.level);
}
SOUK_INSPECTED(category_view);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, category_list& x) {
  return f(caf::meta::type_name("category_list"), x.items);
}
SOUK_INSPECTED(category_list);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, update_product& x) {
  return f(caf::meta::type_name("update_product"), x.call, x.id, x.name, x.price, x.detail,
           x.category_id, x.expected_version, x.image_url, x.external_id, x.quantity, x.remove);
}
SOUK_INSPECTED(update_product);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, get_product& x) {
  return f(caf::meta::type_name("get_product"), x.call, x.id);
}
SOUK_INSPECTED(get_product);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, list_products& x) {
  return f(caf::meta::type_name("list_products"), x.call, x.after_id, x.limit, x.after_key, x.sort,
           x.descending, x.search, x.category_id, x.min_price, x.max_price, x.in_stock,
           x.external_id);
}
SOUK_INSPECTED(list_products);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, complete_product& x) {
  return f(caf::meta::type_name("complete_product"), x.product);
}
SOUK_INSPECTED(complete_product);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, product_view& x) {
  return f(caf::meta::type_name("product_view"), x.product, x.stock);
}
SOUK_INSPECTED(product_view);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, product_page& x) {
  return f(caf::meta::type_name("product_page"), x.items, x.more, x.last_key);
}
SOUK_INSPECTED(product_page);

} // namespace souk::actors
