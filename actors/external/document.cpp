#include "actors/external/document.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace souk::external {

namespace {

using domain::money_error;
using domain::parsed_money;

constexpr size_t max_id = 200; ///< characters, as the next two
constexpr size_t max_name = 200;
constexpr size_t max_detail = 10'000;
constexpr size_t max_image_url = 2'048; ///< bytes

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

/// Without U+0000, which PostgreSQL refuses, and cut after `max` characters.
std::string fitting(std::string text, size_t max) {
  std::erase(text, '\0');
  size_t seen = 0;
  auto end = std::find_if(text.begin(), text.end(),
                          [&](char c) { return begins_character(c) && ++seen > max; });
  text.erase(end, text.end());
  return text;
}

struct value {
  enum class type : uint8_t { null, text, number, other } is = type::null;
  std::string text; ///< of a number too, as it was written; of others empty
};

using fields = std::map<std::string, value, std::less<>>;

/// Keeps the scalars of the outermost object and of the one under its "product", with numbers as
/// they were written, and that there is something else; of a list of scalars the first. The parser
/// keeps its own stack, so that depth costs no thread's stack.
class reader final : public nlohmann::json_sax<nlohmann::json> {
public:
  fields outer;
  fields inner;
  bool has_inner = false;
  bool is_object = false;
  bool is_null = false;

  bool null() override { return put({}); }
  bool boolean(bool) override { return put({value::type::other, {}}); }
  bool number_integer(number_integer_t x) override {
    return put({value::type::number, std::to_string(x)});
  }
  bool number_unsigned(number_unsigned_t x) override {
    return put({value::type::number, std::to_string(x)});
  }
  bool number_float(number_float_t, const string_t& written) override {
    return put({value::type::number, written});
  }
  bool string(string_t& x) override { return put({value::type::text, std::move(x)}); }
  bool binary(binary_t&) override { return true; }

  bool start_object(std::size_t) override {
    if (list_depth_ == 0)
      put({value::type::other, {}});
    if (depth_ == 0)
      is_object = true;
    if (depth_ == 1 && is_object && key_ == "product") {
      has_inner = in_inner_ = true;
      inner.clear();
    }
    ++depth_;
    return true;
  }
  bool key(string_t& x) override {
    if (depth_ <= 2)
      key_ = std::move(x);
    return true;
  }
  bool end_object() override {
    --depth_;
    if (depth_ == 1)
      in_inner_ = false;
    return true;
  }
  bool start_array(std::size_t) override {
    list_depth_ = list_depth_ == 0 && here() != nullptr ? depth_ + 1 : list_depth_;
    ++depth_;
    return true;
  }
  bool end_array() override {
    if (list_depth_ == depth_)
      list_depth_ = 0;
    --depth_;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

private:
  /// The object whose member is being read; null: one that does not matter.
  fields* here() {
    auto depth = list_depth_ != 0 && list_depth_ == depth_ ? depth_ - 1 : depth_;
    if (!is_object || (depth != 1 && !(depth == 2 && in_inner_)))
      return nullptr;
    return depth == 1 ? &outer : &inner;
  }

  bool put(value x) {
    if (depth_ == 0)
      is_null = x.is == value::type::null;
    auto* to = here();
    if (to == nullptr)
      return true;
    if (list_depth_ == depth_)
      to->emplace(key_, std::move(x));
    else
      (*to)[key_] = std::move(x);
    return true;
  }

  size_t depth_ = 0;
  size_t list_depth_ = 0; ///< inside a list that is a member; 0: in none
  bool in_inner_ = false;
  std::string key_;
};

/// The first of these members that is a text.
std::string text_of(const fields& from, std::initializer_list<std::string_view> names) {
  for (auto name : names)
    if (auto i = from.find(name); i != from.end() && i->second.is == value::type::text)
      return i->second.text;
  return {};
}

/// Empty: there is none. Nothing: there is one that is no id.
std::optional<std::string> id_of(const fields& from) {
  const auto i = from.find("id");
  if (i == from.end() || i->second.is == value::type::null)
    return std::string{};
  const auto& id = i->second;
  const bool is_fraction =
    id.is == value::type::number && id.text.find_first_of(".eE") != std::string::npos;
  return usable_id(id.text) && !is_fraction ? std::optional{id.text} : std::nullopt;
}

/// A whole number without sign and leading zeros; nothing if it is none.
std::optional<std::string_view> whole_number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size() - 1));
  return text;
}

