// How the codec's sources write and read JSON: for `codec.cpp` and `codec_order.cpp` alone.
#pragma once

#include "actors/domain/json_text.hpp"
#include "actors/messages/codec.hpp"

#include <nlohmann/json.hpp>

#include <limits>

namespace souk::actors::codec {

using nlohmann::json;

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

// Each value that is written or read, declared here because the templates below must know all;
// those of orders and carts are in `codec_order.cpp`.
void append(std::string& out, const domain::address& x);
void append(std::string& out, const domain::user& x);
void append(std::string& out, const domain::kept_address& x);
void append(std::string& out, const domain::session& x);
void append(std::string& out, const domain::product& x);
void append(std::string& out, const domain::stock_level& x);
void append(std::string& out, const product_view& x);
void append(std::string& out, const category_view& x);
void append(std::string& out, const stock_view& x);
void append(std::string& out, const domain::order_line& x);
void append(std::string& out, const domain::order& x);
void append(std::string& out, const domain::order_history_entry& x);
void append(std::string& out, const domain::cart_line& x);
void append(std::string& out, const cart_item& x);
void append(std::string& out, const cart_view& x);

bool read(const json& j, domain::address& x);
bool read(const json& j, domain::kept_address& x);
bool read(const json& j, domain::session& x);
bool read(const json& j, domain::user& x);
bool read(const json& j, category_view& x);
bool read(const json& j, domain::product& x);
bool read(const json& j, domain::stock_level& x);
bool read(const json& j, product_view& x);
bool read(const json& j, stock_view& x);
bool read(const json& j, domain::order_line& x);
bool read(const json& j, domain::order& x);
bool read(const json& j, domain::order_history_entry& x);
bool read(const json& j, domain::cart_line& x);
bool read(const json& j, cart_item& x);
bool read(const json& j, cart_view& x);

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

template <class T>
std::string written(const T& x, size_t expected_size) {
  std::string out;
  out.reserve(expected_size);
  append(out, x);
  return out;
}

inline bool read(const json& j, std::string& x) {
  if (!j.is_string())
    return false;
  x = j.get_ref<const std::string&>();
  return true;
}

inline bool read(const json& j, int64_t& x) {
  constexpr auto largest = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (!j.is_number_integer() || (j.is_number_unsigned() && j.get<uint64_t>() > largest))
    return false;
  x = j.get<int64_t>();
  return true;
}

inline bool read(const json& j, bool& x) {
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

inline bool read(const json& j, domain::uuid& x) {
  return read_name(j, x, domain::parse_uuid);
}
inline bool read(const json& j, domain::order_status& x) {
  return read_name(j, x, domain::parse_order_status);
}
inline bool read(const json& j, domain::payment_method& x) {
  return read_name(j, x, domain::parse_payment_method);
}
inline bool read(const json& j, domain::user_role& x) {
  return read_name(j, x, domain::parse_user_role);
}

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

/// An enum that is stored by its number, up to `last`.
template <class T>
bool read_number(const json& object, const char* name, T& x, T last) {
  int64_t number = 0;
  if (!read_field(object, name, number) || number < 0 || number > static_cast<int64_t>(last))
    return false;
  x = static_cast<T>(number);
  return true;
}

template <class T>
std::optional<T> decoded(std::string_view text) {
  auto document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  T x;
  if (document.is_discarded() || !read(document, x))
    return std::nullopt;
  return x;
}

} // namespace souk::actors::codec
