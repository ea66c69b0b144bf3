#include "actors/domain/login.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace souk::domain {

TEST_CASE("what may be a username", "[login]") {
  for (const auto* good : {"ada", "ada.l_o-v+e", "A1-", "..."}) {
    INFO(good);
    CHECK(is_username(good));
  }
  for (const auto* bad : {"", "ab", "a b", "ada\n", "adé", "<x>", "a/b", "o'hara@example.org"}) {
    INFO(bad);
    CHECK_FALSE(is_username(bad));
  }
  CHECK(is_username(std::string(64, 'a')));
  CHECK_FALSE(is_username(std::string(65, 'a')));
  CHECK_FALSE(is_username({"ada\0", 4}));
}

TEST_CASE("what may be an e-mail address", "[login]") {
  for (const auto* good : {"a@b.co", "first.last+tag@sub.example.org", "o'hara@example.org"}) {
    INFO(good);
    CHECK(is_email_address(good));
  }
  for (const auto* bad : {"", "a", "@b.co", "a@", "a@b", "a@@b.co", "a@b@c.co", "a b@c.co",
                          ".a@b.co", "a.@b.co", "a..b@c.co", "a@-b.co", "a@b-.co", "a@b..co",
                          "a@.co", "a@b.co.", "a@b.c o", "a@b.co\n", "é@b.co"}) {
    INFO(bad);
    CHECK_FALSE(is_email_address(bad));
  }
  const auto padded = [](size_t local, size_t last_label) { // three labels of 59 between
    std::string text(local, 'a');
    text += '@';
    for (int i = 0; i < 3; ++i)
      text.append(59, 'b').append(".");
    return text.append(last_label, 'c');
  };
  CHECK(is_email_address(padded(64, 2)));
  CHECK_FALSE(is_email_address(padded(65, 2)));
  CHECK(is_email_address(padded(10, 63))); // 254
  CHECK_FALSE(is_email_address(padded(11, 63)));
  CHECK_FALSE(is_email_address(padded(1, 64)));
}

} // namespace souk::domain
