#include "http/routes/auth.hpp"

#include "http/server/framing.hpp"

#include <jwt.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>

namespace souk::http {
namespace {

constexpr size_t max_token_bytes = 8192;
constexpr int64_t clock_skew = 60; // seconds

struct free_jwt {
  void operator()(jwt_t* x) const { jwt_free(x); }
};
using jwt_ptr = std::unique_ptr<jwt_t, free_jwt>;

std::string random_id() {
  static const int ready = sodium_init();
  std::array<unsigned char, 16> bytes{};
  std::array<char, 33> text{};
  if (ready < 0)
    return {};
  randombytes_buf(bytes.data(), bytes.size());
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  return text.data();
}

/// `<session>.<time>.<random>`: what a revocation needs to know of a token.
std::string make_token_id(std::string_view session, int64_t now_ms) {
  std::array<char, 16> time{};
  auto* end = std::to_chars(time.data(), time.data() + time.size(), now_ms, 36).ptr;
  const auto random = random_id();
  if (random.empty())
    return {};
  return std::string{session}.append(".").append(time.data(), end).append(".").append(random);
}

/// Fills session and time; false if the id is none of ours.
bool read_token_id(claims& x) {
  const std::string_view id = x.token_id;
  const auto first = id.find('.');
  const auto second = first == id.npos ? id.npos : id.find('.', first + 1);
  if (first == 0 || second == id.npos || second + 1 == id.size())
    return false;
  x.session = id.substr(0, first);
  const auto* end = id.data() + second;
  const auto read = std::from_chars(id.data() + first + 1, end, x.issued_at_ms, 36);
  return read.ec == std::errc{} && read.ptr == end && x.issued_at_ms > 0;
}

bool usable(const token_rules& rules) {
  return rules.secret.size() >= min_secret_bytes;
}

const unsigned char* key_of(const token_rules& rules) {
  return reinterpret_cast<const unsigned char*>(rules.secret.data());
}

std::optional<std::string> text_claim(jwt_t* jwt, const char* name) {
  const char* value = jwt_get_grant(jwt, name);
  return value ? std::optional<std::string>{value} : std::nullopt;
}

/// A time; nothing if there is none, 0 if it is no integer (libjwt's way to say so).
std::optional<int64_t> time_claim(jwt_t* jwt, const char* name) {
  errno = 0;
  const auto value = jwt_get_grant_int(jwt, name);
  return errno == 0 ? std::optional<int64_t>{value} : std::nullopt;
}

/// Whether the token is of our kind: this algorithm, this type, from us, for us.
bool is_ours(jwt_t* jwt, const token_rules& rules) {
  const char* type = jwt_get_header(jwt, "typ");
  // RFC 7515, 4.1.11: who does not know what is critical must refuse. We know of nothing that is.
  const std::unique_ptr<char, decltype(&std::free)> critical{jwt_get_headers_json(jwt, "crit"),
                                                             &std::free};
  return !critical && jwt_get_alg(jwt) == JWT_ALG_HS256 && type && equal_ignoring_case(type, "JWT")
         && text_claim(jwt, "iss") == rules.issuer && text_claim(jwt, "aud") == rules.audience;
}

bool is_timely(jwt_t* jwt, const claims& x, int64_t now) {
  const auto not_before = time_claim(jwt, "nbf").value_or(1);
  return not_before > 0 && not_before <= now + clock_skew && x.issued_at > 0
         && x.issued_at <= now + clock_skew && x.expires_at > x.issued_at && x.expires_at > now;
}

} // namespace

std::string sign_token(const token_rules& rules, const domain::user& who, std::string_view session,
                       int64_t now_ms) {
  const auto now = now_ms / 1000;
  jwt_t* raw = nullptr;
  if (!usable(rules) || jwt_new(&raw) != 0)
    return {};
  const jwt_ptr jwt{raw};
  const auto user_id = domain::to_string(who.id);
  const auto id = make_token_id(session, now_ms);
  const std::string role{domain::to_string(who.role)};
  const auto text = [&](const char* name, const std::string& value) {
    return jwt_add_grant(raw, name, value.c_str()) == 0;
  };
  const auto number = [&](const char* name, int64_t value) {
    return jwt_add_grant_int(raw, name, value) == 0;
  };
  const bool made =
    !id.empty() && text("iss", rules.issuer) && text("aud", rules.audience) && text("sub", user_id)
    && text("user_id", user_id) && text("jti", id) && text("role", role)
    && text("username", who.username) && text("email", who.email) && number("iat", now)
    && number("exp", now + rules.lifetime.count())
    && jwt_set_alg(raw, JWT_ALG_HS256, key_of(rules), static_cast<int>(rules.secret.size())) == 0;
  char* encoded = made ? jwt_encode_str(raw) : nullptr;
  const std::string out = encoded ? encoded : "";
  std::free(encoded);
  return out;
}

std::optional<claims> verify_token(const token_rules& rules, std::string_view token, int64_t now) {
  jwt_t* raw = nullptr;
  if (!usable(rules) || token.size() > max_token_bytes
      || token.find('\0') != std::string_view::npos)
    return std::nullopt;
  if (jwt_decode(&raw, std::string{token}.c_str(), key_of(rules),
                 static_cast<int>(rules.secret.size()))
      != 0)
    return std::nullopt;
  const jwt_ptr jwt{raw};
  if (!is_ours(raw, rules))
    return std::nullopt;
  const auto subject = text_claim(raw, "sub");
  const auto user_id = domain::parse_uuid(subject.value_or(""));
  const auto role = domain::parse_user_role(text_claim(raw, "role").value_or(""));
  const auto issued = time_claim(raw, "iat");
  const auto expires = time_claim(raw, "exp");
  auto username = text_claim(raw, "username");
  auto token_id = text_claim(raw, "jti");
  if (!user_id || user_id->nil() || !role || !issued || !expires || !username || !token_id
      || text_claim(raw, "user_id") != subject)
    return std::nullopt;
  claims out{*user_id,
             *role,
             std::move(*username),
             text_claim(raw, "email").value_or(""),
             std::move(*token_id),
             *issued,
             *expires,
             {},
             0};
  return read_token_id(out) && is_timely(raw, out, now) ? std::optional{std::move(out)}
                                                        : std::nullopt;
}

std::string_view bearer_token(std::string_view header) {
  constexpr std::string_view scheme = "bearer ";
  if (header.size() < scheme.size() || !equal_ignoring_case(header.substr(0, 7), scheme))
    return {};
  header.remove_prefix(scheme.size());
  const auto start = std::min(header.find_first_not_of(' '), header.size());
  header.remove_prefix(start);
  return header.substr(0, header.find_last_not_of(" \t") + 1);
}

const claims* token_cache::verify(std::string_view token, int64_t now) {
  for (auto* kept : {&young_, &old_})
    if (const auto at = kept->find(token); at != kept->end())
      return at->second.expires_at > now ? &at->second : nullptr;
  auto checked = verify_token(rules_, token, now);
  if (!checked)
    return nullptr;
  if (young_.size() >= half_) {
    old_ = std::move(young_);
    young_.clear();
  }
  return &young_.emplace(std::string{token}, std::move(*checked)).first->second;
}

} // namespace souk::http
