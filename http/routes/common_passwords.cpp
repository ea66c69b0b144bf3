#include "http/routes/common_passwords.hpp"

#include "actors/domain/user.hpp"

#include <string>
#include <unordered_set>

namespace souk::http {
namespace {

constexpr std::string_view listed[] = {
#include "generated/common_passwords.inc"
};

} // namespace

bool is_common_password(std::string_view password) {
  static const std::unordered_set<std::string_view> common{std::begin(listed), std::end(listed)};
  return common.count(password) > 0 || common.count(domain::fold_login(password)) > 0;
}

} // namespace souk::http
