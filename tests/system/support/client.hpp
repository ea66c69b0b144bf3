// A small blocking HTTP client. Every call ends by a deadline.
#pragma once

#include "tests/system/support/waiting.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::tests {

using json = nlohmann::json;
using header_list = std::vector<std::pair<std::string, std::string>>;

/// No answer came: nobody listens, the connection was lost, or the time was up.
struct transport_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct answer {
  unsigned status = 0;
  std::string body;
  header_list headers;

  bool has(std::string_view header) const;
  std::string header(std::string_view name) const; ///< the first one's value; empty: none
  json as_json() const;                            ///< throws json::parse_error
  std::string code() const;                        ///< a problem's `code`; empty: none
};

/// One connection, kept alive, opened when it is needed. For one thread at a time.
class client {
public:
  /// `token` goes with every request unless a request brings its own Authorization.
  explicit client(uint16_t port, std::string token = {}, milliseconds limit = 30s);
  client(client&&) noexcept;
  client& operator=(client&&) noexcept;
  ~client();

  answer get(const std::string& target, const header_list& headers = {});
  answer head(const std::string& target, const header_list& headers = {});
  answer post(const std::string& target, const json& body, const header_list& headers = {});
  answer put(const std::string& target, const json& body, const header_list& headers = {});
  answer patch(const std::string& target, const json& body, const header_list& headers = {});
  answer remove(const std::string& target, const header_list& headers = {}); ///< DELETE

  /// Any request. A body goes with `Content-Type: application/json` unless `headers` say otherwise.
  /// Never sends a request twice; throws transport_error.
  answer send(const std::string& method, const std::string& target, const std::string& body = {},
              const header_list& headers = {});

private:
  struct connection;

  uint16_t port_;
  std::string token_;
  milliseconds limit_;
  std::unique_ptr<connection> connection_;
};

/// Sends bytes on a connection of their own and returns what comes back until the server closes it
/// or `limit` is over.
std::string exchange_bytes(uint16_t port, std::string_view bytes, milliseconds limit = 10s);

/// The target of the answer's `Link: <...>; rel="next"`, without scheme and host; empty: none.
std::string next_page(const answer& page);

/// A port of 127.0.0.1 on which nobody listened a moment ago.
uint16_t free_port();

/// Holds a port: whoever else wants it gets "address in use".
class taken_port {
public:
  taken_port();
  taken_port(const taken_port&) = delete;
  taken_port& operator=(const taken_port&) = delete;
  ~taken_port();

  uint16_t number() const { return number_; }

private:
  int socket_ = -1;
  uint16_t number_ = 0;
};

} // namespace souk::tests
