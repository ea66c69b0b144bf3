#include "http/routes/schema.hpp"

#include "actors/domain/money.hpp"
#include "actors/domain/uuid.hpp"
#include "http/routes/time_text.hpp"

#include <algorithm>
#include <charconv>

namespace souk::http {
namespace {

/// Where a value is. Becomes text only when there is something to say about it.
struct place {
  const place* parent = nullptr;
  std::string_view key = {};
  size_t index = 0;
  bool is_index = false;
};

void append_pointer(std::string& out, const place& at) {
  if (!at.parent)
    return;
  append_pointer(out, *at.parent);
  out += '/';
  if (at.is_index) {
    out += std::to_string(at.index);
    return;
  }
  for (const char c : at.key) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
}

class checker {
public:
  checker(int digits, std::vector<field_error>& errors) : digits_{digits}, errors_{errors} {}

  void check(const schema& s, const json_value& v, const place& at) {
    if (s.unchecked)
      return;
    switch (s.kind) {
    case schema_kind::string: return check_string(s, v, at);
    case schema_kind::integer: return check_integer(s, v, at);
    case schema_kind::integer_or_text: return;
    case schema_kind::boolean:
      if (!v.is(json_kind::boolean))
        add(at, "must be true or false");
      return;
    case schema_kind::money:
    case schema_kind::amount: return check_money(s, v, at);
    case schema_kind::uuid:
      if (!v.is(json_kind::string) || !domain::parse_uuid(v.text))
        add(at, "must be a UUID");
      return;
    case schema_kind::time:
      if (!v.is(json_kind::string) || !parse_time(v.text))
        add(at, "must be a time in RFC 3339, such as 2026-01-31T09:30:00Z, from 1970 on");
      return;
    case schema_kind::array: return check_array(s, v, at);
    case schema_kind::object: return check_object(s, v, at);
    }
  }

  /// Reports U+0000, which a database cannot store, in all strings and keys.
  void find_nul(const json_value& v, const place& at) {
    if (v.is(json_kind::string) && v.text.find('\0') != std::string::npos)
      add(at, "must not contain U+0000");
    for (size_t i = 0; i < v.items.size(); ++i)
      find_nul(v.items[i], {&at, {}, i, true});
    for (const auto& [key, value] : v.members) {
      const place below{&at, key};
      if (key.find('\0') != std::string::npos)
        add(below, "the name must not contain U+0000");
      find_nul(value, below);
    }
  }

private:
  void add(const place& at, std::string detail) {
    std::string pointer;
    append_pointer(pointer, at);
    errors_.push_back({std::move(pointer), std::move(detail)});
  }

  void check_string(const schema& s, const json_value& v, const place& at) {
    if (!v.is(json_kind::string))
      return add(at, "must be a string");
    if (!s.one_of.empty()
        && std::find(s.one_of.begin(), s.one_of.end(), v.text) == s.one_of.end()) {
      std::string all;
      for (const auto x : s.one_of)
        all.append(all.empty() ? "" : ", ").append(x);
      return add(at, "must be one of: " + all);
    }
    const auto length = static_cast<int64_t>(count_code_points(v.text).value_or(0));
    if (length < s.min)
      return add(at, s.min == 1 ? "must not be empty"
                                : "must have at least " + std::to_string(s.min) + " characters");
    if (length > s.max)
      return add(at, "must have at most " + std::to_string(s.max) + " characters");
    if (const auto why = s.check ? s.check(v.text) : std::string_view{}; !why.empty())
      add(at, std::string{why});
  }

  void check_integer(const schema& s, const json_value& v, const place& at) {
    if (!v.is(json_kind::integer))
      add(at, "must be an integer");
    else if (v.integer < s.min || v.integer > s.max)
      add(at, "must be from " + std::to_string(s.min) + " to " + std::to_string(s.max));
  }

  void check_money(const schema& s, const json_value& v, const place& at) {
    if (!v.is(json_kind::integer) && !v.is(json_kind::decimal) && !v.is(json_kind::string))
      return add(at, "must be an amount of money: a number, or a string with one");
    const auto read = v.is(json_kind::integer)
                        ? domain::parse_money(std::to_string(v.integer), digits_)
                        : domain::parse_money(v.text, digits_);
    switch (read.error) {
    case domain::money_error::none: break;
    case domain::money_error::not_a_number: return add(at, "must be an amount such as 19.99");
    case domain::money_error::too_many_digits:
      return add(at, "must have at most " + std::to_string(digits_) + " decimal digits");
    case domain::money_error::out_of_range: return add(at, "is too large an amount");
    }
    if (read.minor < s.min)
      add(at, s.min == 0 ? "must not be negative" : "is too small an amount");
    else if (read.minor > s.max)
      add(at, "is too large an amount");
  }

  void check_array(const schema& s, const json_value& v, const place& at) {
    if (!v.is(json_kind::array))
      return add(at, "must be an array");
    const auto count = static_cast<int64_t>(v.items.size());
    if (count < s.min || count > s.max)
      return add(at, "must have from " + std::to_string(s.min) + " to " + std::to_string(s.max)
                       + " items");
    for (size_t i = 0; i < v.items.size(); ++i)
      check(*s.items, v.items[i], {&at, {}, i, true});
  }

