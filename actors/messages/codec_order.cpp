// Orders and carts as JSON.
#include "actors/messages/codec_json.hpp"

namespace souk::actors {

namespace codec {

void append(std::string& out, const domain::order_line& x) {
  object_writer object{out};
  object.number("id", x.id)
    .number("product_id", x.product_id)
    .text("name", x.product_name)
    .number("price", x.product_price)
    .number("quantity", x.quantity);
  if (!x.external_id.empty()) // most have none, and every byte is stored with each order
    object.text("external_id", x.external_id);
}

void append(std::string& out, const domain::order& x) {
  object_writer object{out};
  object.number("id", x.id)
    .text("user_id", to_string(x.user_id))
    .text("status", to_string(x.status))
    .text("payment", to_string(x.payment));
  append(object.name("lines"), x.lines);
  object.number("total_quantity", x.total_quantity)
    .number("total_amount", x.total_amount)
    .text("currency", x.currency);
  if (x.shipping_address)
    append(object.name("shipping_address"), *x.shipping_address);
  object.text("note", x.note)
    .number("created_at", x.created_at)
    .number("updated_at", x.updated_at)
    .number("version", x.version);
}

void append(std::string& out, const domain::order_history_entry& x) {
  object_writer{out}
    .number("v", x.version)
    .number("k", static_cast<int64_t>(x.kind))
    .number("s", static_cast<int64_t>(x.status))
    .number("b", static_cast<int64_t>(x.by))
    .number("t", x.at);
}

void append(std::string& out, const domain::cart_line& x) {
  object_writer{out}
    .number("product_id", x.product_id)
    .number("quantity", x.quantity)
    .number("seen_price", x.seen_price);
}

void append(std::string& out, const cart_item& x) {
  object_writer{out}
    .number("product_id", x.product_id)
    .text("name", x.name)
    .number("price", x.price)
    .number("quantity", x.quantity)
    .number("available", x.available)
    .text("external_id", x.external_id);
}

void append(std::string& out, const cart_view& x) {
  object_writer object{out};
  append(object.name("items"), x.items);
}

bool read(const json& j, domain::order_line& x) {
  if (j.contains("external_id") && !read_field(j, "external_id", x.external_id))
    return false;
  return read_field(j, "id", x.id) && read_field(j, "product_id", x.product_id)
         && read_field(j, "name", x.product_name) && read_field(j, "price", x.product_price)
         && read_field(j, "quantity", x.quantity);
}

bool read(const json& j, domain::order& x) {
  if (j.contains("shipping_address")
      && !read_field(j, "shipping_address", x.shipping_address.emplace()))
    return false;
  return read_field(j, "id", x.id) && read_field(j, "user_id", x.user_id)
         && read_field(j, "status", x.status) && read_field(j, "payment", x.payment)
         && read_field(j, "lines", x.lines) && read_field(j, "total_quantity", x.total_quantity)
         && read_field(j, "total_amount", x.total_amount) && read_field(j, "currency", x.currency)
         && read_field(j, "note", x.note) && read_field(j, "created_at", x.created_at)
         && read_field(j, "updated_at", x.updated_at) && read_field(j, "version", x.version);
}

bool read(const json& j, domain::order_history_entry& x) {
  return read_field(j, "v", x.version)
         && read_number(j, "k", x.kind, domain::order_change_kind::items)
         && read_number(j, "s", x.status, domain::order_status::returned)
         && read_number(j, "b", x.by, domain::changed_by::payment) && read_field(j, "t", x.at);
}

bool read(const json& j, domain::cart_line& x) {
  return read_field(j, "product_id", x.product_id) && read_field(j, "quantity", x.quantity)
         && read_field(j, "seen_price", x.seen_price);
}

bool read(const json& j, cart_item& x) {
  // Answers that were kept by the version before have none.
  if (j.contains("external_id") && !read_field(j, "external_id", x.external_id))
    return false;
  return read_field(j, "product_id", x.product_id) && read_field(j, "name", x.name)
         && read_field(j, "price", x.price) && read_field(j, "quantity", x.quantity)
         && read_field(j, "available", x.available);
}

bool read(const json& j, cart_view& x) {
  return read_field(j, "items", x.items);
}

} // namespace codec

std::string encode(const domain::order& x) {
  return codec::written(x, 400 + 120 * x.lines.size());
}

std::string encode(const cart_view& x) {
  return codec::written(x, 16 + 120 * x.items.size());
}

std::string encode_changes(const std::vector<domain::order_history_entry>& x) {
  return codec::written(x, 2 + 60 * x.size());
}

std::string encode_cart_lines(const std::vector<domain::cart_line>& x) {
  return codec::written(x, 2 + 60 * x.size());
}

std::string encode_lines(const std::vector<domain::order_line>& x) {
  return codec::written(x, 2 + 120 * x.size());
}

std::optional<domain::order> decode_order(std::string_view text) {
  return codec::decoded<domain::order>(text);
}

std::optional<cart_view> decode_cart_view(std::string_view text) {
  return codec::decoded<cart_view>(text);
}

std::optional<std::vector<domain::order_history_entry>> decode_changes(std::string_view text) {
  return codec::decoded<std::vector<domain::order_history_entry>>(text);
}

std::optional<std::vector<domain::cart_line>> decode_cart_lines(std::string_view text) {
  return codec::decoded<std::vector<domain::cart_line>>(text);
}

std::optional<std::vector<domain::order_line>> decode_lines(std::string_view text) {
  return codec::decoded<std::vector<domain::order_line>>(text);
}

} // namespace souk::actors
