#include "actors/messages/codec_json.hpp"

namespace souk::actors {

namespace codec {

void append(std::string& out, const domain::address& x) {
  object_writer{out}
    .text("street", x.street)
    .text("city", x.city)
    .text("state", x.state)
    .text("postal_code", x.postal_code)
    .text("country", x.country);
}

void append(std::string& out, const domain::user& x) {
  object_writer{out}
    .text("id", to_string(x.id))
    .text("username", x.username)
    .text("email", x.email)
    .text("first_name", x.first_name)
    .text("last_name", x.last_name)
    .text("full_name", x.full_name)
    .text("phone", x.phone)
    .text("role", to_string(x.role))
    .flag("disabled", x.disabled)
    .number("created_at", x.created_at)
    .number("updated_at", x.updated_at)
    .number("version", x.version);
}

void append(std::string& out, const domain::kept_address& x) {
  object_writer object{out};
  object.number("id", x.id).flag("default", x.is_default);
  append(object.name("where"), x.where);
}

void append(std::string& out, const domain::session& x) {
  object_writer{out}
    .text("id", x.id)
    .text("hash", x.token_hash)
    .number("created_at", x.created_at)
    .number("used_at", x.used_at)
    .number("expires_at", x.expires_at);
}

void append(std::string& out, const domain::product& x) {
  object_writer{out}
    .number("id", x.id)
    .text("external_id", x.external_id)
    .text("name", x.name)
    .number("price", x.price)
    .text("detail", x.detail)
    .text("image_url", x.image_url)
    .number("category_id", x.category_id)
    .flag("deleted", x.deleted)
    .number("created_at", x.created_at)
    .number("updated_at", x.updated_at)
    .number("version", x.version);
}

void append(std::string& out, const domain::stock_level& x) {
  object_writer{out}
    .number("product_id", x.product_id)
    .number("on_hand", x.on_hand)
    .number("version", x.version)
    .number("updated_at", x.updated_at);
}

void append(std::string& out, const product_view& x) {
  object_writer object{out};
  append(object.name("product"), x.product);
  append(object.name("stock"), x.stock);
}

void append(std::string& out, const category_view& x) {
  object_writer{out}
    .number("id", x.category.id)
    .number("parent_id", x.category.parent_id)
    .text("name", x.category.name)
    .number("created_at", x.category.created_at)
    .number("updated_at", x.category.updated_at)
    .number("version", x.category.version)
    .number("level", x.level);
}

void append(std::string& out, const stock_view& x) {
  object_writer object{out};
  append(object.name("level"), x.level);
  object.number("reserved", x.reserved);
}

bool read(const json& j, domain::address& x) {
  return read_field(j, "street", x.street) && read_field(j, "city", x.city)
         && read_field(j, "state", x.state) && read_field(j, "postal_code", x.postal_code)
         && read_field(j, "country", x.country);
}

bool read(const json& j, domain::kept_address& x) {
  return read_field(j, "id", x.id) && read_field(j, "default", x.is_default)
         && read_field(j, "where", x.where);
}

bool read(const json& j, domain::session& x) {
  return read_field(j, "id", x.id) && read_field(j, "hash", x.token_hash)
         && read_field(j, "created_at", x.created_at) && read_field(j, "used_at", x.used_at)
         && read_field(j, "expires_at", x.expires_at);
}

bool read(const json& j, domain::user& x) {
  return read_field(j, "id", x.id) && read_field(j, "username", x.username)
         && read_field(j, "email", x.email) && read_field(j, "first_name", x.first_name)
         && read_field(j, "last_name", x.last_name) && read_field(j, "full_name", x.full_name)
         && read_field(j, "phone", x.phone) && read_field(j, "role", x.role)
         && read_field(j, "disabled", x.disabled) && read_field(j, "created_at", x.created_at)
         && read_field(j, "updated_at", x.updated_at) && read_field(j, "version", x.version);
}

bool read(const json& j, category_view& x) {
  auto& c = x.category;
  return read_field(j, "id", c.id) && read_field(j, "parent_id", c.parent_id)
         && read_field(j, "name", c.name) && read_field(j, "created_at", c.created_at)
         && read_field(j, "updated_at", c.updated_at) && read_field(j, "version", c.version)
         && read_field(j, "level", x.level);
}

bool read(const json& j, domain::product& x) {
  // Rows of an earlier version have none.
  if (j.contains("image_url") && !read_field(j, "image_url", x.image_url))
    return false;
  return read_field(j, "id", x.id) && read_field(j, "external_id", x.external_id)
         && read_field(j, "name", x.name) && read_field(j, "price", x.price)
         && read_field(j, "detail", x.detail) && read_field(j, "category_id", x.category_id)
         && read_field(j, "deleted", x.deleted) && read_field(j, "created_at", x.created_at)
         && read_field(j, "updated_at", x.updated_at) && read_field(j, "version", x.version);
}

bool read(const json& j, domain::stock_level& x) {
  return read_field(j, "product_id", x.product_id) && read_field(j, "on_hand", x.on_hand)
         && read_field(j, "version", x.version) && read_field(j, "updated_at", x.updated_at);
}

bool read(const json& j, product_view& x) {
  return read_field(j, "product", x.product) && read_field(j, "stock", x.stock);
}

bool read(const json& j, stock_view& x) {
  return read_field(j, "level", x.level) && read_field(j, "reserved", x.reserved);
}

} // namespace codec

std::string encode(const domain::user& x) {
  return codec::written(x, 400);
}

std::string encode(const domain::kept_address& x) {
  return codec::written(x, 200);
}

std::string encode(const product_view& x) {
  return codec::written(x, 320 + x.product.name.size() + x.product.detail.size());
}

std::string encode(const category_view& x) {
  return codec::written(x, 160 + x.category.name.size());
}

std::string encode(const stock_view& x) {
  return codec::written(x, 120);
}

std::string encode_addresses(const std::vector<domain::kept_address>& x) {
  return codec::written(x, 2 + 200 * x.size());
}

std::string encode_sessions(const std::vector<domain::session>& x) {
  return codec::written(x, 2 + 200 * x.size());
}

std::string encode_address(const domain::address& x) {
  return codec::written(x, 160);
}

std::optional<domain::user> decode_user(std::string_view text) {
  return codec::decoded<domain::user>(text);
}

std::optional<domain::kept_address> decode_kept_address(std::string_view text) {
  return codec::decoded<domain::kept_address>(text);
}

std::optional<std::vector<domain::kept_address>> decode_addresses(std::string_view text) {
  return codec::decoded<std::vector<domain::kept_address>>(text);
}

std::optional<std::vector<domain::session>> decode_sessions(std::string_view text) {
  return codec::decoded<std::vector<domain::session>>(text);
}

std::optional<product_view> decode_product_view(std::string_view text) {
  return codec::decoded<product_view>(text);
}

std::optional<category_view> decode_category_view(std::string_view text) {
  return codec::decoded<category_view>(text);
}

std::optional<stock_view> decode_stock_view(std::string_view text) {
  return codec::decoded<stock_view>(text);
}

std::optional<domain::address> decode_address(std::string_view text) {
  return codec::decoded<domain::address>(text);
}

} // namespace souk::actors
