// Appends JSON to a string, without a document in between: answers are built in one pass.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace souk::http {

/// Writes one JSON text; the caller keeps begin and end in balance. Text must be valid UTF-8. It is
/// in the string when its outermost value is complete, not before: it goes there in pieces, since
/// to append a few bytes to a string at a time was a tenth of what an order cost this thread.
class json_writer {
public:
  /// Appends to `out`, which must outlive the writer.
  explicit json_writer(std::string& out) : out_{out} {}
  json_writer(const json_writer&) = delete;
  json_writer& operator=(const json_writer&) = delete;

  json_writer& begin_object() { return open('{'); }
  json_writer& end_object() { return close('}'); }
  json_writer& begin_array() { return open('['); }
  json_writer& end_array() { return close(']'); }

  /// `name` is one of ours: it must need no escaping and have at most 500 bytes.
  json_writer& key(std::string_view name) {
    assert(name.size() + 4 <= piece_.size());
    make_room(name.size() + 4);
    auto* at = quoted(name);
    *at++ = ':';
    used_ = static_cast<size_t>(at - piece_.data());
    comma_ = false;
    return *this;
  }

  json_writer& string(std::string_view text) {
    if (text.size() + 3 <= piece_.size() && !needs_escapes(text)) {
      make_room(text.size() + 3);
      used_ = static_cast<size_t>(quoted(text) - piece_.data());
      comma_ = true;
    } else {
      separate();
      quote(text);
    }
    return end();
  }

  json_writer& integer(int64_t x) {
    separate();
    make_room(24);
    auto* at = piece_.data() + used_;
    used_ += static_cast<size_t>(std::to_chars(at, at + 24, x).ptr - at);
    return end();
  }

  json_writer& boolean(bool x) { return raw(x ? "true" : "false"); }
  json_writer& null() { return raw("null"); }

  /// Text that is JSON already, such as an exact decimal.
  json_writer& raw(std::string_view json) {
    separate();
    put(json);
    return end();
  }

  /// A string, or null if it is empty: how absent optional fields are written.
  json_writer& string_or_null(std::string_view text) {
    return text.empty() ? null() : string(text);
  }

private:
  json_writer& open(char c) {
    separate();
    put(c);
    comma_ = false;
    ++depth_;
    return *this;
  }

  json_writer& close(char c) {
    put(c);
    comma_ = true;
    --depth_;
    return end();
  }

  void separate() {
    if (comma_)
      put(',');
    comma_ = true;
  }

  json_writer& end() {
    if (depth_ == 0)
      flush();
    return *this;
  }

  void flush() {
    out_.append(piece_.data(), used_);
    used_ = 0;
  }

  void make_room(size_t n) {
    if (n > piece_.size() - used_)
      flush();
  }

  void put(char c) {
    make_room(1);
    piece_[used_++] = c;
  }

  void put(std::string_view text) {
    if (text.empty())
      return; // it may point to nothing
    make_room(text.size());
    if (text.size() > piece_.size()) {
      out_ += text;
      return;
    }
    std::memcpy(piece_.data() + used_, text.data(), text.size());
    used_ += text.size();
  }

  /// Puts a comma if need be and the text in quotes where there is room for both; returns the end.
  char* quoted(std::string_view text) {
    auto* at = piece_.data() + used_;
    if (comma_)
      *at++ = ',';
    *at++ = '"';
    at = std::copy(text.begin(), text.end(), at);
    *at++ = '"';
    return at;
  }

  /// Whether there is a control character, a quote or a backslash. By eight bytes: the sign bit of
  /// a byte of `(x - n) & ~x` says that x is below n, as long as no byte below it is.
  static bool needs_escapes(std::string_view text) {
    constexpr uint64_t ones = 0x0101010101010101;
    constexpr uint64_t signs = 0x80 * ones;
    const auto any_below = [](uint64_t x, uint64_t n) { return (x - n * ones) & ~x & signs; };
    size_t i = 0;
    for (; i + 8 <= text.size(); i += 8) {
      uint64_t x = 0;
      std::memcpy(&x, text.data() + i, 8);
      if ((any_below(x, 0x20) | any_below(x ^ ('"' * ones), 1) | any_below(x ^ ('\\' * ones), 1))
          != 0)
        return true;
    }
    for (; i < text.size(); ++i)
      if (is_special(text[i]))
        return true;
    return false;
  }

  static bool is_special(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
  }

  void quote(std::string_view text) {
    put('"');
    size_t done = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      if (!is_special(text[i]))
        continue;
      put(text.substr(done, i - done));
      escape(static_cast<unsigned char>(text[i]));
      done = i + 1;
    }
    put(text.substr(done));
    put('"');
  }

  void escape(unsigned char c) {
    static constexpr char hex[] = "0123456789abcdef";
    switch (c) {
    case '"': put("\\\""); break;
    case '\\': put("\\\\"); break;
    case '\n': put("\\n"); break;
    case '\r': put("\\r"); break;
    case '\t': put("\\t"); break;
    default:
      put("\\u00");
      put(hex[c >> 4]);
      put(hex[c & 15]);
    }
  }

  std::string& out_;
  std::array<char, 512> piece_; ///< of which `used_` bytes are to be appended
  size_t used_ = 0;
  size_t depth_ = 0;
  bool comma_ = false;
};

} // namespace souk::http
