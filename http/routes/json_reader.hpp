// Reads request bodies: JSON whose numbers stay exact, and forms. Limits are part of the reading.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::http {

enum class json_kind : uint8_t { null, boolean, integer, decimal, string, array, object };

/// A JSON value as it was sent. A number with a fraction or an exponent, or one beyond int64_t, is
/// a `decimal` and keeps its source text: it never passes through a double. A fraction of zeros is
/// none: JSON Schema takes 1.0 for an integer.
struct json_value {
  json_kind kind = json_kind::null;
  bool boolean = false;
  int64_t integer = 0;
  std::string text;                                        ///< of a string or a decimal
  std::vector<json_value> items;                           ///< of an array
  std::vector<std::pair<std::string, json_value>> members; ///< of an object, in the order sent

  /// An object's member; null pointer if there is none.
  const json_value* find(std::string_view name) const;
  bool is(json_kind k) const { return kind == k; }
};

/// Levels of arrays and objects in a body.
inline constexpr size_t max_json_depth = 32;

/// Values in a body, of all levels: what one request may make us allocate.
inline constexpr size_t max_json_values = 20'000;

struct json_document {
  std::optional<json_value> root; ///< nothing: unreadable, see `error`
  std::string error;              ///< why, and where (byte offset), for people
  std::string too_large;     ///< JSON pointer to a number that is beyond reading, if that is why
  bool contains_nul = false; ///< some string or key has U+0000
};

/// Reads a JSON text (RFC 8259). Refused: invalid UTF-8, a key that an object has twice, more than
/// the limits above. `max_values`: another limit, for JSON that is known to be ours.
json_document read_json(std::string_view text, size_t max_values = max_json_values);

/// Reads `application/x-www-form-urlencoded` fields; nothing if an escape is broken, the text is no
/// valid UTF-8, or there are more than `max_form_fields`.
std::optional<std::vector<std::pair<std::string, std::string>>> read_form(std::string_view text);

inline constexpr size_t max_form_fields = 64;

/// Undoes percent-encoding (with `plus`, a plus sign is a space); nothing if an escape is broken.
std::optional<std::string> percent_decode(std::string_view text, bool plus);

/// Percent-encodes all but the unreserved characters of RFC 3986.
std::string percent_encode(std::string_view text);

/// The number of code points; nothing if the text is no valid UTF-8.
std::optional<size_t> count_code_points(std::string_view text);

} // namespace souk::http
