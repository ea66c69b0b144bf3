// What the external catalog's tests share: an HTTP server on 127.0.0.1 that answers as it was told.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace souk::external::test {

/// A response with a body.
std::string response(const std::string& status, const std::string& body);

std::string redirect_to(const std::string& url);

/// One thread, one connection and one request at a time. Listens until it is destroyed.
class source_server {
public:
  source_server();
  ~source_server();
  source_server(const source_server&) = delete;
  source_server& operator=(const source_server&) = delete;

  /// Says what a target is answered with, byte by byte; empty: nothing until the client gives up.
  /// Other targets are 404.
  void answer(const std::string& target, std::string bytes);

  /// The targets asked for so far.
  std::vector<std::string> asked() const;

  uint16_t port() const { return port_; }

  /// `http://127.0.0.1:port` and a path; or by another name of this machine.
  std::string url(const std::string& path = {}, const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port_) + path;
  }

private:
  void serve();
  void talk(int client);

  int listener_ = -1;
  uint16_t port_ = 0;
  mutable std::mutex guard_;
  std::map<std::string, std::string> answers_;
  std::vector<std::string> asked_;
  std::thread thread_;
};

} // namespace souk::external::test
