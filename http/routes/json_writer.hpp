// Appends JSON to a string, without a document in between: answers are built in one pass.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace souk::http {

/// Writes one JSON text; the caller keeps begin and end in balance. Text must be valid UTF-8.
class json_writer {
public:
  /// Appends to `out`, which must outlive the writer.
  explicit json_writer(std::string& out) : out_{out} {}

  json_writer& begin_object() { return open('{'); }
  json_writer& end_object() { return close('}'); }
  json_writer& begin_array() { return open('['); }
  json_writer& end_array() { return close(']'); }

  /// `name` is one of ours: it must need no escaping.
  json_writer& key(std::string_view name) {
    out_.append(comma_ ? ",\"" : "\"").append(name).append("\":");
    comma_ = false;
    return *this;
  }

  json_writer& string(std::string_view text) {
    separate();
    quote(text);
    return *this;
  }

  json_writer& integer(int64_t x) {
    separate();
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, x).ptr);
    return *this;
  }

  json_writer& boolean(bool x) { return raw(x ? "true" : "false"); }
  json_writer& null() { return raw("null"); }

  /// Text that is JSON already, such as an exact decimal.
  json_writer& raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
  }

  /// A string, or null if it is empty: how absent optional fields are written.
  json_writer& string_or_null(std::string_view text) {
    return text.empty() ? null() : string(text);
  }

private:
  json_writer& open(char c) {
    separate();
    out_ += c;
    comma_ = false;
    return *this;
  }

  json_writer& close(char c) {
    out_ += c;
    comma_ = true;
    return *this;
  }

  void separate() {
    if (comma_)
      out_ += ',';
    comma_ = true;
  }

  void quote(std::string_view text) {
    out_ += '"';
    size_t done = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      if (c >= 0x20 && c != '"' && c != '\\')
        continue;
      out_.append(text, done, i - done);
      escape(c);
      done = i + 1;
    }
    out_.append(text, done, std::string_view::npos);
    out_ += '"';
  }

  void escape(unsigned char c) {
    static constexpr char hex[] = "0123456789abcdef";
    switch (c) {
    case '"': out_ += "\\\""; break;
    case '\\': out_ += "\\\\"; break;
    case '\n': out_ += "\\n"; break;
    case '\r': out_ += "\\r"; break;
    case '\t': out_ += "\\t"; break;
    default:
      out_ += "\\u00";
      out_ += hex[c >> 4];
      out_ += hex[c & 15];
    }
  }

  std::string& out_;
  bool comma_ = false;
};

} // namespace souk::http
