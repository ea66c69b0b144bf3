// Changing JSON that was read, and writing it again: numbers keep the text they came with.
#pragma once

#include "http/routes/json_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk::http::aliases {

json_value make_object();
json_value make_text(std::string_view text);
json_value make_integer(int64_t x);
json_value make_boolean(bool x);

/// An object's member to be changed; null pointer if `x` is no object or has no such member.
json_value* find(json_value& x, std::string_view name);

/// Adds a member to an object, or replaces it.
void set(json_value& object, std::string_view name, json_value value);

/// Takes a member out of an object; nothing if there is none.
std::optional<json_value> take(json_value& object, std::string_view name);

/// The integer that a value stands for: a number, or a string of digits (`"1"` is 1).
std::optional<int64_t> integer_in(const json_value& x);

/// A JSON text, compact.
std::string to_json(const json_value& x);

} // namespace souk::http::aliases
