// Tokens: JSON Web Tokens (RFC 7519), signed with HS256 only. Knows neither CAF nor Beast.
#pragma once

#include "actors/domain/user.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace souk::http {

/// The shortest secret: as long as the hash (RFC 7518, 3.2).
inline constexpr size_t min_secret_bytes = 32;

struct token_rules {
  std::string secret; ///< at least min_secret_bytes; with less nothing is signed or accepted
  std::string issuer = "souk";
  std::string audience = "souk";
  std::chrono::seconds lifetime{1800};
};

/// What a verified token says.
struct claims {
  domain::uuid user_id;
  domain::user_role role = domain::user_role::user;
  std::string username;
  std::string email;     ///< empty: none
  std::string token_id;  ///< `jti`: `<session>.<issued, ms since 1970, base 36>.<random>`
  int64_t issued_at = 0; ///< seconds since 1970, as the next
  int64_t expires_at = 0;
  std::string session = {}; ///< to which it belongs, of `jti` as the next
  int64_t issued_at_ms = 0;
};

/// A token for a user and a session (16 hexadecimal digits), valid from `now_ms` (milliseconds
/// since 1970); empty if it cannot be made.
std::string sign_token(const token_rules& rules, const domain::user& who, std::string_view session,
                       int64_t now_ms);

/// What a token says if it is one of ours, of type JWT, signed with HS256, made for us and valid
/// at `now`; clocks may differ by a minute for `iat` and `nbf`, not for `exp`.
std::optional<claims> verify_token(const token_rules& rules, std::string_view token, int64_t now);

/// The token of an `Authorization: Bearer ...` header, the scheme in any case; empty: none.
std::string_view bearer_token(std::string_view header);

/// Remembers verified tokens until they expire, because every request brings one. At most `bound`
/// of them: the older half is dropped when the newer half is full. One per io thread, not
/// thread-safe.
class token_cache {
public:
  token_cache(token_rules rules, size_t bound) : rules_{std::move(rules)}, half_{bound / 2 + 1} {}

  /// Like verify_token; valid until the next call. Only valid tokens take up space.
  const claims* verify(std::string_view token, int64_t now);

  const token_rules& rules() const { return rules_; }
  size_t size() const { return young_.size() + old_.size(); }

private:
  struct hash {
    using is_transparent = void;
    /// Of the end alone, which is the signature's: as good as random, and no one can choose it.
    size_t operator()(std::string_view x) const {
      return std::hash<std::string_view>{}(x.substr(x.size() - std::min<size_t>(x.size(), 16)));
    }
  };
  using map = std::unordered_map<std::string, claims, hash, std::equal_to<>>;

  token_rules rules_;
  size_t half_;
  map young_;
  map old_;
};

} // namespace souk::http
