#include "http/routes/views.hpp"

#include "actors/domain/money.hpp"
#include "http/routes/json_reader.hpp"
#include "http/routes/time_text.hpp"

#include <sodium.h>

#include <algorithm>
#include <charconv>

namespace souk::http {
namespace {

void write_address(json_writer& out, const std::optional<domain::address>& x) {
  out.key("shipping_address");
  if (!x) {
    out.null();
    return;
  }
  out.begin_object();
  out.key("street").string(x->street);
  out.key("city").string(x->city);
  out.key("state").string_or_null(x->state);
  out.key("postal_code").string_or_null(x->postal_code);
  out.key("country").string(x->country);
  out.end_object();
}

/// Calls `f(tag, weak)` for each entity tag of a header's list; stops at what is no tag.
template <class F>
void for_each_tag(std::string_view header, F f) {
  while (true) {
    const auto start = header.find_first_not_of(" \t,");
    if (start == std::string_view::npos)
      return;
    header.remove_prefix(start);
    const bool weak = header.substr(0, 2) == "W/";
    if (weak)
      header.remove_prefix(2);
    const auto end =
      header.empty() || header[0] != '"' ? std::string_view::npos : header.find('"', 1);
    if (end == std::string_view::npos)
      return;
    f(header.substr(0, end + 1), weak);
    header.remove_prefix(end + 1);
  }
}

/// The number that follows `prefix` in a quoted tag: all of it, or up to `.s<number>` for a
/// product, or to `.r<number>` for a stock that holds some. Tags are compared by their bytes, so
/// `v07` is none of ours.
std::optional<int64_t> version_in(std::string_view tag, char prefix) {
  int64_t version = 0;
  tag = tag.substr(1, tag.size() - 2);
  if (tag.empty() || tag[0] != prefix)
    return std::nullopt;
  const auto* end = tag.data() + tag.size();
  auto read = std::from_chars(tag.data() + 1, end, version);
  if (read.ec != std::errc{} || version < 0)
    return std::nullopt;
  auto ours = prefix + std::to_string(version);
  if (prefix == 'p') {
    int64_t stock = 0;
    if (end - read.ptr < 3 || read.ptr[0] != '.' || read.ptr[1] != 's')
      return std::nullopt;
    read = std::from_chars(read.ptr + 2, end, stock);
    if (read.ec != std::errc{} || stock < 0)
      return std::nullopt;
    ours += ".s" + std::to_string(stock);
  } else if (end - read.ptr > 2 && read.ptr[0] == '.' && read.ptr[1] == 'r') {
    int64_t held = 0;
    read = std::from_chars(read.ptr + 2, end, held);
    if (read.ec != std::errc{} || held < 1)
      return std::nullopt;
    ours += ".r" + std::to_string(held);
  }
  return tag == ours ? std::optional{version} : std::nullopt;
}

bool is_star(std::string_view header) {
  const auto start = header.find_first_not_of(" \t");
  const auto end = header.find_last_not_of(" \t");
  return start != std::string_view::npos && start == end && header[start] == '*';
}

} // namespace

void write_user(json_writer& out, const domain::user& x) {
  out.begin_object();
  out.key("id").string(domain::to_string(x.id));
  out.key("username").string(x.username);
  out.key("email").string_or_null(x.email);
  out.key("first_name").string_or_null(x.first_name);
  out.key("last_name").string_or_null(x.last_name);
  out.key("full_name").string_or_null(x.full_name);
  out.key("phone").string_or_null(x.phone);
  out.key("role").string(domain::to_string(x.role));
  out.key("disabled").boolean(x.disabled);
  out.key("created_at").string(time_text{x.created_at}.view());
  out.key("updated_at").string(time_text{x.updated_at}.view());
  out.end_object();
}

void write_address(json_writer& out, const domain::kept_address& x) {
  out.begin_object();
  out.key("id").integer(x.id);
  out.key("street").string(x.where.street);
  out.key("city").string(x.where.city);
  out.key("state").string_or_null(x.where.state);
  out.key("postal_code").string_or_null(x.where.postal_code);
  out.key("country").string(x.where.country);
  out.key("is_default").boolean(x.is_default);
  out.end_object();
}

void write_product(json_writer& out, const actors::product_view& x, const shop_currency& shop) {
  const auto& p = x.product;
  out.begin_object();
  out.key("id").integer(p.id);
  out.key("external_id").string_or_null(p.external_id);
  out.key("name").string(p.name);
  out.key("price").raw(domain::format_money(p.price, shop.digits));
  out.key("currency").string(shop.code);
  out.key("detail").string_or_null(p.detail);
  out.key("image_url").string_or_null(p.image_url);
  out.key("category_id");
  if (p.category_id == 0)
    out.null();
  else
    out.integer(p.category_id);
  out.key("storage_quantity").integer(x.stock.on_hand);
  out.key("created_at").string(time_text{p.created_at}.view());
  out.key("updated_at").string(time_text{p.updated_at}.view());
  out.key("version").integer(p.version);
  out.end_object();
}

void write_category(json_writer& out, const actors::category_view& x, bool children) {
  out.begin_object();
  out.key("id").integer(x.category.id);
  out.key("parent_id");
  if (x.category.parent_id == 0)
    out.null();
  else
    out.integer(x.category.parent_id);
  out.key("name").string(x.category.name);
  out.key("level").integer(x.level);
  if (!children)
    out.end_object();
}

void write_categories(json_writer& out, const actors::category_list& x, bool nested) {
  out.begin_array();
  // In tree order, one at level n closes all that is open from n on.
  int64_t open = 0;
  const auto close_to = [&](int64_t level) {
    for (; open > level; --open)
      out.end_array().end_object();
  };
  for (const auto& c : x.items) {
    if (!nested) {
      write_category(out, c);
      continue;
    }
    close_to(c.level);
    write_category(out, c, true);
    out.key("children").begin_array();
    ++open;
  }
  close_to(0);
  out.end_array();
}

void write_movement(json_writer& out, const domain::stock_movement& x) {
  out.begin_object();
  out.key("id").integer(x.id);
  out.key("product_id").integer(x.product_id);
  out.key("delta").integer(x.delta);
  out.key("reason").string(x.reason);
  out.key("order_id");
  if (x.order_id == 0)
    out.null();
  else
    out.integer(x.order_id);
  out.key("created_at").string(time_text{x.created_at}.view());
  out.end_object();
}

void write_stock(json_writer& out, const actors::stock_view& x) {
  out.begin_object();
  out.key("product_id").integer(x.level.product_id);
  out.key("stock").integer(x.level.on_hand);
  out.key("reserved").integer(x.reserved);
  out.key("available").integer(x.level.on_hand - x.reserved);
  out.key("version").integer(x.level.version);
  out.key("updated_at").string(time_text{x.level.updated_at}.view());
  out.end_object();
}

void write_order(json_writer& out, const domain::order& x, int digits) {
  out.begin_object();
  out.key("id").integer(x.id);
  out.key("order_number").string(domain::order_number(x));
  out.key("user_id").string(domain::to_string(x.user_id));
  out.key("status").string(domain::to_string(x.status));
  out.key("items").begin_array();
  for (const auto& line : x.lines) {
    const auto subtotal = line.product_price * line.quantity; // checked when it was placed
    out.begin_object();
    out.key("id").integer(line.id);
    out.key("product_id").integer(line.product_id);
    out.key("product_name").string(line.product_name);
    out.key("product_price").raw(domain::format_money(line.product_price, digits));
    out.key("quantity").integer(line.quantity);
    out.key("subtotal").raw(domain::format_money(subtotal, digits));
    if (!line.external_id.empty())
      out.key("external_id").string(line.external_id);
    out.end_object();
  }
  out.end_array();
  out.key("total_quantity").integer(x.total_quantity);
  out.key("total_amount").raw(domain::format_money(x.total_amount, digits));
  out.key("currency").string(x.currency);
  out.key("payment_method").string(domain::to_string(x.payment));
  write_address(out, x.shipping_address);
  out.key("note").string_or_null(x.note);
  out.key("created_at").string(time_text{x.created_at}.view());
  out.key("updated_at").string(time_text{x.updated_at}.view());
  out.key("version").integer(x.version);
  out.end_object();
}

std::string version_tag(int64_t version) {
  return "\"v" + std::to_string(version) + '"';
}

std::string stock_tag(const actors::stock_view& x) {
  auto out = version_tag(x.level.version);
  if (x.reserved > 0)
    out.insert(out.size() - 1, ".r" + std::to_string(x.reserved));
  return out;
}

std::string product_tag(const actors::product_view& x) {
  return "\"p" + std::to_string(x.product.version) + ".s" + std::to_string(x.stock.version) + '"';
}

match_condition read_if_match(std::string_view header, char prefix) {
  match_condition out;
  if (header.empty() || is_star(header))
    return out;
  out.any = false;
  for_each_tag(header, [&](std::string_view tag, bool weak) {
    const auto version = weak ? std::nullopt : version_in(tag, prefix);
    if (version)
      out.versions.push_back(*version);
  });
  return out;
}

bool none_match_hits(std::string_view header, std::string_view tag) {
  if (header.empty())
    return false;
  if (is_star(header))
    return true;
  bool hit = false;
  for_each_tag(header, [&](std::string_view listed, bool) { hit = hit || listed == tag; });
  return hit;
}

std::string encode_cursor(int64_t last_id) {
  char text[24];
  text[0] = 'c';
  return {text, std::to_chars(text + 1, text + sizeof text, last_id, 36).ptr};
}

std::optional<int64_t> decode_cursor(std::string_view text) {
  int64_t id = 0;
  if (text.size() < 2 || text[0] != 'c')
    return std::nullopt;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + 1, end, id, 36);
  return read.ec == std::errc{} && read.ptr == end && id > 0 ? std::optional{id} : std::nullopt;
}

