#include "http/routes/order_views.hpp"

#include "actors/domain/money.hpp"
#include "http/routes/schema.hpp"
#include "http/routes/time_text.hpp"

#include <algorithm>
#include <charconv>

namespace souk::http {
namespace {

bool read_36(std::string_view text, int64_t& x) {
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, x, 36);
  return read.ec == std::errc{} && read.ptr == end && x > 0;
}

void append_36(std::string& out, int64_t x) {
  char digits[16];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, x, 36).ptr);
}

} // namespace

void write_history_entry(json_writer& out, const domain::order_history_entry& x) {
  out.begin_object();
  out.key("id").integer(x.version);
  out.key("kind").string(domain::event_name(x));
  out.key("status").string(domain::to_string(x.status));
  out.key("at").string(time_text{x.at}.view());
  out.key("by").string(domain::to_string(x.by));
  out.end_object();
}

void write_cart(json_writer& out, const actors::cart_view& x, const shop_currency& shop) {
  int64_t quantity = 0;
  int64_t total = 0;
  out.begin_object().key("items").begin_array();
  for (const auto& item : x.items) {
    const auto subtotal =
      domain::multiply_money(item.price, item.quantity).value_or(domain::max_money);
    quantity += item.quantity;
    total = std::min(total + subtotal, domain::max_money);
    out.begin_object();
    out.key("product_id").integer(item.product_id);
    out.key("name").string(item.name);
    out.key("price").raw(domain::format_money(item.price, shop.digits));
    out.key("quantity").integer(item.quantity);
    out.key("subtotal").raw(domain::format_money(subtotal, shop.digits));
    out.key("available").integer(std::max<int64_t>(item.available, 0));
    if (!item.external_id.empty())
      out.key("external_id").string(item.external_id);
    out.end_object();
  }
  out.end_array();
  out.key("total_quantity").integer(quantity);
  out.key("total_amount").raw(domain::format_money(total, shop.digits));
  out.key("currency").string(shop.code);
  out.end_object();
}

std::string event_text(const domain::order_history_entry& x) {
  std::string out =
    "id: " + std::to_string(x.version) + "\nevent: " + domain::event_name(x) + "\ndata: ";
  json_writer json{out};
  write_history_entry(json, x);
  return out + "\n\n";
}

std::string encode_place(const order_place& x) {
  std::string out = "o";
  append_36(out, x.time);
  out += '.';
  append_36(out, x.id);
  return out;
}

std::optional<order_place> decode_place(std::string_view text) {
  order_place out;
  const auto dot = text.find('.');
  if (text.empty() || text[0] != 'o' || dot == std::string_view::npos
      || !read_36(text.substr(1, dot - 1), out.time) || !read_36(text.substr(dot + 1), out.id))
    return std::nullopt;
  return out;
}

} // namespace souk::http
