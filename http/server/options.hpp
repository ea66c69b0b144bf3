// What an operator can set of the server.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace souk::http {

class tls_identity;

struct server_options {
  std::vector<std::string> addresses{"127.0.0.1"}; ///< IP addresses; each listens on each port
  std::vector<uint16_t> ports{8080};               ///< 0: any free port
  uint32_t threads = 1;                            ///< io threads, at least one
  uint32_t max_connections = 10'000;               ///< more are closed, without TLS after a 503
  uint32_t max_streams = 1'000;                    ///< at once; more are answered 503
  uint64_t max_body = 1'048'576;                   ///< bytes, after de-chunking; more is 413
  uint64_t max_bodies = 67'108'864; ///< bytes, of large bodies that a thread is reading, and at
                                    ///< least one of the largest; more is 503
  uint32_t max_header = 16'384; ///< bytes with the request line; more is 431
  uint32_t max_target = 8'000;  ///< bytes; more is 414
  uint32_t max_fields = 100;    ///< header fields; more is 431
  std::chrono::milliseconds header_timeout{
    10'000}; ///< from the first byte to the last header; a handshake
  std::chrono::milliseconds body_timeout{30'000};  ///< from the last header to the last byte
  std::chrono::milliseconds idle_timeout{60'000};  ///< between two requests
  std::chrono::milliseconds write_timeout{30'000}; ///< for one answer, until the peer took it; in
                                                   ///< a stream, for any progress
  std::chrono::milliseconds linger_timeout{2'000}; ///< after our last byte, for the peer to close
  std::shared_ptr<tls_identity> tls = {};          ///< null: plain HTTP
};

} // namespace souk::http
