// One connection.
#pragma once

#include "http/server/body_budget.hpp"
#include "http/server/exchange.hpp"
#include "http/server/framing.hpp"
#include "http/server/message_parser.hpp"
#include "http/server/transport.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace souk::http {

class worker;

/// Reads requests and writes their answers, strictly one after the other: while one is with the
/// application nothing is read, so pipelined requests wait in the buffer or in the kernel, and
/// memory is bounded. While an answer is streamed, a little is read to see whether the client is
/// still there. Lives on its worker's thread; the worker and the operations under way share
/// it. Only replies may come from elsewhere, and are handed over.
class session final : public std::enable_shared_from_this<session>, public stream_carrier {
public:
  using clock = std::chrono::steady_clock;

  /// `slot` is the session's place in the worker's table, which the worker keeps up to date.
  session(tcp_socket&& socket, worker& home, std::size_t slot);

  /// Begins to read, where TLS is spoken after the handshake.
  void start();

  /// Says 503 and closes: one connection too many. Closes at once where that would cost a
  /// handshake.
  void turn_away();

  /// Called by the worker's sweep: acts on a deadline that has passed.
  void expire(clock::time_point now);

  /// Closes now if no request has begun, else after its answer; a stream is completed.
  void drain();

  /// Closes at once. The worker forgets the session.
  void close();

  /// Called by the worker's stages: gives the application the request; gives the client its answer.
  void ask();
  void send_answer();

  /// Whether the application has a request of it.
  bool is_waiting() const { return phase_ == phase::at_work; }

  void carry(std::string_view bytes) override;
  void carry_end() override;
  void abandoned() override;

  std::size_t slot;

private:
  /// Buffers that grew beyond are given back.
  static constexpr std::size_t kept_capacity = 16'384;

  enum class phase : uint8_t {
    idle,      ///< no byte of a request is there
    header,    ///< some are
    body,      ///< the header section is accepted
    at_work,   ///< the application has it, or is about to, or has just answered it
    writing,   ///< the peer has not taken the whole answer yet
    streaming, ///< the answer is a stream, not ended or not taken yet
    lingering, ///< the last answer is out; what comes is thrown away until the peer closes
    closed,
  };

  void begin();
  void shaken_hands(const boost::system::error_code& ec);
  std::string_view buffered() const;
  void read();
  void on_read(const boost::system::error_code& ec, std::size_t n);

  /// Takes as many steps as the buffered bytes allow, then reads on.
  void advance();
  /// One step each; true if another may follow.
  bool take_header();
  bool accept_header(std::string_view raw);
  bool take_body();
  bool send_continue();

  // From the request's end to the answer's, in session_answer.cpp.
  void hand_over();
  void answer(response&& r);
  void refuse(const refusal& why);
  response make_refusal(const refusal& why) const;
  /// Writes the response; with `last` nothing follows it.
  void write(const response& r, bool last);
  /// Its header, and its body unless it is a stream; `last_` says what follows.
  void append_answer(std::string& out, const response& r);
  void written();
  void linger();

  // Streams, in session_stream.cpp.
  void begin_stream(const response& r);
  void append_piece(std::string_view bytes);
  /// Gives the socket what it takes, then waits for it or, at the stream's end, goes on.
  void pump();
  void pump_later(bool progress);
  /// Notices a client that goes.
  void watch();
  void on_watch();
  void drain_stream();
  void tell_over();
  void stream_done();
  void leave_stream();

  void await(phase next, std::chrono::milliseconds limit);

  transport io_;
  worker& home_;
  body_share held_; ///< of the body that is being read
  boost::beast::flat_buffer in_;
  std::string
    out_; ///< of an answer, what the socket has not taken yet; of a stream, all that waits
  std::size_t sent_ = 0; ///< of `out_`, in a stream
  std::weak_ptr<body_stream> stream_;
  header_scan scan_;
  std::optional<message_parser> parser_; ///< of the body: empty between requests
  request request_;
  response answer_; ///< between `answer` and `send_answer`
  std::string peer_;
  std::string request_id_; ///< of the request at work
  std::string origin_;     ///< of the page that asks; empty: none, or not read
  uint64_t declared_ = 0;  ///< Content-Length of the request that is being read
  clock::time_point deadline_ = clock::time_point::max();
  phase phase_ = phase::idle;
  bool reading_ = false;
  bool advancing_ = false;
  bool blocked_ = false; ///< a stream waits for the socket to take more
  bool stream_ended_ = false;
  bool head_ = false; ///< the request is a HEAD
  bool http10_ = false;
  bool keep_alive_ = false; ///< the client would go on
  bool last_ = false;       ///< the answer being written is the connection's last
};

} // namespace souk::http
