// An answer whose body comes bit by bit, such as server-sent events.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace souk::http {

/// The server's end of a stream: the connection that carries it.
class stream_carrier {
public:
  /// Sends on; may close the stream, never tells the application before it returns.
  virtual void carry(std::string_view bytes) = 0;

  /// The application has ended the stream.
  virtual void carry_end() = 0;

  /// The application let go of a stream that it had not ended. Any thread.
  virtual void abandoned() = 0;

protected:
  ~stream_carrier() = default;
};

/// The body of a streamed answer. The application makes it, answers with it (`response::stream`),
/// keeps it and writes to it; it may outlive connection and server. Used on the io thread of its
/// request; only its last owner may let go of it elsewhere. Whoever lets go of it without `end`
/// breaks the connection off, so that the client sees an incomplete answer as such.
class body_stream {
public:
  /// Bytes that may wait for a client to take them, besides those in the kernel; more ends the
  /// connection: a slow reader must not hold memory.
  static constexpr std::size_t max_backlog = 262'144;

  /// `over` is called once, unless `end` was: the client has gone or takes nothing, too much waits
  /// for it, there are too many streams, HEAD asked for no body, or the server ends. It comes on
  /// the io thread, never from inside a call of the application's, before the application is
  /// destroyed. Must not throw.
  explicit body_stream(std::function<void()> over = {}) : over_{std::move(over)} {}
  ~body_stream();
  body_stream(const body_stream&) = delete;
  body_stream& operator=(const body_stream&) = delete;

  /// Sends a piece at once, as one chunk; before the answer it is kept and sent with it. An empty
  /// piece is nothing. False: nobody reads any more.
  bool write(std::string_view bytes);

  /// Completes the answer; `over` is not called any more. May be called again.
  void end();

  /// Whether it makes sense to write.
  bool open() const { return open_; }

  /// What came before the answer.
  struct beginning {
    std::string bytes;
    bool ended = false;
    bool too_much = false; ///< more than `max_backlog`
  };

  /// For the server: from now on all goes to `to`.
  beginning attach(std::weak_ptr<stream_carrier> to);

  /// For the server: closes the stream; returns `over` if it is still to be called.
  std::function<void()> detach();

private:
  std::function<void()> over_;
  std::weak_ptr<stream_carrier> carrier_;
  beginning early_;
  bool attached_ = false;
  bool open_ = true;
};

} // namespace souk::http
