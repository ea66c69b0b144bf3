// The certificate and key with which this server shows itself.
#pragma once

#include <memory>
#include <mutex>
#include <string>

struct ssl_ctx_st; // OpenSSL's, which stays in the .cpp files

namespace souk::http {

/// Files in PEM, read when this object is made and again by `reload`. Any thread.
class tls_identity {
public:
  /// `certificate`: the server's, followed by those that lead to a root. Throws std::runtime_error
  /// with one line that names the file. The process ignores SIGPIPE from then on, because OpenSSL
  /// writes to sockets that the other end may have closed.
  tls_identity(std::string certificate, std::string key);

  /// Reads both files again, for the connections that come. Throws as the constructor; what was
  /// read before stays in use then.
  void reload();

  /// What a new connection is made from; it keeps it.
  std::shared_ptr<ssl_ctx_st> current() const;

private:
  const std::string certificate_;
  const std::string key_;
  mutable std::mutex mutex_;
  std::shared_ptr<ssl_ctx_st> current_;
};

} // namespace souk::http
