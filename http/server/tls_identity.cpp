#include "http/server/tls_identity.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>

#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace souk::http {
namespace {

[[noreturn]] void fail(const std::string& what) {
  const auto code = ERR_peek_error(); // the first: those after it only say where it was noticed
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code))
    throw std::runtime_error(what + ": " + std::generic_category().message(ERR_GET_REASON(code)));
  throw std::runtime_error(what + ": " + (reason ? reason : "not in PEM"));
}

/// Of what a client offers, HTTP/1.1 or nothing.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned in_size, void*) {
  static constexpr std::string_view ours = "http/1.1";
  for (unsigned i = 0; i < in_size; i += 1U + in[i])
    if (i + 1U + in[i] <= in_size
        && std::string_view{reinterpret_cast<const char*>(in + i + 1), in[i]} == ours) {
      *out = in + i + 1;
      *out_size = in[i];
      return SSL_TLSEXT_ERR_OK;
    }
  return SSL_TLSEXT_ERR_NOACK;
}

std::shared_ptr<SSL_CTX> read(const std::string& certificate, const std::string& key) {
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> out{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  if (!out)
    fail("OpenSSL does not start");
  auto* x = out.get();
  SSL_CTX_set_min_proto_version(x, TLS1_2_VERSION); // RFC 8996: no older ones
  SSL_CTX_set_options(x, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // A piece of an answer may be taken, from a buffer that has moved; idle connections hold none.
  SSL_CTX_set_mode(x, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                        | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(x, SSL_SESS_CACHE_OFF); // clients keep tickets instead
  SSL_CTX_set_alpn_select_cb(x, choose_protocol, nullptr);
  // A key that asks for a passphrase would ask the terminal.
  SSL_CTX_set_default_passwd_cb(x, [](char*, int, int, void*) { return 0; });
  if (SSL_CTX_use_certificate_chain_file(x, certificate.c_str()) != 1)
    fail("cannot use the certificate in " + certificate);
  if (SSL_CTX_use_PrivateKey_file(x, key.c_str(), SSL_FILETYPE_PEM) != 1)
    fail("cannot use the key in " + key);
  if (SSL_CTX_check_private_key(x) != 1) // one of another type is not compared before
    fail("the key in " + key + " is not that of the certificate in " + certificate);
  return out;
}

} // namespace

tls_identity::tls_identity(std::string certificate, std::string key)
  : certificate_{std::move(certificate)}, key_{std::move(key)}, current_{read(certificate_, key_)} {
  ::signal(SIGPIPE, SIG_IGN);
}

void tls_identity::reload() {
  auto fresh = read(certificate_, key_);
  const std::lock_guard guard{mutex_};
  current_ = std::move(fresh);
}

std::shared_ptr<SSL_CTX> tls_identity::current() const {
  const std::lock_guard guard{mutex_};
  return current_;
}

} // namespace souk::http
