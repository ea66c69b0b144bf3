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
};

/// Adds a category. The tree has one owner: product shard 0.
struct create_category {
  actors::call call;
  domain::category category; ///< id, time and version are set by the shard
};

/// Changes the fields that are set. PUT sets all of them, PATCH some.
struct update_product {
  actors::call call;
  int64_t id = 0;
  std::optional<std::string> name;
  std::optional<int64_t> price; ///< minor units
  std::optional<std::string> detail;
  std::optional<int64_t> category_id;      ///< 0: none
  std::optional<int64_t> expected_version; ///< If-Match; another version fails with `stale_version`
};

struct get_product {
  actors::call call;
  int64_t id = 0;
};

/// One page of the catalog in ascending order of ids, deleted ones left out. Any shard may be
/// asked.
struct list_products {
  actors::call call;
  int64_t after_id = 0; ///< the last id of the page before; 0: from the start
  int64_t limit = 100;
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
  bool more = false; ///< whether another page follows
};

template <class Inspector>
auto inspect(Inspector& f, create_product& x) {
  return f(caf::meta::type_name("create_product"), x.call, x.product, x.quantity);
}
template <class Inspector>
auto inspect(Inspector& f, create_category& x) {
  return f(caf::meta::type_name("create_category"), x.call, x.category);
}
template <class Inspector>
auto inspect(Inspector& f, update_product& x) {
  return f(caf::meta::type_name("update_product"), x.call, x.id, x.name, x.price, x.detail,
           x.category_id, x.expected_version);
}
template <class Inspector>
auto inspect(Inspector& f, get_product& x) {
  return f(caf::meta::type_name("get_product"), x.call, x.id);
}
template <class Inspector>
auto inspect(Inspector& f, list_products& x) {
  return f(caf::meta::type_name("list_products"), x.call, x.after_id, x.limit);
}
template <class Inspector>
auto inspect(Inspector& f, complete_product& x) {
  return f(caf::meta::type_name("complete_product"), x.product);
}
template <class Inspector>
auto inspect(Inspector& f, product_view& x) {
  return f(caf::meta::type_name("product_view"), x.product, x.stock);
}
template <class Inspector>
auto inspect(Inspector& f, product_page& x) {
  return f(caf::meta::type_name("product_page"), x.items, x.more);
}

} // namespace souk::actors
