#include "tests/http/server/certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace souk::tests {

namespace {

void check(bool good, const char* what) {
  if (!good)
    throw std::runtime_error{std::string{"cannot make a certificate: "} + what};
}

void add_extension(X509* to, int kind, const char* value) {
  const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> made{
    X509V3_EXT_conf_nid(nullptr, nullptr, kind, value), X509_EXTENSION_free};
  check(made && X509_add_ext(to, made.get(), -1) == 1, value);
}

template <class Write>
void write_file(const std::string& path, Write write) {
  const std::unique_ptr<FILE, int (*)(FILE*)> out{std::fopen(path.c_str(), "w"), std::fclose};
  check(out && write(out.get()) == 1, path.c_str());
}

} // namespace

certificate::certificate(const std::filesystem::path& folder, const std::string& name, bool rsa)
  : file{(folder / (name + ".crt")).string()}, key_file{(folder / (name + ".key")).string()} {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{
    rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"), EVP_PKEY_free};
  const std::unique_ptr<X509, void (*)(X509*)> x{X509_new(), X509_free};
  check(key && x, "no memory");
  X509_set_version(x.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(x.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x.get()), 24L * 3600);
  X509_set_pubkey(x.get(), key.get());
  auto* subject = X509_get_subject_name(x.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x.get(), subject);
  add_extension(x.get(), NID_subject_alt_name, "IP:127.0.0.1");
  add_extension(x.get(), NID_basic_constraints, "critical,CA:TRUE");
  check(X509_sign(x.get(), key.get(), EVP_sha256()) > 0, "no signature");
  write_file(file, [&](FILE* to) { return PEM_write_X509(to, x.get()); });
  write_file(key_file, [&](FILE* to) {
    return PEM_write_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

} // namespace souk::tests
