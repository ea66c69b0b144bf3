// Responses as bytes.
#pragma once

#include "http/server/exchange.hpp"
#include "http/server/framing.hpp"

#include <ctime>
#include <string>
#include <string_view>

namespace souk::http {

/// What the connection adds to a response.
struct response_frame {
  std::string_view date; ///< from `date_text`
  std::string_view request_id;
  bool head = false;   ///< answers HEAD: all headers, no body
  bool close = false;  ///< nothing follows on this connection
  bool http10 = false; ///< the client closes unless told otherwise, and knows no chunks
};

/// Whether an answer of this status has neither a body nor a length.
constexpr bool bodiless(unsigned status) {
  return status == 204 || status == 304 || status < 200;
}

/// The answer to a request that the server itself refuses.
response refusal_response(const refusal& why, std::string_view request_id);

/// Appends status line, headers and body; of a stream, the headers only. A header whose name or
/// value could break out of its line is left out.
void append_response(std::string& out, const response& r, const response_frame& frame);

/// Appends a piece of a stream, which must not be empty.
void append_chunk(std::string& out, std::string_view bytes);

/// Ends a stream of chunks.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// The Date header's value, made once a second. Not thread-safe: each io thread has its own.
class date_text {
public:
  std::string_view now();

private:
  std::time_t second_ = -1;
  std::string text_;
};

} // namespace souk::http