std::string image_of(const fields& from) {
  auto url = text_of(from, {"image_url", "image", "images"});
  bool is_web = url.starts_with("https://") || url.starts_with("http://");
  bool is_plain = std::none_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
  });
  return is_web && is_plain && url.size() <= max_image_url ? url : std::string{};
}

} // namespace

parsed_money round_money(std::string_view text, int digits) {
  if (text.starts_with('-'))
    return {money_error::not_a_number, 0};
  auto exact = domain::parse_money(text, digits);
  if (exact.error != money_error::too_many_digits)
    return exact;
  // It is a decimal, and too fine: keep `kept` of its digits, and let the next one decide.
  const auto e = std::min(text.find_first_of("eE"), text.size());
  const auto point = std::min(text.find('.'), e);
  int64_t exponent = 0;
  if (e < text.size()) {
    auto from = text.substr(e + 1);
    if (from.starts_with('+'))
      from.remove_prefix(1);
    if (std::from_chars(from.data(), from.data() + from.size(), exponent).ec != std::errc{})
      return {}; // so far below one minor unit that the exponent does not fit
  }
  std::string all{text.substr(0, point)};
  if (point < e)
    all += text.substr(point + 1, e - point - 1);
  if (exponent < -static_cast<int64_t>(text.size()) - digits)
    return {};
  const auto kept = static_cast<int64_t>(point) + exponent + digits;
  if (kept < 0)
    return {};
  const auto n = static_cast<size_t>(kept);
  auto whole = all.substr(0, n);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  auto rounded = domain::parse_money(whole.empty() ? "0" : whole, 0);
  if (rounded.error == money_error::none && n < all.size() && all[n] >= '5')
    ++rounded.minor;
  if (rounded.minor > domain::max_money)
    return {money_error::out_of_range, 0};
  return rounded;
}

bool same_id(std::string_view told, std::string_view asked) {
  const auto number = whole_number(told);
  return told == asked || (number && number == whole_number(asked));
}

bool usable_id(std::string_view id) {
  return !id.empty() && characters(id) <= max_id && id != "." && id != ".."
         && std::none_of(id.begin(), id.end(),
                         [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

document read_document(std::string_view body, int currency_digits) {
  reader r;
  if (!nlohmann::json::sax_parse(body, &r))
    return {};
  if (r.is_null)
    return {document_kind::absent, {}};
  if (!r.has_inner) {
    auto i = r.outer.find("product");
    if (i != r.outer.end() && i->second.is == value::type::null)
      return {document_kind::absent, {}};
  }
  const auto& from = r.has_inner ? r.inner : r.outer;
  document d;
  d.kind = document_kind::unusable;
  auto price = from.find("price");
  if (price == from.end())
    return d;
  auto amount = round_money(price->second.text, currency_digits);
  auto id = id_of(from);
  d.product.name = fitting(text_of(from, {"title", "name"}), max_name);
  if (amount.error != money_error::none || !id || d.product.name.empty())
    return d;
  d.product.external_id = std::move(*id);
  d.product.price = amount.minor;
  d.product.detail = fitting(text_of(from, {"description", "detail"}), max_detail);
  d.product.image_url = image_of(from);
  d.product.category = fitting(text_of(from, {"category"}), max_name);
  d.kind = document_kind::product;
  return d;
}

} // namespace souk::external
