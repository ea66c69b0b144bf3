// What is kept in the database as JSON: the answers of commands with an Idempotency-Key, and an
// order's lines and address. Compact, field by field in the order of the structs; UUIDs in text
// form, enums by name, times and money as integers. A field may be added if readers can do without
// it; none may be renamed, for the rows that exist.
#pragma once

#include "actors/domain/account.hpp"
#include "actors/messages/order.hpp"
#include "actors/messages/product.hpp"
#include "actors/messages/stock.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace souk::actors {

std::string encode(const domain::order& x);
std::string encode(const domain::user& x);
std::string encode(const domain::kept_address& x);
std::string encode(const product_view& x);
std::string encode(const category_view& x);
std::string encode(const stock_view& x);
std::string encode(const cart_view& x);

/// `[{"id":..,"product_id":..,"name":..,"price":..,"quantity":..}]`
std::string encode_lines(const std::vector<domain::order_line>& x);

/// `[{"v":version,"k":kind,"s":status,"b":by,"t":time}]`, enums as their numbers
std::string encode_changes(const std::vector<domain::order_history_entry>& x);

/// `[{"product_id":..,"quantity":..,"seen_price":..}]`
std::string encode_cart_lines(const std::vector<domain::cart_line>& x);
/// `[{"id":..,"default":..,"where":{...}}]`
std::string encode_addresses(const std::vector<domain::kept_address>& x);

/// `[{"id":..,"hash":..,"created_at":..,"used_at":..,"expires_at":..}]`
std::string encode_sessions(const std::vector<domain::session>& x);

/// `{"street":..,"city":..,"state":..,"postal_code":..,"country":..}`
std::string encode_address(const domain::address& x);

// What `encode...` wrote. Nothing if the text is no JSON, a field is missing or of another type, a
// number is no 64-bit integer, or a name is unknown. Unknown fields are ignored. Never throw.
std::optional<domain::order> decode_order(std::string_view text);
std::optional<domain::user> decode_user(std::string_view text);
std::optional<domain::kept_address> decode_kept_address(std::string_view text);
std::optional<std::vector<domain::kept_address>> decode_addresses(std::string_view text);
std::optional<std::vector<domain::session>> decode_sessions(std::string_view text);
std::optional<product_view> decode_product_view(std::string_view text);
std::optional<category_view> decode_category_view(std::string_view text);
std::optional<stock_view> decode_stock_view(std::string_view text);
std::optional<cart_view> decode_cart_view(std::string_view text);
std::optional<std::vector<domain::order_line>> decode_lines(std::string_view text);
std::optional<std::vector<domain::order_history_entry>> decode_changes(std::string_view text);
std::optional<std::vector<domain::cart_line>> decode_cart_lines(std::string_view text);
std::optional<domain::address> decode_address(std::string_view text);

} // namespace souk::actors
