#include "http/client/records/columns.hpp"

#include "actors/domain/money.hpp"
#include "actors/domain/user.hpp"
#include "http/client/records/raw_json.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace souk::client {
namespace {

enum class form : uint8_t { text, integer, amount, role, flag, ignored };

struct column {
  std::string_view name;
  form kind = form::text;
  bool required = false;
};

/// The members of a product that only the server sets are passed over, so that what GET shows can
/// be sent back. `storage_quantity` is what GET calls the quantity.
const std::vector<column>& columns(table x) {
  static const std::vector<column> products{
    {"external_id"},
    {"id", form::integer},
    {"name", form::text, true},
    {"price", form::amount, true},
    {"detail"},
    {"category"},
    {"category_id", form::integer},
    {"quantity", form::integer},
    {"image_url"},
    {"storage_quantity", form::integer},
    {"currency"},
    {"created_at", form::ignored},
    {"updated_at", form::ignored},
    {"version", form::ignored},
  };
  static const std::vector<column> users{
    {"username", form::text, true},
    {"email"},
    {"first_name"},
    {"last_name"},
    {"full_name"},
    {"phone"},
    {"role", form::role},
    {"password"},
    {"password_hash"},
    {"disabled", form::flag},
    {"id", form::ignored},
    {"created_at", form::ignored},
    {"updated_at", form::ignored},
  };
  static const std::vector<column> none;
  switch (x) {
  case table::products: return products;
  case table::users: return users;
  case table::orders: break;
  }
  return none;
}

std::string upper_case(std::string text) {
  for (auto& c : text)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

bool is_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

bool is_amount(std::string_view text) {
  constexpr int most_digits = 4; // of any currency; the server knows this one's
  return domain::parse_money(text, most_digits).error != domain::money_error::not_a_number;
}

/// bcrypt in modular crypt format: `$2b$12$` and 53 characters.
bool is_bcrypt(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto of_hash = [&](char c) {
    return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '/';
  };
  return text.size() == 60 && text.starts_with("$2") && std::strchr("aby", text[2])
         && text[3] == '$' && digit(text[4]) && digit(text[5]) && text[6] == '$'
         && std::all_of(text.begin() + 7, text.end(), of_hash);
}

/// Replaces a value's raw JSON by the form that the API takes; what it should be, or empty.
std::string_view shape(form kind, std::string& value) {
  const auto text = text_of(value);
  const bool string = value.starts_with('"');
  switch (kind) {
  case form::text: return string ? "" : "text";
  case form::integer:
    if (!is_integer(text))
      return "a whole number";
    value = text;
    return "";
  case form::amount:
    return !value.starts_with('{') && !value.starts_with('[') && is_amount(text) ? "" : "an amount";
  case form::role:
    if (!string || !domain::parse_user_role(upper_case(text)))
      return "USER or ADMIN";
    value = json_string(upper_case(text));
    return "";
  case form::flag:
    if (text != "true" && text != "false")
      return "true or false";
    value = text;
    return "";
  case form::ignored: break;
  }
  return "";
}

using values = std::vector<std::pair<std::string_view, std::string>>;

std::string* value_of(values& in, std::string_view name) {
  for (auto& [known, value] : in)
    if (known == name && value != "null")
      return &value;
  return nullptr;
}

bool leave_out(values& from, std::string_view name) {
  return std::erase_if(from, [name](const auto& x) { return x.first == name; }) > 0;
}

/// Takes out what names a product in more than one way. Returns what is wrong, or empty.
std::string settle_product(values& in, item& out) {
  if (const auto* shown = value_of(in, "storage_quantity")) {
    if (!value_of(in, "quantity"))
      in.emplace_back("quantity", *shown);
  }
  leave_out(in, "storage_quantity");
  if (const auto* path = value_of(in, "category")) {
    out.category = text_of(*path);
    leave_out(in, "category_id");
  } else if (leave_out(in, "category") && !value_of(in, "category_id")) {
    leave_out(in, "category_id");
    in.emplace_back("category_id", "null"); // none was said by name
  }
  leave_out(in, "category");
  if (const auto* external = value_of(in, "external_id")) {
    out.key = "e" + text_of(*external);
    leave_out(in, "id"); // of the shop that it came from
  } else if (const auto* id = value_of(in, "id"))
    out.key = "i" + *id;
  return {};
}

std::string settle_user(values& in, item& out) {
  constexpr unsigned hashing = 50;
  if (const auto* disabled = value_of(in, "disabled"))
    out.disabled = *disabled == "true";
  leave_out(in, "disabled");
  out.key = domain::fold_login(text_of(*value_of(in, "username")));
  const auto* hash = value_of(in, "password_hash");
  if (value_of(in, "password")) {
    if (hash)
      return "has both password and password_hash";
    out.weight = hashing;
  }
  if (hash && !is_bcrypt(text_of(*hash)))
    return "password_hash is no bcrypt hash ($2a$, $2b$ or $2y$)";
  return {};
}

} // namespace

std::string_view to_string(table x) {
  switch (x) {
  case table::products: return "products";
  case table::users: return "users";
  case table::orders: break;
  }
  return "orders";
}

std::optional<table> parse_table(std::string_view text) {
  for (auto x : {table::products, table::users, table::orders})
    if (text == to_string(x))
      return x;
  return std::nullopt;
}

std::vector<std::string_view> columns_of(table x) {
  std::vector<std::string_view> out;
  for (const auto& c : columns(x))
    out.push_back(c.name);
  return out;
}

std::variant<item, bad_line> make_item(table x, const record& from) {
  const auto bad = [&from](std::string why) { return bad_line{from.line, std::move(why)}; };
  const auto& known = columns(x);
  values in;
  for (const auto& [name, raw] : from.members) {
    const auto is = [&n = name](const column& c) { return c.name == n; };
    const auto c = std::find_if(known.begin(), known.end(), is);
    if (c == known.end())
      return bad("has " + json_string(name.substr(0, 100)) + ", which is not known");
    auto value = raw;
    if (c->kind == form::ignored)
      continue;
    if (value != "null")
      if (const auto expected = shape(c->kind, value); !expected.empty())
        return bad(name + " is not " + std::string{expected});
    in.emplace_back(c->name, std::move(value));
  }
  for (const auto& c : known) {
    const auto* value = value_of(in, c.name);
    if (c.required && (!value || text_of(*value).empty()))
      return bad("has no " + std::string{c.name});
  }
  item out;
  out.line = from.line;
  if (auto why = x == table::products ? settle_product(in, out) : settle_user(in, out);
      !why.empty())
    return bad(std::move(why));
  out.json = "{}";
  for (const auto& [name, value] : in)
    add_member(out.json, name, value);
  return out;
}

} // namespace souk::client
