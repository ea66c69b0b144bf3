#include "http/client/records/raw_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace souk::client {
namespace {

using json = nlohmann::json;

/// A place in a text that is known to be JSON.
class cursor {
public:
  explicit cursor(std::string_view text) : text_{text} {}

  /// Steps over white space, then over `c` if it is next; whether it was.
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c)
      return false;
    ++at_;
    return true;
  }

  std::string_view value() {
    skip_space();
    const auto begin = at_;
    size_t depth = 0;
    do {
      const char c = text_[at_];
      if (c == '"')
        skip_string();
      else if (c == '{' || c == '[')
        ++depth, ++at_;
      else if (c == '}' || c == ']')
        --depth, ++at_;
      else if (depth > 0)
        ++at_;
      else
        at_ = std::min(text_.find_first_of(",:]} \t\r\n", at_), text_.size());
    } while (depth > 0 && at_ < text_.size());
    return text_.substr(begin, at_ - begin);
  }

private:
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_]))
      ++at_;
  }

  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\')
        ++at_;
    ++at_;
  }

  std::string_view text_;
  size_t at_ = 0;
};

} // namespace

bool is_json(std::string_view text) {
  return json::accept(text);
}

std::vector<std::string_view> elements(std::string_view array) {
  std::vector<std::string_view> out;
  cursor at{array};
  if (!at.take('[') || at.take(']'))
    return out;
  do
    out.push_back(at.value());
  while (at.take(','));
  return out;
}

std::vector<raw_member> members(std::string_view object) {
  std::vector<raw_member> out;
  cursor at{object};
  if (!at.take('{') || at.take('}'))
    return out;
  do {
    auto name = text_of(at.value());
    at.take(':');
    out.push_back({std::move(name), at.value()});
  } while (at.take(','));
  return out;
}

std::string_view member(std::string_view object, std::string_view name) {
  for (const auto& x : members(object))
    if (x.name == name)
      return x.value;
  return {};
}

std::string text_of(std::string_view value) {
  if (value == "null")
    return {};
  if (!value.starts_with('"'))
    return std::string{value};
  return json::parse(value).get<std::string>();
}

std::string json_string(std::string_view text) {
  try {
    return json(text).dump();
  } catch (const json::type_error&) {
    return {};
  }
}

void add_member(std::string& object, std::string_view name, std::string_view value) {
  object.pop_back();
  if (object.size() > 1)
    object += ',';
  object.append("\"").append(name).append("\":").append(value).append("}");
}

} // namespace souk::client
