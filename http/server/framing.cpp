#include "http/server/framing.hpp"

#include <algorithm>
#include <charconv>

namespace souk::http {

namespace {

constexpr std::string_view known_methods[] = {"GET",   "HEAD",   "POST",   "PUT",
                                              "PATCH", "DELETE", "OPTIONS"};

/// What a request line has besides its target: a method, two spaces, the version, some slack.
constexpr std::size_t request_line_slack = 64;

/// No registered method is longer; more without a space is no method that anybody knows.
constexpr std::size_t longest_method = 32;

constexpr refusal bad_request(std::string_view detail) {
  return {400, "bad_request", detail};
}

constexpr refusal target_too_long{414, "target_too_long", "The request target is too long."};
constexpr refusal header_too_large{431, "header_too_large",
                                   "The header section is too large or has too many fields."};
constexpr refusal unknown_method{501, "method_not_implemented",
                                 "The server does not know this method."};

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_token_char(char c) {
  return is_alpha(c) || is_digit(c)
         || (c != '\0' && std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos);
}

/// Of a registered name or an IPv6 address; percent signs are looked at elsewhere.
bool is_host_char(char c) {
  return is_alpha(c) || is_digit(c)
         || (c != '\0' && std::string_view{"-._~!$&'()*+,;="}.find(c) != std::string_view::npos);
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_digit);
}

bool is_valid_target(std::string_view target) {
  auto good = [](char c) { return c > 0x20 && c < 0x7F && c != '#'; };
  return std::all_of(target.begin(), target.end(), good);
}

refusal check_body_framing(const header_fields& h) {
  const auto& coding = h.transfer_encoding;
  const auto& length = h.content_length;
  if (coding.count > 0) {
    if (h.version < 11)
      return bad_request("HTTP/1.0 has no Transfer-Encoding.");
    if (length.count > 0)
      return bad_request("Transfer-Encoding and Content-Length exclude each other.");
    if (coding.count > 1 || !equal_ignoring_case(coding.value, "chunked"))
      return bad_request("The only transfer coding supported is chunked, once.");
  }
  if (length.count > 1)
    return bad_request("Content-Length may come once.");
  if (length.count == 1 && (length.value.empty() || !all_digits(length.value)))
    return bad_request("Content-Length must be a number.");
  return {};
}

refusal check_fields(const header_fields& h) {
  if (h.host.count > 1)
    return bad_request("Host may come once.");
  if (h.host.count == 0 && h.version >= 11)
    return bad_request("Host is missing.");
  if (h.host.count == 1 && !is_valid_host(h.host.value))
    return bad_request("Host is invalid.");
  if (h.authorization.count > 1)
    return bad_request("Authorization may come once.");
  if (h.payment_signature.count > 1)
    return bad_request("X-Payment-Signature may come once.");
  if (h.idempotency_key.count > 1)
    return bad_request("Idempotency-Key may come once.");
  if (h.content_type.count > 1)
    return bad_request("Content-Type may come once.");
  if (h.version >= 11 && h.expect.count > 0
      && (h.expect.count > 1 || !equal_ignoring_case(h.expect.value, "100-continue")))
    return {417, "expectation_failed", "The only expectation supported is 100-continue."};
  if (h.encoded)
    return {415, "unsupported_encoding", "The only content encoding supported is identity."};
  return {};
}

/// The method decides: with a known one it is the target that is too long.
refusal long_request_line(std::string_view line) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos || space > longest_method)
    return unknown_method;
  return target_too_long;
}

} // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size())
    return false;
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_valid_host(std::string_view text) {
  std::size_t end = 0;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos || end < 3)
      return false;
    for (char c : text.substr(1, end - 1))
      if (!is_host_char(c) && c != ':')
        return false;
    ++end;
  } else {
    for (; end < text.size() && text[end] != ':'; ++end) {
      if (text[end] == '%') {
        if (end + 2 >= text.size() || !is_hex(text[end + 1]) || !is_hex(text[end + 2]))
          return false;
      } else if (!is_host_char(text[end])) {
        return false;
      }
    }
    if (end == 0)
      return false;
  }
  auto port = text.substr(end);
  if (port.empty())
    return true;
  return port[0] == ':' && port.size() <= 6 && all_digits(port.substr(1));
}

