// Domain values as the API shows them: JSON text, entity tags, cursors.
#pragma once

#include "actors/messages/order.hpp"
#include "actors/messages/product.hpp"
#include "actors/messages/stock.hpp"
#include "actors/messages/store.hpp"
#include "http/routes/json_writer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace souk::http {

/// What an answer needs to know of the shop.
struct shop_currency {
  std::string code = "USD"; ///< ISO 4217
  int digits = 2;           ///< decimal digits of the minor unit
};

void write_user(json_writer& out, const domain::user& x);
void write_address(json_writer& out, const domain::kept_address& x);
void write_product(json_writer& out, const actors::product_view& x, const shop_currency& shop);
/// `children`: leaves the object open, for the array of those below it.
void write_category(json_writer& out, const actors::category_view& x, bool children = false);
/// All categories: a flat array, or the roots with those below each nested in `children`.
void write_categories(json_writer& out, const actors::category_list& x, bool nested);
void write_movement(json_writer& out, const domain::stock_movement& x);
void write_stock(json_writer& out, const actors::stock_view& x);
/// The order names its own currency; `digits` are those of the shop's, which is the same.
void write_order(json_writer& out, const domain::order& x, int digits);

/// `"v3"`, of an order or a count.
std::string version_tag(int64_t version);
/// `"p3.s7"`: a product shows its count, so both versions name its state.
/// Names what is held for orders, too, as that is shown: a tag stands for one text.
std::string stock_tag(const actors::stock_view& x);
std::string product_tag(const actors::product_view& x);

/// What If-Match asks for.
struct match_condition {
  bool any = true;               ///< no header, or `*`
  std::vector<int64_t> versions; ///< one of these, if not `any`; empty: nothing can match
};

/// Reads If-Match. `prefix` is `v` or `p`; of a product's tag only the product's version counts.
/// Weak tags and tags of another form match nothing.
match_condition read_if_match(std::string_view header, char prefix);

/// Whether If-None-Match lists this tag (weakly compared) or is `*`.
bool none_match_hits(std::string_view header, std::string_view tag);

/// An opaque place in a list, from the last id of a page; nothing if it is none of ours.
std::string encode_cursor(int64_t last_id);
std::optional<int64_t> decode_cursor(std::string_view text);
/// The same in a list of users.
std::string encode_cursor(const domain::uuid& last_id);
std::optional<domain::uuid> decode_user_cursor(std::string_view text);

/// A place in a list of products: its order, and the last product of a page. At most 256
/// characters.
struct product_cursor {
  actors::product_sort sort = actors::product_sort::id;
  bool descending = false;
  int64_t last_id = 0;
  std::string last_key; ///< see product_page
};
std::string encode_product_cursor(const product_cursor& x);
std::optional<product_cursor> decode_product_cursor(std::string_view text);

} // namespace souk::http