  void check_object(const schema& s, const json_value& v, const place& at) {
    if (!v.is(json_kind::object))
      return add(at, "must be an object");
    size_t there = 0;
    for (const auto& f : s.fields) {
      const auto* value = v.find(f.name);
      const bool absent = !value || (f.nullable && value->is(json_kind::null));
      there += value != nullptr;
      if (absent && f.required)
        add({&at, f.name}, "is required");
      else if (!absent)
        check(*f.type, *value, {&at, f.name});
    }
    if (there < s.min_fields)
      add(at, "must have at least one of the fields that can be changed");
  }

  int digits_;
  std::vector<field_error>& errors_;
};

void write_type(json_writer& out, std::string_view type, std::string_view format = {}) {
  out.key("type").string(type);
  if (!format.empty())
    out.key("format").string(format);
}

void write_string(json_writer& out, const schema& s) {
  write_type(out, "string", s.format);
  if (!s.one_of.empty()) {
    out.key("enum").begin_array();
    for (const auto x : s.one_of)
      out.string(x);
    out.end_array();
  }
  if (s.min > 0)
    out.key("minLength").integer(s.min);
  if (s.max < max_safe_integer)
    out.key("maxLength").integer(s.max);
  if (!s.pattern.empty())
    out.key("pattern").string(s.pattern);
}

void write_money(json_writer& out) {
  out.key("oneOf").begin_array();
  out.begin_object().key("type").string("number").key("minimum").integer(0).end_object();
  out.begin_object().key("type").string("string");
  out.key("pattern").string("^[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?$").end_object();
  out.end_array();
}

void write_object(json_writer& out, const schema& s) {
  write_type(out, "object");
  out.key("properties").begin_object();
  bool any_required = false;
  for (const auto& f : s.fields) {
    any_required = any_required || f.required;
    out.key(f.name);
    if (!f.nullable) {
      write_schema(out, *f.type);
      continue;
    }
    out.begin_object().key("anyOf").begin_array();
    write_schema(out, *f.type);
    out.begin_object().key("type").string("null").end_object().end_array().end_object();
  }
  out.end_object();
  if (s.min_fields > 0)
    out.key("minProperties").integer(static_cast<int64_t>(s.min_fields));
  if (!any_required)
    return;
  out.key("required").begin_array();
  for (const auto& f : s.fields)
    if (f.required)
      out.string(f.name);
  out.end_array();
}

} // namespace

std::vector<field_error> validate(const schema& expected, const json_document& body, int digits) {
  std::vector<field_error> errors;
  checker c{digits, errors};
  if (body.contains_nul)
    c.find_nul(*body.root, {});
  c.check(expected, *body.root, {});
  return errors;
}

void validate_parameter(const parameter& expected, const std::string& text,
                        std::vector<field_error>& errors, int digits) {
  json_value v;
  v.kind = json_kind::string;
  v.text = text;
  if (expected.type->kind == schema_kind::integer) {
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, v.integer);
    if (read.ec == std::errc{} && read.ptr == end)
      v.kind = json_kind::integer;
  }
  if (expected.type->kind == schema_kind::boolean && (text == "true" || text == "false"))
    v.kind = json_kind::boolean;
  const place root;
  const place query{&root, "query"};
  const place at{&query, expected.name};
  checker c{digits, errors};
  if (text.find('\0') != std::string::npos)
    c.find_nul(v, at);
  c.check(*expected.type, v, at);
}

void write_schema(json_writer& out, const schema& x, bool in_full) {
  out.begin_object();
  if (!x.name.empty() && !in_full) {
    out.key("$ref").string("#/components/schemas/" + std::string{x.name}).end_object();
    return;
  }
  if (!x.description.empty())
    out.key("description").string(x.description);
  switch (x.kind) {
  case schema_kind::string: write_string(out, x); break;
  case schema_kind::integer:
    write_type(out, "integer", "int64");
    out.key("minimum").integer(x.min).key("maximum").integer(x.max);
    break;
  case schema_kind::integer_or_text:
    out.key("type").begin_array().string("integer").string("string").end_array();
    break;
  case schema_kind::boolean: write_type(out, "boolean"); break;
  case schema_kind::money: write_money(out); break;
  case schema_kind::amount: write_type(out, "number"); break;
  case schema_kind::uuid: write_type(out, "string", "uuid"); break;
  case schema_kind::time: write_type(out, "string", "date-time"); break;
  case schema_kind::array:
    write_type(out, "array");
    if (x.min > 0)
      out.key("minItems").integer(x.min);
    if (x.max < max_safe_integer)
      out.key("maxItems").integer(x.max);
    out.key("items");
    write_schema(out, *x.items);
    break;
  case schema_kind::object: write_object(out, x); break;
  }
  out.end_object();
}

void collect_named(const schema& x, std::vector<const schema*>& named) {
  if (!x.name.empty()) {
    if (std::find(named.begin(), named.end(), &x) != named.end())
      return;
    named.push_back(&x);
  }
  if (x.items)
    collect_named(*x.items, named);
  for (const auto& f : x.fields)
    collect_named(*f.type, named);
}

} // namespace souk::http
