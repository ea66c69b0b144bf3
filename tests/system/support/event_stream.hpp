// A reader of text/event-stream that takes the chunks of the connection apart by itself.
#pragma once

#include "tests/system/support/client.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace souk::tests {

struct stream_event {
  std::string id;
  std::string kind; ///< the line `event:`
  json data;
};

/// One open stream. For one thread at a time.
class event_stream {
public:
  /// Sends the request and waits for the head of its answer; throws transport_error if none comes.
  event_stream(uint16_t port, const std::string& target, const header_list& headers);
  event_stream(const event_stream&) = delete;
  event_stream& operator=(const event_stream&) = delete;
  ~event_stream();

  /// Status and headers; no body.
  const answer& head() const { return head_; }

  /// The next event; nothing if the stream ends or none comes within `limit`.
  std::optional<stream_event> next(milliseconds limit = 10s);

  /// The next events, fewer if next() has no more.
  std::vector<stream_event> take(size_t count);

  /// Whether the server ends the stream, with its last chunk and no further event, within `limit`.
  bool ends(milliseconds limit = 10s);

private:
  using deadline = std::chrono::steady_clock::time_point;

  bool receive(deadline end);
  void read_head();
  void decode();
  std::optional<stream_event> take_event();

  int socket_ = -1;
  answer head_;
  std::string raw_;       ///< as it came, not decoded yet
  std::string text_;      ///< decoded, no whole event yet
  bool complete_ = false; ///< the last chunk was there
};

} // namespace souk::tests
