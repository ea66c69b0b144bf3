// Certificates for tests: signed by themselves, for 127.0.0.1, made in a moment.
#pragma once

#include <filesystem>
#include <string>

namespace souk::tests {

/// Writes `name`.crt and `name`.key into a folder. Throws std::runtime_error.
struct certificate {
  /// `rsa`: with such a key, else with one on P-256.
  certificate(const std::filesystem::path& folder, const std::string& name, bool rsa = false);

  std::string file;     ///< of the certificate
  std::string key_file; ///< of its key
};

} // namespace souk::tests