std::optional<std::string> origin_form(std::string_view method, std::string_view target) {
  if (target.starts_with('/'))
    return std::string{target};
  const bool options = method == "OPTIONS";
  if (target == "*")
    return options ? std::optional{std::string{target}} : std::nullopt;
  const auto colon = target.find("://");
  const auto scheme = target.substr(0, colon == std::string_view::npos ? 0 : colon);
  if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https"))
    return std::nullopt;
  const auto rest = target.substr(colon + 3);
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  if (!is_valid_host(rest.substr(0, end)))
    return std::nullopt;
  const auto path = rest.substr(end);
  if (path.empty())
    return std::string{options ? "*" : "/"};
  return path[0] == '/' ? std::string{path} : "/" + std::string{path};
}

refusal check_header(const header_fields& h, const server_options& limits) {
  const auto* end = std::end(known_methods);
  if (std::find(std::begin(known_methods), end, h.method) == end)
    return unknown_method;
  if (h.target.size() > limits.max_target)
    return target_too_long;
  if (!is_valid_target(h.target))
    return bad_request("The request target has a byte that must be percent-encoded.");
  if (auto why = check_body_framing(h))
    return why;
  return check_fields(h);
}

uint64_t declared_length(const header_fields& h) {
  uint64_t length = 0; // the parser has refused what does not fit into it
  const auto text = h.content_length.value;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

refusal unreadable_header(std::string_view raw) {
  constexpr auto npos = std::string_view::npos;
  const auto line = raw.substr(0, raw.find("\r\n"));
  const auto space = line.rfind(' ');
  const auto version = space == npos ? std::string_view{} : line.substr(space + 1);
  if (version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5])
      && version[6] == '.' && is_digit(version[7]) && version != "HTTP/1.0"
      && version != "HTTP/1.1")
    return {505, "version_not_supported", "The server speaks HTTP/1.1 and HTTP/1.0."};
  return bad_request("The header section is malformed.");
}

refusal header_scan::check_line(std::string_view line, const server_options& limits) const {
  if (lines_ == 0)
    return line.size() > limits.max_target + request_line_slack ? long_request_line(line)
                                                                : refusal{};
  if (line.starts_with(' ') || line.starts_with('\t'))
    return bad_request("A header field may not be folded over several lines.");
  if (lines_ > limits.max_fields)
    return header_too_large;
  return {};
}

header_scan::result header_scan::feed(std::string_view bytes, const server_options& limits) {
  auto refused = [this](const refusal& why) { return result{begin_, 0, why}; };
  if (seen_ == 0 && bytes == "\r")
    return {};
  if (seen_ == 0 && bytes.starts_with("\r\n"))
    begin_ = line_ = seen_ = 2; // RFC 9112 2.2: one empty line before a request is ignored
  if (bytes.size() > begin_ && !is_token_char(bytes[begin_]))
    return refused(bad_request("This is no HTTP request."));
  for (;;) {
    const auto lf = bytes.find('\n', seen_);
    if (lf == std::string_view::npos)
      break;
    seen_ = lf + 1;
    if (bytes[lf - 1] != '\r')
      return refused(bad_request("A line must end with CR LF."));
    const auto line = bytes.substr(line_, lf - 1 - line_);
    if (line.empty() && lines_ > 0) {
      if (seen_ - begin_ > limits.max_header)
        return refused(header_too_large);
      return {begin_, seen_, {}};
    }
    if (auto why = check_line(line, limits))
      return refused(why);
    ++lines_;
    line_ = seen_;
  }
  seen_ = bytes.size();
  if (lines_ == 0 && bytes.size() - begin_ > limits.max_target + request_line_slack)
    return refused(long_request_line(bytes.substr(begin_)));
  if (bytes.size() - begin_ > limits.max_header)
    return refused(header_too_large);
  return {};
}

} // namespace souk::http
