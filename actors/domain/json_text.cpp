#include "actors/domain/json_text.hpp"

#include <charconv>

namespace souk::domain {

namespace {

bool plain(unsigned char c) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/// The length of the well-formed UTF-8 sequence of several bytes at the start of `text` (Unicode,
/// table 3-7: no overlong forms, no surrogates, nothing beyond U+10FFFF); 0 if there is none.
size_t utf8_sequence(std::string_view text) {
  auto at = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto continues = [&](size_t i) { return (at(i) & 0xc0) == 0x80; };
  auto first = at(0);
  if (first >= 0xc2 && first <= 0xdf)
    return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    bool valid = (first != 0xe0 || at(1) >= 0xa0) && (first != 0xed || at(1) <= 0x9f);
    return valid && continues(1) && continues(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    bool valid = (first != 0xf0 || at(1) >= 0x90) && (first != 0xf4 || at(1) <= 0x8f);
    return valid && continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

/// Appends an ASCII character that may not stand in a JSON string as it is.
void append_escaped(std::string& out, unsigned char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
  case '"': out += "\\\""; return;
  case '\\': out += "\\\\"; return;
  case '\b': out += "\\b"; return;
  case '\f': out += "\\f"; return;
  case '\n': out += "\\n"; return;
  case '\r': out += "\\r"; return;
  case '\t': out += "\\t"; return;
  default:
    out += "\\u00";
    out += hex[c >> 4];
    out += hex[c & 15];
  }
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  size_t done = 0; // all before it is written
  size_t i = 0;
  while (i < text.size()) {
    auto c = static_cast<unsigned char>(text[i]);
    if (plain(c)) {
      ++i;
      continue;
    }
    if (auto length = c < 0x80 ? 0 : utf8_sequence(text.substr(i)); length > 0) {
      i += length;
      continue;
    }
    out.append(text, done, i - done);
    if (c < 0x80)
      append_escaped(out, c);
    else
      out += "\xef\xbf\xbd";
    done = ++i;
  }
  out.append(text, done);
  out += '"';
}

void append_int(std::string& out, int64_t value) {
  char digits[20];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

} // namespace souk::domain
