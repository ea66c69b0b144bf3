// Descriptions of JSON: one description checks what comes in and documents it in /openapi.json.
#pragma once

#include "http/routes/json_reader.hpp"
#include "http/routes/json_writer.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace souk::http {

enum class schema_kind : uint8_t {
  string,
  integer,
  integer_or_text, ///< documentation only: whoever reads it makes one of it
  boolean,
  money,  ///< taken in: a number or a string, in units of the shop's currency
  amount, ///< given out: the same as a number
  uuid,
  time, ///< RFC 3339
  array,
  object,
};

/// 2^53 - 1: the largest integer that is exact in a JSON client.
inline constexpr int64_t max_safe_integer = 9'007'199'254'740'991;

struct schema;

struct field {
  std::string_view name;
  const schema* type = nullptr;
  bool required = false;
  bool nullable = false; ///< null means the same as leaving it out
};

/// Says why a text is not acceptable; empty: it is.
using text_check = std::string_view (*)(std::string_view text);

/// What a value must look like. Descriptions are constants that refer to each other by address.
struct schema {
  schema_kind kind = schema_kind::string;
  std::string_view name = {}; ///< under `components`; empty: written out where it is used
  std::string_view description = {};
  int64_t min = 0;                ///< integer: value; money: minor units; string: code points;
  int64_t max = max_safe_integer; ///< array: items. Both inclusive
  std::vector<std::string_view> one_of = {}; ///< of a string; empty: any
  std::string_view pattern = {};             ///< documents `check`
  text_check check = nullptr;   ///< of a string; what neither length nor `one_of` can say
  std::string_view format = {}; ///< of a string, documentation only
  const schema* items = nullptr;
  std::vector<field> fields = {}; ///< others are ignored
  size_t min_fields = 0;          ///< of those described, how many must be there
  bool unchecked = false;         ///< documentation: whoever handles the request checks each itself
};

struct field_error {
  std::string pointer; ///< RFC 6901, from the body's root; `/query/limit` for a query parameter
  std::string detail;
};

/// All that is wrong with a body. `digits`: of the shop's currency.
std::vector<field_error> validate(const schema& expected, const json_document& body, int digits);

/// A query parameter of a route.
struct parameter {
  std::string_view name;
  const schema* type = nullptr;
  std::string_view description = {};
};

/// Adds what is wrong with one query parameter, given as text. `digits`: of the shop's currency.
void validate_parameter(const parameter& expected, const std::string& text,
                        std::vector<field_error>& errors, int digits = 0);

/// Writes a description as JSON Schema (2020-12); a named one as a reference unless `in_full`.
void write_schema(json_writer& out, const schema& x, bool in_full = false);

/// Adds the named descriptions that `x` consists of, itself included, each once.
void collect_named(const schema& x, std::vector<const schema*>& named);

} // namespace souk::http
