#include "http/server/response_text.hpp"

#include "http/server/problem_text.hpp"
#include "http/server/status_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace souk::http {

namespace {

void append_number(std::string& out, uint64_t x) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, x).ptr;
  out.append(digits, end);
}

void append_two(std::string& out, int x) {
  out += static_cast<char>('0' + x / 10);
  out += static_cast<char>('0' + x % 10);
}

bool has_line_break(std::string_view x) {
  return std::any_of(x.begin(), x.end(),
                     [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

/// In one piece: each append has its price, and an answer has many headers.
void append_header(std::string& out, std::string_view name, std::string_view value) {
  const auto at = out.size();
  out.resize(at + name.size() + value.size() + 4);
  auto* to = std::copy(name.begin(), name.end(), out.data() + at);
  *to++ = ':';
  *to++ = ' ';
  to = std::copy(value.begin(), value.end(), to);
  *to++ = '\r';
  *to = '\n';
}

} // namespace

void append_response(std::string& out, const response& r, const response_frame& frame) {
  out += "HTTP/1.1 ";
  append_number(out, r.status);
  out += ' ';
  out += status_text(r.status);
  out += "\r\nDate: ";
  out += frame.date;
  out += "\r\n";
  const bool has_body = !bodiless(r.status);
  if (has_body && r.stream) {
    append_header(out, "Content-Type", r.content_type);
    if (!frame.http10)
      append_header(out, "Transfer-Encoding", "chunked");
  } else if (has_body) {
    if (!r.body.empty())
      append_header(out, "Content-Type", r.content_type);
    out += "Content-Length: ";
    append_number(out, r.body.size());
    out += "\r\n";
  }
  if (frame.close)
    out += "Connection: close\r\n";
  else if (frame.http10)
    out += "Connection: keep-alive\r\n";
  append_header(out, "X-Request-Id", frame.request_id);
  for (const auto& [name, value] : r.headers)
    if (!has_line_break(name) && !has_line_break(value))
      append_header(out, name, value);
  out += "\r\n";
  if (has_body && !frame.head && !r.stream)
    out += r.body;
}

void append_chunk(std::string& out, std::string_view bytes) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, bytes.size(), 16).ptr;
  out.append(digits, end);
  out += "\r\n";
  out += bytes;
  out += "\r\n";
}

std::string_view date_text::now() {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto second = std::time(nullptr);
  if (second == second_)
    return text_;
  std::tm utc{};
  gmtime_r(&second, &utc);
  text_ = days[utc.tm_wday];
  text_ += ", ";
  append_two(text_, utc.tm_mday);
  text_ += ' ';
  text_ += months[utc.tm_mon];
  text_ += ' ';
  append_number(text_, static_cast<uint64_t>(utc.tm_year) + 1900);
  text_ += ' ';
  append_two(text_, utc.tm_hour);
  text_ += ':';
  append_two(text_, utc.tm_min);
  text_ += ':';
  append_two(text_, utc.tm_sec);
  text_ += " GMT";
  second_ = second;
  return text_;
}

response refusal_response(const refusal& why, std::string_view request_id) {
  response r;
  r.status = why.status;
  r.code = why.code;
  r.content_type = problem_content_type;
  r.body = problem_body(why.status, why.code, why.detail, request_id);
  r.headers.emplace_back("X-Content-Type-Options", "nosniff");
  r.headers.emplace_back("Cache-Control", "no-store");
  if (why.status == 503)
    r.headers.emplace_back("Retry-After", "1");
  if (why.status == 415)
    r.headers.emplace_back("Accept-Encoding", "identity");
  return r;
}

} // namespace souk::http
