#include "actors/user/passwords.hpp"

#include <caf/all.hpp>
#include <crypt.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

namespace souk::actors {

namespace {

std::optional<std::string> make_hash(const std::string& password, const password_config& config) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), config.passes,
                            config.memory, crypto_pwhash_ALG_ARGON2ID13)
      != 0)
    return std::nullopt; // no memory
  return std::string{out.data()};
}

bool verify_bcrypt(const std::string& password, const std::string& hash) {
  auto work = std::make_unique<crypt_data>(); // too large for a stack
  const char* made = crypt_r(password.c_str(), hash.c_str(), work.get());
  const bool same = made != nullptr && std::string_view{made}.size() == hash.size()
                    && sodium_memcmp(made, hash.data(), hash.size()) == 0;
  sodium_memzero(work.get(), sizeof *work);
  return same;
}

bool is_bcrypt_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
         || c == '/';
}

} // namespace

bool is_bcrypt_hash(std::string_view hash) {
  constexpr size_t length = 60;
  if (hash.size() != length
      || (hash.substr(0, 4) != "$2a$" && hash.substr(0, 4) != "$2b$" && hash.substr(0, 4) != "$2y$")
      || hash[6] != '$')
    return false;
  const auto digit = [&](size_t i) {
    return hash[i] >= '0' && hash[i] <= '9' ? hash[i] - '0' : 99;
  };
  const int cost = 10 * digit(4) + digit(5);
  return cost >= 4 && cost <= max_bcrypt_cost
         && std::all_of(hash.begin() + 7, hash.end(), is_bcrypt_digit);
}

password_actor::behavior_type password_behavior(password_actor::pointer self,
                                                password_config config) {
  // What an unknown user's password is compared with, so that it takes as long.
  auto dummy = std::make_shared<std::string>(make_hash("nobody's password", config).value_or(""));
  return {
    [=](const hash_password& x) -> caf::result<std::string> {
      if (self->mailbox().size() > config.max_queue)
        return caf::make_error(ec::overloaded);
      if (auto hash = make_hash(x.password, config))
        return *hash;
      return caf::make_error(ec::overloaded);
    },
    [=](const verify_password& x) -> caf::result<password_verified> {
      if (self->mailbox().size() > config.max_queue)
        return caf::make_error(ec::overloaded);
      if (is_bcrypt_hash(x.hash)) {
        if (!verify_bcrypt(x.password, x.hash))
          return password_verified{};
        // Without memory the old hash stays: it is replaced another time.
        return password_verified{true, make_hash(x.password, config).value_or("")};
      }
      auto& hash = x.hash.empty() ? *dummy : x.hash;
      auto same = crypto_pwhash_str_verify(hash.c_str(), x.password.data(), x.password.size()) == 0;
      return password_verified{same && !x.hash.empty()};
    },
  };
}

} // namespace souk::actors
