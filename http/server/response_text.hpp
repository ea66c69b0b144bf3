// Responses as bytes.
#pragma once

#include "http/server/exchange.hpp"

#include <ctime>
#include <string>
#include <string_view>

namespace souk::http {

/// What the connection adds to a response.
struct response_frame {
  std::string_view date; ///< from `date_text`
  std::string_view request_id;
  bool head = false;           ///< answers HEAD: all headers, no body
  bool close = false;          ///< nothing follows on this connection
  bool say_keep_alive = false; ///< for HTTP/1.0, which closes unless told otherwise
};

/// Appends status line, headers and body. A header whose name or value could break out of its line
/// is left out.
void append_response(std::string& out, const response& r, const response_frame& frame);

/// The Date header's value, made once a second. Not thread-safe: each io thread has its own.
class date_text {
public:
  std::string_view now();

private:
  std::time_t second_ = -1;
  std::string text_;
};

} // namespace souk::http
