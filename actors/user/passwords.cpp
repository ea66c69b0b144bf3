#include "actors/user/passwords.hpp"

#include <caf/all.hpp>
#include <sodium.h>

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

} // namespace

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
    [=](const verify_password& x) -> caf::result<bool> {
      if (self->mailbox().size() > config.max_queue)
        return caf::make_error(ec::overloaded);
      auto& hash = x.hash.empty() ? *dummy : x.hash;
      auto same = crypto_pwhash_str_verify(hash.c_str(), x.password.data(), x.password.size()) == 0;
      return same && !x.hash.empty();
    },
  };
}

} // namespace souk::actors
