// JSON taken apart without being converted: a number keeps its digits, however many they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace souk::client {

/// A member of an object. The views end with the text that they were found in.
struct raw_member {
  std::string name;       ///< decoded
  std::string_view value; ///< as it stands there
};

/// Whether the whole text is one JSON value in UTF-8. The other functions here need that to be so.
bool is_json(std::string_view text);

/// The values of an array, or the members of an object, in order; none of anything else.
std::vector<std::string_view> elements(std::string_view array);
std::vector<raw_member> members(std::string_view object);

/// The value of the first member of that name; empty: there is none.
std::string_view member(std::string_view object, std::string_view name);

/// A string decoded; null: empty; anything else as it stands there.
std::string text_of(std::string_view value);

/// A JSON string with its quotes; empty if the text is no UTF-8.
std::string json_string(std::string_view text);

/// Appends `"name":value` to an object that ends with `}`.
void add_member(std::string& object, std::string_view name, std::string_view value);

} // namespace souk::client
