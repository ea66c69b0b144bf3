#include "http/routes/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace souk::http {
namespace {

bool has_twice(const json_value& object) {
  const auto& members = object.members;
  if (members.size() <= 16) {
    for (size_t i = 1; i < members.size(); ++i)
      for (size_t k = 0; k < i; ++k)
        if (members[i].first == members[k].first)
          return true;
    return false;
  }
  std::vector<std::string_view> keys;
  keys.reserve(members.size());
  for (const auto& x : members)
    keys.push_back(x.first);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

/// Builds a json_value from nlohmann's events. A handler that returns false ends the reading.
class builder : public nlohmann::json_sax<nlohmann::json> {
public:
  builder(json_document& out, size_t max_values) : out_{out}, max_values_{max_values} {
    out_.root.emplace();
  }

  bool null() override { return add(json_kind::null) != nullptr; }

  bool boolean(bool x) override {
    auto* to = add(json_kind::boolean);
    return to && ((to->boolean = x), true);
  }

  bool number_integer(number_integer_t x) override {
    auto* to = add(json_kind::integer);
    return to && ((to->integer = x), true);
  }

  bool number_unsigned(number_unsigned_t x) override {
    if (x <= static_cast<number_unsigned_t>(INT64_MAX))
      return number_integer(static_cast<number_integer_t>(x));
    return number_text(std::to_string(x));
  }

  bool number_float(number_float_t, const string_t& source) override {
    const auto point = source.find('.');
    const auto* end = source.data() + std::min(point, source.size());
    int64_t whole = 0;
    const bool is_whole = point != source.npos
                          && source.find_first_not_of('0', point + 1) == source.npos
                          && std::from_chars(source.data(), end, whole).ptr == end
                          && std::to_string(whole) == source.substr(0, point);
    return is_whole ? number_integer(whole) : number_text(source);
  }

  bool string(string_t& x) override {
    auto* to = add(json_kind::string);
    if (!to)
      return false;
    note_nul(x);
    to->text = std::move(x);
    return true;
  }

  bool binary(binary_t&) override { return false; }

  bool start_object(size_t) override { return open(json_kind::object); }
  bool start_array(size_t) override { return open(json_kind::array); }

  bool key(string_t& x) override {
    note_nul(x);
    auto& members = open_.back()->members;
    if (members.empty())
      members.reserve(2); // many have two, and a member is large
    members.emplace_back(std::move(x), json_value{});
    return true;
  }

  bool end_object() override {
    if (has_twice(*open_.back()))
      return fail("an object has a key twice");
    open_.pop_back();
    return true;
  }

  bool end_array() override {
    open_.pop_back();
    return true;
  }

  bool parse_error(size_t position, const std::string&,
                   const nlohmann::json::exception& why) override {
    constexpr int number_overflow = 406; // JSON all the same
    if (why.id == number_overflow)
      out_.too_large = place();
    return fail("the body is not valid JSON (at byte " + std::to_string(position) + ")");
  }

private:
  /// The place of the next value. Pointers in `open_` stay valid: a container grows only while it
  /// is the innermost one, and then only its own elements move.
  json_value* add(json_kind kind) {
    if (++count_ > max_values_) {
      fail("the body has more than " + std::to_string(max_values_) + " values");
      return nullptr;
    }
    json_value* to = nullptr;
    if (open_.empty())
      to = &*out_.root;
    else if (open_.back()->kind == json_kind::array)
      to = &open_.back()->items.emplace_back();
    else
      to = &open_.back()->members.back().second;
    to->kind = kind;
    return to;
  }

  bool open(json_kind kind) {
    if (open_.size() == max_json_depth)
      return fail("the body is nested deeper than " + std::to_string(max_json_depth) + " levels");
    auto* to = add(kind);
    if (!to)
      return false;
    open_.push_back(to);
    return true;
  }

  /// JSON pointer to the value that comes next.
  std::string place() const {
    std::string out;
    for (const auto* x : open_) {
      out += '/';
      if (x->kind == json_kind::array) {
        out += std::to_string(x == open_.back() ? x->items.size() : x->items.size() - 1);
        continue;
      }
      for (const char c : x->members.back().first)
        out += c == '~' ? std::string{"~0"} : c == '/' ? std::string{"~1"} : std::string{c};
    }
    return out;
  }

  bool number_text(const std::string& source) {
    auto* to = add(json_kind::decimal);
    return to && ((to->text = source), true);
  }

  void note_nul(const std::string& x) {
    out_.contains_nul = out_.contains_nul || x.find('\0') != std::string::npos;
  }

  bool fail(std::string why) {
    if (out_.error.empty())
      out_.error = std::move(why);
    return false;
  }

  json_document& out_;
  std::vector<json_value*> open_;
  size_t max_values_;
  size_t count_ = 0;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The length of the UTF-8 sequence that begins at `i`; 0 if it is invalid.
size_t sequence_length(std::string_view text, size_t i) {
  const auto at = [&](size_t k) { return static_cast<unsigned char>(text[k]); };
  const auto lead = at(i);
  if (lead < 0x80)
    return 1;
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || i + length > text.size())
    return 0;
  for (size_t k = i + 1; k < i + length; ++k)
    if ((at(k) & 0xc0) != 0x80)
      return 0;
  const auto second = at(i + 1);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second > 0x9f;
  const bool beyond = lead == 0xf4 && second > 0x8f;
  return overlong || surrogate || beyond ? 0 : length;
}

} // namespace

const json_value* json_value::find(std::string_view name) const {
  for (const auto& x : members)
    if (x.first == name)
      return &x.second;
  return nullptr;
}

json_document read_json(std::string_view text, size_t max_values) {
  json_document out;
  builder events{out, max_values};
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &events)) {
    out.root.reset();
    if (out.error.empty())
      out.error = "the body is not valid JSON";
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus) {
  if (text.find_first_of(plus ? "%+" : "%") == std::string_view::npos)
    return std::string{text};
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return std::nullopt;
      out += static_cast<char>(high << 4 | low);
      i += 2;
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                       || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

std::optional<size_t> count_code_points(std::string_view text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++count) {
    const auto length = sequence_length(text, i);
    if (length == 0)
      return std::nullopt;
    i += length;
  }
  return count;
}

std::optional<std::vector<std::pair<std::string, std::string>>> read_form(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto field = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (field.empty())
      continue;
    const auto equals = field.find('=');
    const auto value = equals == std::string_view::npos ? "" : field.substr(equals + 1);
    auto name = percent_decode(field.substr(0, equals), true);
    auto decoded = percent_decode(value, true);
    if (!name || !decoded || out.size() == max_form_fields || !count_code_points(*name)
        || !count_code_points(*decoded))
      return std::nullopt;
    out.emplace_back(std::move(*name), std::move(*decoded));
  }
  return out;
}

} // namespace souk::http
