// JSON Web Tokens taken apart and put together again, to try what a server must refuse.
#pragma once

#include "tests/system/support/client.hpp"

#include <string>

namespace souk::tests {

struct token_parts {
  json header;
  json claims;
  std::string signature; ///< as it stands in the token
};

token_parts read_token(const std::string& token);

/// A token of these parts, signed with `secret` as its header's `alg` (HS256, HS512, none) says.
std::string sign_token(const json& header, const json& claims, const std::string& secret);

/// The two parts that are signed.
std::string unsigned_token(const json& header, const json& claims);

/// HMAC-SHA256 in lower-case hexadecimal digits, as in `X-Payment-Signature`.
std::string hex_signature(const std::string& text, const std::string& secret);

} // namespace souk::tests
