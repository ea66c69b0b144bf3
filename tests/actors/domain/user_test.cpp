// Drives the roles' names and the folding of logins by plain calls,
// against fixed examples.
#include "actors/domain/user.hpp"

#include <catch2/catch.hpp>

using namespace souk::domain;

TEST_CASE("a role is written in capitals and read the same way") {
  CHECK(to_string(user_role::user) == "USER");
  CHECK(to_string(user_role::admin) == "ADMIN");
  CHECK(parse_user_role("USER") == user_role::user);
  CHECK(parse_user_role("ADMIN") == user_role::admin);
  CHECK_FALSE(parse_user_role("admin"));
  CHECK_FALSE(parse_user_role(""));
  CHECK_FALSE(parse_user_role("?"));
}

TEST_CASE("the stored numbers of the roles stay") {
  CHECK(static_cast<int>(user_role::user) == 0);
  CHECK(static_cast<int>(user_role::admin) == 1);
}

TEST_CASE("logins are compared without regard to ASCII case") {
  CHECK(fold_login("Alice@Example.COM") == "alice@example.com");
  CHECK(fold_login("AZaz@[`{09") == "azaz@[`{09");
  CHECK(fold_login("") == "");
}

TEST_CASE("letters beyond ASCII are kept as they are") {
  CHECK(fold_login("\xc3\x84nne") == "\xc3\x84nne");            // A with diaeresis
  CHECK(fold_login("\xe2\x84\xaa" "elvin") == "\xe2\x84\xaa" "elvin"); // the Kelvin sign is no k
  CHECK(fold_login("\xc4\xb0") == "\xc4\xb0");                  // capital I with dot
}
