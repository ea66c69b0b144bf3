#include "actors/domain/words.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

namespace souk::domain {

namespace {

/// A word longer than this is cut off, so that a lexeme stays within PostgreSQL's 2 KB.
constexpr size_t max_word = 64;
constexpr size_t max_key = 40;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_mark(UChar32 c) {
  return (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
}

bool has_accents(UChar32 c) {
  auto failed = U_ZERO_ERROR;
  auto script = uscript_getScript(c, &failed);
  return script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC;
}

/// Letters that Unicode does not take apart, though people type them so.
std::u16string_view plain_letter(UChar32 c) {
  switch (c) {
  case 0xe6: return u"ae";
  case 0xf0: return u"d";
  case 0xf8: return u"o";
  case 0xfe: return u"th";
  case 0x111: return u"d";
  case 0x127: return u"h";
  case 0x131: return u"i";
  case 0x142: return u"l";
  case 0x153: return u"oe";
  default: return {};
  }
}

const icu::Normalizer2& form(const icu::Normalizer2* (*get)(UErrorCode&)) {
  auto failed = U_ZERO_ERROR;
  const auto* found = get(failed);
  if (U_FAILURE(failed))
    throw std::runtime_error(std::string{"ICU has no normalisation data: "} + u_errorName(failed));
  return *found;
}

icu::UnicodeString normalized(const icu::Normalizer2& by, const icu::UnicodeString& text) {
  auto failed = U_ZERO_ERROR;
  auto out = by.normalize(text, failed);
  return U_FAILURE(failed) ? text : out;
}

template <class F>
void each(const icu::UnicodeString& text, F f) {
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1))
    f(text.char32At(i));
}

/// Folded and without accents.
icu::UnicodeString folded(std::string_view text) {
  static const auto& fold = form(&icu::Normalizer2::getNFKCCasefoldInstance);
  static const auto& apart = form(&icu::Normalizer2::getNFKDInstance);
  static const auto& together = form(&icu::Normalizer2::getNFCInstance);
  auto source =
    icu::UnicodeString::fromUTF8(icu::StringPiece{text.data(), static_cast<int32_t>(text.size())});
  icu::UnicodeString out;
  bool accents = false;
  each(normalized(apart, normalized(fold, source)), [&](UChar32 c) {
    if (is_mark(c)) {
      if (!accents)
        out.append(c);
      return;
    }
    accents = has_accents(c);
    if (auto plain = plain_letter(c); !plain.empty())
      out.append(plain.data(), static_cast<int32_t>(plain.size()));
    else
      out.append(c);
  });
  return normalized(together, out);
}

enum class kind { other, letter, solid, apostrophe };

/// `solid`: of a script that is written without spaces.
kind kind_of(UChar32 c) {
  if (c == '\'' || c == 0x2019)
    return kind::apostrophe;
  if (!u_isalnum(c) && !is_mark(c))
    return kind::other;
  static constexpr std::array without_spaces{USCRIPT_HAN,    USCRIPT_HIRAGANA, USCRIPT_KATAKANA,
                                             USCRIPT_THAI,   USCRIPT_LAO,      USCRIPT_KHMER,
                                             USCRIPT_MYANMAR};
  // A mark of its own script; those that all scripts share belong to any.
  if (is_mark(c)) {
    auto failed = U_ZERO_ERROR;
    if (uscript_getScript(c, &failed) == USCRIPT_INHERITED)
      return kind::letter;
  }
  return std::any_of(without_spaces.begin(), without_spaces.end(),
                     [c](auto script) { return uscript_hasScript(c, script) != 0; })
           ? kind::solid
           : kind::letter;
}

void append_encoded(std::string& out, std::string_view utf8) {
  static constexpr char hex[] = "0123456789abcdef";
  for (char c : utf8) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c < 'z')) {
      out += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    out += 'z';
    out += hex[byte >> 4];
    out += hex[byte & 15];
  }
}

void append_encoded(std::string& out, UChar32 c) {
  std::string utf8;
  icu::UnicodeString{c}.toUTF8String(utf8);
  append_encoded(out, utf8);
}

/// Collects different words up to a bound.
class collector {
public:
  explicit collector(size_t most) : most_{most} {}

  void add(std::string word) {
    if (!word.empty() && found_.size() < most_)
      found_.insert(std::move(word));
  }
  bool full() const { return found_.size() >= most_; }
  std::vector<std::string> take() { return {found_.begin(), found_.end()}; }

private:
  size_t most_;
  std::set<std::string> found_;
};

/// One pass over the text: words, and runs of characters that know no words.
class cutter {
public:
  cutter(collector& to, bool store) : to_{to}, store_{store} {}

  void next(UChar32 c) {
    switch (kind_of(c)) {
    case kind::apostrophe: return end_run();
    case kind::other: end_run(); return end_word();
    case kind::letter:
      end_run();
      if (length_++ < max_word)
        append_encoded(word_, c);
      return;
    case kind::solid: end_word(); return add_to_run(c);
    }
  }

  void end() {
    end_run();
    end_word();
  }

private:
  void end_word() {
    to_.add(std::move(word_));
    word_.clear();
    length_ = 0;
  }

  void add_to_run(UChar32 c) {
    std::string one;
    append_encoded(one, c);
    if (store_)
      to_.add(one);
    if (!last_.empty()) {
      to_.add(last_ + one);
      paired_ = true;
    }
    last_ = std::move(one);
  }

  void end_run() {
    if (!store_ && !paired_)
      to_.add(std::move(last_));
    last_.clear();
    paired_ = false;
  }

  collector& to_;
  bool store_;
  std::string word_;
  size_t length_ = 0; ///< of the word, in characters
  std::string last_;  ///< of a run
  bool paired_ = false;
};

/// What `cutter` does, for the text that most products have.
void cut_ascii(std::string_view text, collector& to) {
  std::string word;
  size_t length = 0;
  auto end = [&] {
    to.add(std::move(word));
    word.clear();
    length = 0;
  };
  for (char c : text) {
    if (to.full())
      return;
    auto lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9')) {
      if (length++ < max_word)
        append_encoded(word, std::string_view{&lower, 1});
    } else if (c != '\'') {
      end();
    }
  }
  end();
}

std::vector<std::string> words(std::string_view text, bool store, size_t most) {
  collector found{most};
  if (is_ascii(text)) {
    cut_ascii(text, found);
    return found.take();
  }
  cutter cut{found, store};
  auto all = folded(text);
  for (int32_t i = 0; i < all.length() && !found.full(); i = all.moveIndex32(i, 1))
    cut.next(all.char32At(i));
  cut.end();
  return found.take();
}

} // namespace

std::vector<std::string> stored_words(std::string_view text) {
  return words(text, true, max_stored_words);
}

std::vector<std::string> searched_words(std::string_view text) {
  return words(text, false, max_searched_words);
}

std::string sort_key(std::string_view text) {
  std::string out;
  if (is_ascii(text)) {
    out = text.substr(0, max_key);
    for (auto& c : out)
      if (c >= 'A' && c <= 'Z')
        c = static_cast<char>(c - 'A' + 'a');
    return out;
  }
  auto all = folded(text);
  auto cut = all.countChar32() > static_cast<int32_t>(max_key)
               ? all.tempSubString(0, all.moveIndex32(0, max_key))
               : all;
  cut.toUTF8String(out);
  return out;
}

} // namespace souk::domain
