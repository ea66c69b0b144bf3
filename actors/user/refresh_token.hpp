// Tokens that a user keeps for long, or gets by mail: made, written, read and compared. Needs
// libsodium only.
#pragma once

#include "actors/domain/uuid.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace souk::actors {

/// `<user id, 32 hexadecimal digits>.<session id, 16>.<secret, 43 of base64url>`. The first two
/// parts lead to whom it belongs; only a hash of the third is stored.
struct refresh_token {
  domain::uuid user;
  std::string session;
  std::string secret;
};

std::string to_string(const refresh_token& x);
std::optional<refresh_token> parse_refresh_token(std::string_view text);

/// `<user id>.<secret>`, as it is mailed.
struct reset_token {
  domain::uuid user;
  std::string secret;
};

std::string to_string(const reset_token& x);
std::optional<reset_token> parse_reset_token(std::string_view text);

/// 64 random bits as 16 hexadecimal digits.
std::string make_session_id();

/// 256 random bits as 43 characters of base64url.
std::string make_token_secret();

/// What is stored of a secret: BLAKE2b-256 as 64 hexadecimal digits. Not a slow hash: nobody
/// guesses 256 random bits.
std::string hash_token_secret(std::string_view secret);

/// Whether a secret has this hash, in a time that does not depend on the answer.
bool token_matches(std::string_view secret, std::string_view hash);

} // namespace souk::actors
