// The words of a text as the catalog's search stores and looks them up. Knows ICU's tables of
// Unicode, nothing else.
//
// Both databases get the same words, cut here, so that both find the same products. A word is
// folded (NFKC case folding: `TEA` finds `tea`, full-width forms their ordinary ones) and loses the
// accents of Latin, Greek and Cyrillic letters (`cafe` finds `café`); an apostrophe inside a word
// is dropped, all else that is no letter, digit or mark ends it. Scripts written without spaces
// (Han, kana, Thai, Lao, Khmer, Burmese) have no words to see: of those every character and every
// two neighbours are stored, and two neighbours are looked up (a lone character by itself). So a
// search for several characters finds them wherever they stand together.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace souk::domain {

/// Bounds of one product and of one search: what is beyond them is not seen.
inline constexpr size_t max_stored_words = 2'000;
inline constexpr size_t max_searched_words = 64;

/// The different words of a product's text, ascending. Each is a lexeme of ASCII letters and digits
/// that no database cuts, folds or stems any further: digits and letters but `z` are themselves,
/// every other byte of the UTF-8 text is `z` and two hexadecimal digits (`z` is `z7a`).
std::vector<std::string> stored_words(std::string_view text);

/// The same of what someone looks for; a product matches if it has all of them. Empty: there is no
/// word in it.
std::vector<std::string> searched_words(std::string_view text);

/// What lists are sorted by: the folded text, without accents, at most 40 characters of it, to be
/// compared byte by byte.
std::string sort_key(std::string_view text);

} // namespace souk::domain
