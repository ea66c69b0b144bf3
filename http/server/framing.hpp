// Which requests are refused before anybody looks at what they want: pure functions over the bytes
// and over the parsed header. Two readers of the same bytes must never disagree where a request
// ends (request smuggling), so whatever is ambiguous is an error, and its connection is closed.
#pragma once

#include "http/server/options.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk::http {

/// Why a request is refused; status 0: it is not. The views are of static storage.
struct refusal {
  unsigned status = 0;
  std::string_view code; ///< of static storage, as `detail`
  std::string_view detail;
  explicit operator bool() const { return status != 0; }
};

/// A field that may come once: its first value and how often it came.
struct single_field {
  std::string_view value;
  unsigned count = 0;
  void add(std::string_view x) {
    if (count++ == 0)
      value = x;
  }
};

/// What the server reads of a header section, taken when its last line was parsed: a trailer can
/// change nothing of it. The views point into the connection's read buffer.
struct header_fields {
  std::string_view method;
  std::string_view target;
  int version = 0; ///< 10 or 11
  single_field host;
  single_field content_length;
  single_field transfer_encoding;
  single_field content_type;
  single_field authorization;
  single_field payment_signature;
  single_field user_id; ///< X-User-ID
  single_field origin;
  single_field idempotency_key;
  single_field last_event_id;
  single_field request_id;
  single_field expect;
  bool encoded = false;      ///< a Content-Encoding other than `identity`
  std::string if_match;      ///< several are joined as a list
  std::string if_none_match; ///< several are joined as a list
  std::string forwarded_for; ///< X-Forwarded-For, several joined as a list
};

/// Finds the end of a header section whose bytes arrive in pieces, within the limits.
class header_scan {
public:
  struct result {
    std::size_t begin = 0; ///< where the request line begins: behind an empty line, if one came
    std::size_t end = 0;   ///< behind the empty line; 0: more bytes are needed
    refusal why;
  };

  /// Looks at all bytes of this request so far; those seen in earlier calls are not read again.
  result feed(std::string_view bytes, const server_options& limits);

private:
  refusal check_line(std::string_view line, const server_options& limits) const;

  std::size_t begin_ = 0;
  std::size_t seen_ = 0;
  std::size_t line_ = 0;  ///< where the current line begins
  std::size_t lines_ = 0; ///< complete lines, the request line among them
};

/// Judges a header section that the parser could read.
refusal check_header(const header_fields& h, const server_options& limits);

/// Content-Length of a header section that was not refused; 0 without one.
uint64_t declared_length(const header_fields& h);

/// Says what is wrong with a header section that the parser could not read.
refusal unreadable_header(std::string_view raw);

/// The target in origin form (or `*`): an absolute one loses its scheme and authority. Nothing if
/// it is none of these or its authority is invalid.
std::optional<std::string> origin_form(std::string_view method, std::string_view target);

/// Whether `text` is a host with an optional port, as RFC 9110 7.2 wants it.
bool is_valid_host(std::string_view text);

/// Compares ASCII text regardless of case.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Refusals that are decided elsewhere.
inline constexpr refusal body_too_large{413, "body_too_large", "The body is larger than allowed."};
inline constexpr refusal malformed_body{400, "bad_request", "The chunked body is malformed."};
inline constexpr refusal request_timeout{408, "request_timeout",
                                         "The request did not arrive in time."};
inline constexpr refusal too_many_connections{503, "overloaded",
                                              "Too many connections. Try again."};
inline constexpr refusal too_many_bodies{503, "overloaded",
                                         "Too many large bodies are on their way. Try again."};
inline constexpr refusal too_many_streams{503, "overloaded", "Too many streams. Try again."};

} // namespace souk::http
