// Drives the words of the catalog's search with plain calls, against the words that people type.
#include "actors/domain/words.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using namespace souk::domain;
using words = std::vector<std::string>;

namespace {

/// Whether a product with this text is found by this search.
bool finds(std::string_view search, std::string_view text) {
  auto stored = stored_words(text);
  auto wanted = searched_words(search);
  return !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), [&](auto& w) {
    return std::find(stored.begin(), stored.end(), w) != stored.end();
  });
}

} // namespace

TEST_CASE("words are letters and digits, folded, each once") {
  CHECK(stored_words("Oak desk, OAK 120x60") == words{"120x60", "desk", "oak"});
  CHECK(stored_words("").empty());
  CHECK(searched_words(" -- !? ").empty());
  CHECK(stored_words("don't") == words{"dont"});
  CHECK(stored_words("don\xe2\x80\x99t caf\xc3\xa9") == words{"cafe", "dont"});
  CHECK(finds("don\xe2\x80\x99t", "DON'T"));
}

TEST_CASE("plain and other text is cut alike") {
  for (auto* text : {"Oak desk 3.5", "wi-fi", "a'b 'c' d''e", "zebra Zz9", "x_y/z"}) {
    auto plain = stored_words(text);
    auto other = stored_words(std::string{text} + " \xc3\xbc"); // a last word `u`
    other.erase(std::find(other.begin(), other.end(), "u"));
    CHECK(plain == other);
  }
}

TEST_CASE("accents do not matter, whoever leaves them out") {
  CHECK(finds("cafe", "Caf\xc3\xa9 table"));
  CHECK(finds("caf\xc3\xa9", "cafe table"));
  CHECK(finds("cafe\xcc\x81", "caf\xc3\xa9")); // e and a combining accent
  CHECK(finds("strasse", "Stra\xc3\x9f"
                         "e"));
  CHECK(finds("lodz", "\xc5\x81\xc3\xb3"
                      "d\xc5\xba"));
  CHECK(
    finds("\xce\xbf\xce\xb4\xce\xbf\xcf\x83", "\xce\x9f\xce\x94\xce\x9f\xce\xa3")); // final sigma
  CHECK(finds("desk", "\xef\xbc\xa4\xef\xbc\xa5\xef\xbc\xb3\xef\xbc\xab"));         // full width
  CHECK_FALSE(finds("caf", "caf\xc3\xa9"));
}

TEST_CASE("text without spaces is found by what stands together") {
  const std::string text =
    "\xe6\x9c\xa8\xe8\xa3\xbd\xe3\x81\xae\xe5\xad\xa6\xe4\xb9\xa0\xe6\x9c\xba";
  CHECK(finds("\xe5\xad\xa6\xe4\xb9\xa0\xe6\x9c\xba", text)); // the last three
  CHECK(finds("\xe6\x9c\xba", text));                         // one alone
  CHECK_FALSE(finds("\xe5\xad\xa6\xe6\x9c\xba", text));       // not neighbours
  CHECK(searched_words("\xe5\xad\xa6\xe4\xb9\xa0\xe6\x9c\xba").size() == 2);
  CHECK(stored_words("\xe5\xad\xa6\xe4\xb9\xa0\xe6\x9c\xba").size() == 5);
  // Thai, vowel signs included; katakana with its long sound, half width too.
  CHECK(finds("\xe0\xb9\x82\xe0\xb8\x95\xe0\xb9\x8a\xe0\xb8\xb0",
              "\xe0\xb8\x8b\xe0\xb8\xb7\xe0\xb9\x89\xe0\xb8\xad"
              "\xe0\xb9\x82\xe0\xb8\x95\xe0\xb9\x8a\xe0\xb8\xb0"));
  CHECK(finds("\xef\xbe\x83\xef\xbd\xb0", "\xe3\x83\x86\xe3\x83\xbc\xe3\x83\x96\xe3\x83\xab"));
  // Beside Latin words.
  CHECK(finds("lamp \xe5\xad\xa6\xe4\xb9\xa0", "LAMP\xe5\xad\xa6\xe4\xb9\xa0"));
}

TEST_CASE("a lexeme is ASCII letters and digits, and different words stay different") {
  for (auto& w : stored_words("zebra z7a \xd0\xbc\xd0\xb8\xd1\x80 \xe6\x9c\xba"))
    CHECK(std::all_of(w.begin(), w.end(),
                      [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }));
  CHECK(stored_words("z") == words{"z7a"});
  CHECK_FALSE(finds("z", "z7a"));
  CHECK_FALSE(finds("zd0zbc", "\xd0\xbc"));
}

TEST_CASE("words are bounded in number and length") {
  std::string many;
  std::string han;
  for (int i = 0; i < 5000; ++i)
    many += std::to_string(i) + " ";
  CHECK(stored_words(many).size() == max_stored_words);
  CHECK(stored_words(many + "\xc3\xa9").size() == max_stored_words);
  CHECK(searched_words(many).size() == max_searched_words);
  CHECK(stored_words(std::string(5000, 'a')) == words{std::string(64, 'a')});
  CHECK(finds(std::string(5000, 'a'), std::string(70, 'a')));
  CHECK(stored_words("\xff\xfe broken").size() == 1); // no UTF-8
}

TEST_CASE("the sort key has no case, no accents and at most 40 characters") {
  CHECK(sort_key("Desk") == "desk");
  CHECK(sort_key("\xc3\x89"
                 "cole")
        == "ecole");
  CHECK(sort_key(std::string(100, 'A')) == std::string(40, 'a'));
  std::string long_name;
  for (int i = 0; i < 100; ++i)
    long_name += "\xe6\x9c\xba";
  CHECK(sort_key(long_name).size() == 120);
}
