#include "http/server/problem_text.hpp"

#include "http/server/status_text.hpp"

#include <cstddef>

namespace souk::http {

namespace {

/// The length of the UTF-8 sequence that `text` begins with; 0 if it is none.
std::size_t utf8_length(std::string_view text) {
  auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  auto next = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const auto first = byte(0);
  if (first < 0x80)
    return 1;
  if (first >= 0xC2 && first <= 0xDF)
    return next(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;  // no overlong forms
    const unsigned high = first == 0xED ? 0x9F : 0xBF; // no surrogates
    return next(1, low, high) && next(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF; // up to U+10FFFF
    return next(1, low, high) && next(2) && next(3) ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& out, char c) {
  static constexpr char hex[] = "0123456789abcdef";
  switch (c) {
  case '"': out += "\\\""; break;
  case '\\': out += "\\\\"; break;
  case '\n': out += "\\n"; break;
  case '\r': out += "\\r"; break;
  case '\t': out += "\\t"; break;
  default:
    if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    } else {
      out += "\\u00";
      out += hex[(c >> 4) & 15];
      out += hex[c & 15];
    }
  }
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto n = utf8_length(text);
    if (n == 1)
      append_escaped(out, text[0]);
    else if (n > 1)
      out += text.substr(0, n);
    else
      out += "\xEF\xBF\xBD";
    text.remove_prefix(n > 0 ? n : 1);
  }
  out += '"';
}

std::string problem_body(unsigned status, std::string_view code, std::string_view detail,
                         std::string_view request_id) {
  std::string out;
  out.reserve(160 + code.size() + detail.size() + request_id.size());
  out += R"({"type":"about:blank","title":)";
  append_json_string(out, status_text(status));
  out += R"(,"status":)";
  out += std::to_string(status);
  out += R"(,"detail":)";
  append_json_string(out, detail);
  if (!request_id.empty()) {
    out += R"(,"instance":)";
    append_json_string(out, request_id);
  }
  out += R"(,"code":)";
  append_json_string(out, code);
  out += '}';
  return out;
}

std::string unanswered_body(std::string_view request_id) {
  return problem_body(503, "outcome_unknown",
                      "The request was lost on its way. It may have had its effect: repeat it only "
                      "with the same Idempotency-Key.",
                      request_id);
}

} // namespace souk::http
