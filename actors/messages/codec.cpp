#include "actors/messages/codec.hpp"

#include "actors/domain/json_text.hpp"

#include <nlohmann/json.hpp>

#include <limits>

namespace souk::actors {

namespace {

using nlohmann::json;

// -- writing ------------------------------------------------------------------------------------

/// Appends one object, field by field, and closes it in its destructor.
class object_writer {
public:
  explicit object_writer(std::string& out) : out_{out} { out_ += '{'; }
  object_writer(const object_writer&) = delete;
  object_writer& operator=(const object_writer&) = delete;
  ~object_writer() { out_ += '}'; }

  /// Appends a name, after which the caller appends the value. Names need no escaping.
  std::string& name(std::string_view text) {
    if (!first_)
      out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += text;
    out_ += "\":";
    return out_;
  }

  object_writer& text(std::string_view key, std::string_view value) {
    domain::append_json_string(name(key), value);
    return *this;
  }
  object_writer& number(std::string_view key, int64_t value) {
    domain::append_int(name(key), value);
    return *this;
  }
  object_writer& flag(std::string_view key, bool value) {
    name(key) += value ? "true" : "false";
    return *this;
  }

private:
  std::string& out_;
  bool first_ = true;
};

void append(std::string& out, const domain::address& x) {
  object_writer{out}
    .text("street", x.street)
    .text("city", x.city)
    .text("state", x.state)
    .text("postal_code", x.postal_code)
    .text("country", x.country);
}

void append(std::string& out, const std::vector<domain::order_line>& lines) {
  out += '[';
  for (const auto& x : lines) {
    if (&x != &lines.front())
      out += ',';
    object_writer{out}
      .number("id", x.id)
      .number("product_id", x.product_id)
      .text("name", x.product_name)
      .number("price", x.product_price)
      .number("quantity", x.quantity);
  }
  out += ']';
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
    .number("available", x.available);
}

template <class T>
void append(std::string& out, const std::vector<T>& items) {
  out += '[';
  for (const auto& x : items) {
    if (&x != &items.front())
      out += ',';
    append(out, x);
  }
  out += ']';
}

void append(std::string& out, const cart_view& x) {
  object_writer object{out};
  append(object.name("items"), x.items);
}

template <class T>
std::string written(const T& x, size_t expected_size) {
  std::string out;
  out.reserve(expected_size);
  append(out, x);
  return out;
}

// -- reading ------------------------------------------------------------------------------------

bool read(const json& j, std::string& x) {
  if (!j.is_string())
    return false;
  x = j.get_ref<const std::string&>();
  return true;
}

bool read(const json& j, int64_t& x) {
  constexpr auto largest = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (!j.is_number_integer() || (j.is_number_unsigned() && j.get<uint64_t>() > largest))
    return false;
  x = j.get<int64_t>();
  return true;
}

bool read(const json& j, bool& x) {
  if (!j.is_boolean())
    return false;
  x = j.get<bool>();
  return true;
}

/// Reads a value that has a text form through the function that parses it.
template <class T>
bool read_name(const json& j, T& x, std::optional<T> (*parse)(std::string_view)) {
  auto value = j.is_string() ? parse(j.get_ref<const std::string&>()) : std::nullopt;
  if (value)
    x = *value;
  return value.has_value();
}

bool read(const json& j, domain::uuid& x) {
  return read_name(j, x, domain::parse_uuid);
}
bool read(const json& j, domain::order_status& x) {
  return read_name(j, x, domain::parse_order_status);
}
bool read(const json& j, domain::payment_method& x) {
  return read_name(j, x, domain::parse_payment_method);
}
bool read(const json& j, domain::user_role& x) {
  return read_name(j, x, domain::parse_user_role);
}

// Declared first: an object's fields are read by the overloads of their types.
bool read(const json& j, domain::address& x);
bool read(const json& j, domain::order_line& x);
bool read(const json& j, domain::product& x);
bool read(const json& j, domain::stock_level& x);
bool read(const json& j, domain::order_history_entry& x);
bool read(const json& j, domain::cart_line& x);
bool read(const json& j, cart_item& x);
bool read(const json& j, domain::kept_address& x);
bool read(const json& j, domain::session& x);

template <class T>
bool read(const json& j, std::vector<T>& x) {
  if (!j.is_array())
    return false;
  x.resize(j.size());
  for (size_t i = 0; i < x.size(); ++i)
    if (!read(j[i], x[i]))
      return false;
  return true;
}

template <class T>
bool read_field(const json& object, const char* name, T& x) {
  auto found = object.find(name); // end() too if this is no object
  return found != object.end() && read(*found, x);
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

bool read(const json& j, domain::order_line& x) {
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

/// An enum that is stored by its number, up to `last`.
template <class T>
bool read_number(const json& object, const char* name, T& x, T last) {
  int64_t number = 0;
  if (!read_field(object, name, number) || number < 0 || number > static_cast<int64_t>(last))
    return false;
  x = static_cast<T>(number);
  return true;
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
  return read_field(j, "product_id", x.product_id) && read_field(j, "name", x.name)
         && read_field(j, "price", x.price) && read_field(j, "quantity", x.quantity)
         && read_field(j, "available", x.available);
}

bool read(const json& j, cart_view& x) {
  return read_field(j, "items", x.items);
}

bool read(const json& j, product_view& x) {
  return read_field(j, "product", x.product) && read_field(j, "stock", x.stock);
}

bool read(const json& j, stock_view& x) {
  return read_field(j, "level", x.level) && read_field(j, "reserved", x.reserved);
}

template <class T>
std::optional<T> decoded(std::string_view text) {
  auto document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  T x;
  if (document.is_discarded() || !read(document, x))
    return std::nullopt;
  return x;
}

} // namespace

std::string encode(const domain::order& x) {
  return written(x, 400 + 120 * x.lines.size());
}

std::string encode(const domain::user& x) {
  return written(x, 400);
}

std::string encode(const domain::kept_address& x) {
  return written(x, 200);
}

std::string encode(const product_view& x) {
  return written(x, 320 + x.product.name.size() + x.product.detail.size());
}

std::string encode(const category_view& x) {
  return written(x, 160 + x.category.name.size());
}

std::string encode(const stock_view& x) {
  return written(x, 120);
}

std::string encode(const cart_view& x) {
  return written(x, 16 + 120 * x.items.size());
}

std::string encode_changes(const std::vector<domain::order_history_entry>& x) {
  return written(x, 2 + 60 * x.size());
}

std::string encode_cart_lines(const std::vector<domain::cart_line>& x) {
  return written(x, 2 + 60 * x.size());
}

std::string encode_lines(const std::vector<domain::order_line>& x) {
  return written(x, 2 + 120 * x.size());
}

std::string encode_addresses(const std::vector<domain::kept_address>& x) {
  return written(x, 2 + 200 * x.size());
}

std::string encode_sessions(const std::vector<domain::session>& x) {
  return written(x, 2 + 200 * x.size());
}

std::string encode_address(const domain::address& x) {
  return written(x, 160);
}

std::optional<domain::order> decode_order(std::string_view text) {
  return decoded<domain::order>(text);
}

std::optional<domain::user> decode_user(std::string_view text) {
  return decoded<domain::user>(text);
}

std::optional<domain::kept_address> decode_kept_address(std::string_view text) {
  return decoded<domain::kept_address>(text);
}

std::optional<std::vector<domain::kept_address>> decode_addresses(std::string_view text) {
  return decoded<std::vector<domain::kept_address>>(text);
}

std::optional<std::vector<domain::session>> decode_sessions(std::string_view text) {
  return decoded<std::vector<domain::session>>(text);
}

std::optional<product_view> decode_product_view(std::string_view text) {
  return decoded<product_view>(text);
}

std::optional<category_view> decode_category_view(std::string_view text) {
  return decoded<category_view>(text);
}

std::optional<stock_view> decode_stock_view(std::string_view text) {
  return decoded<stock_view>(text);
}

std::optional<cart_view> decode_cart_view(std::string_view text) {
  return decoded<cart_view>(text);
}

std::optional<std::vector<domain::order_history_entry>> decode_changes(std::string_view text) {
  return decoded<std::vector<domain::order_history_entry>>(text);
}

std::optional<std::vector<domain::cart_line>> decode_cart_lines(std::string_view text) {
  return decoded<std::vector<domain::cart_line>>(text);
}

std::optional<std::vector<domain::order_line>> decode_lines(std::string_view text) {
  return decoded<std::vector<domain::order_line>>(text);
}

std::optional<domain::address> decode_address(std::string_view text) {
  return decoded<domain::address>(text);
}

} // namespace souk::actors