std::string encode_cursor(const domain::uuid& last_id) {
  return "u" + domain::to_string(last_id);
}

std::optional<domain::uuid> decode_user_cursor(std::string_view text) {
  if (text.empty() || text[0] != 'u')
    return std::nullopt;
  return domain::parse_uuid(text.substr(1));
}

namespace {

/// By product_sort; upper case: descending.
constexpr std::string_view sort_letters = "cnptr";

constexpr auto base64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

bool is_number(std::string_view text) {
  int64_t n = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

/// Whether such a key may follow an order: what is bound as a number must be one.
bool key_fits(actors::product_sort sort, std::string_view key) {
  switch (sort) {
  case actors::product_sort::id: return key.empty();
  case actors::product_sort::name:
    return count_code_points(key).has_value() && key.find('\0') == std::string_view::npos;
  case actors::product_sort::price:
  case actors::product_sort::created_at: return is_number(key);
  case actors::product_sort::relevance: return key == "0" || key == "1";
  }
  return false;
}

} // namespace

std::string encode_product_cursor(const product_cursor& x) {
  auto out = encode_cursor(x.last_id);
  out[0] = sort_letters[static_cast<size_t>(x.sort)];
  if (x.descending)
    out[0] = static_cast<char>(out[0] - 'a' + 'A');
  if (x.last_key.empty())
    return out;
  std::string key(sodium_base64_encoded_len(x.last_key.size(), base64), '\0');
  sodium_bin2base64(key.data(), key.size(),
                    reinterpret_cast<const unsigned char*>(x.last_key.data()), x.last_key.size(),
                    base64);
  key.resize(key.find('\0'));
  return out + "." + key;
}

std::optional<product_cursor> decode_product_cursor(std::string_view text) {
  product_cursor out;
  if (text.empty())
    return std::nullopt;
  auto letter = text[0];
  out.descending = letter >= 'A' && letter <= 'Z';
  if (out.descending)
    letter = static_cast<char>(letter - 'A' + 'a');
  const auto sort = sort_letters.find(letter);
  const auto dot = std::min(text.find('.'), text.size());
  const auto id = sort == std::string_view::npos
                    ? std::nullopt
                    : decode_cursor("c" + std::string{text.substr(1, dot - 1)});
  if (!id)
    return std::nullopt;
  out.sort = static_cast<actors::product_sort>(sort);
  out.last_id = *id;
  if (dot < text.size()) {
    const auto key = text.substr(dot + 1);
    size_t size = 0;
    const char* end = nullptr;
    out.last_key.resize(key.size());
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.last_key.data()),
                          out.last_key.size(), key.data(), key.size(), nullptr, &size, &end, base64)
          != 0
        || end != key.data() + key.size())
      return std::nullopt;
    out.last_key.resize(size);
  }
  return key_fits(out.sort, out.last_key) ? std::optional{out} : std::nullopt;
}

} // namespace souk::http
