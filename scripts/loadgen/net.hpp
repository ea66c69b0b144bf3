// Addresses, the head of an HTTP answer, and a plain blocking client for what precedes the load.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace souk::loadgen {

/// What stops the program, as one line for the user.
struct failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Where the requests go, resolved once.
struct endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
  std::string host;      ///< the Host header's value
  bool loopback = false; ///< 127.0.0.0/8 or ::1
};

/// Resolves `http://host[:port]`; throws `failure`.
endpoint resolve(const std::string& target);

/// The parts of an answer's head that a load test needs. Views point into the parsed bytes.
struct answer_head {
  unsigned status = 0;
  size_t size = 0; ///< bytes of the head with its empty line
  uint64_t content_length = 0;
  bool close = false;        ///< the server will close the connection
  std::string_view location; ///< empty: none
  std::string_view link;
};

enum class head_state : uint8_t {
  complete,
  incomplete,
  unusable, ///< not HTTP/1.x, or a body that is neither absent nor announced by Content-Length
};

head_state parse_head(std::string_view bytes, answer_head& out);

/// A socket that does not block and does not wait to send (TCP_NODELAY), on its way to being
/// connected; -1 with errno set if that failed at once.
int start_connect(const endpoint& to);

struct answer {
  unsigned status = 0;
  std::string body;
  std::string link;
};

/// One keep-alive connection, one request after the other, each within ten seconds. Throws
/// `failure`.
class blocking_client {
public:
  explicit blocking_client(const endpoint& to) : to_{to} {}
  ~blocking_client();
  blocking_client(const blocking_client&) = delete;
  blocking_client& operator=(const blocking_client&) = delete;

  /// `headers` are whole lines, each with its CRLF.
  answer send(std::string_view method, std::string_view path, std::string_view headers = {},
              std::string_view body = {});

private:
  void connect();
  void disconnect();

  endpoint to_;
  int fd_ = -1;
};

} // namespace souk::loadgen
