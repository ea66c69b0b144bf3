#include "http/aliases/json_edit.hpp"

#include "actors/domain/json_text.hpp"

#include <algorithm>
#include <charconv>

namespace souk::http::aliases {
namespace {

void append(std::string& out, const json_value& x);

void append_items(std::string& out, const json_value& x) {
  out += '[';
  for (const auto& item : x.items) {
    if (&item != &x.items.front())
      out += ',';
    append(out, item);
  }
  out += ']';
}

void append_members(std::string& out, const json_value& x) {
  out += '{';
  for (const auto& member : x.members) {
    if (&member != &x.members.front())
      out += ',';
    domain::append_json_string(out, member.first);
    out += ':';
    append(out, member.second);
  }
  out += '}';
}

void append(std::string& out, const json_value& x) {
  switch (x.kind) {
  case json_kind::null: out += "null"; break;
  case json_kind::boolean: out += x.boolean ? "true" : "false"; break;
  case json_kind::integer: domain::append_int(out, x.integer); break;
  case json_kind::decimal: out += x.text; break;
  case json_kind::string: domain::append_json_string(out, x.text); break;
  case json_kind::array: append_items(out, x); break;
  case json_kind::object: append_members(out, x); break;
  }
}

auto position(json_value& x, std::string_view name) {
  return std::find_if(x.members.begin(), x.members.end(),
                      [name](const auto& member) { return member.first == name; });
}

} // namespace

json_value make_object() {
  json_value out;
  out.kind = json_kind::object;
  return out;
}

json_value make_text(std::string_view text) {
  json_value out;
  out.kind = json_kind::string;
  out.text = text;
  return out;
}

json_value make_integer(int64_t x) {
  json_value out;
  out.kind = json_kind::integer;
  out.integer = x;
  return out;
}

json_value make_boolean(bool x) {
  json_value out;
  out.kind = json_kind::boolean;
  out.boolean = x;
  return out;
}

json_value* find(json_value& x, std::string_view name) {
  const auto at = position(x, name);
  return at == x.members.end() ? nullptr : &at->second;
}

void set(json_value& object, std::string_view name, json_value value) {
  if (auto* known = find(object, name))
    *known = std::move(value);
  else
    object.members.emplace_back(name, std::move(value));
}

std::optional<json_value> take(json_value& object, std::string_view name) {
  const auto at = position(object, name);
  if (at == object.members.end())
    return std::nullopt;
  auto out = std::move(at->second);
  object.members.erase(at);
  return out;
}

std::optional<int64_t> integer_in(const json_value& x) {
  if (x.is(json_kind::integer))
    return x.integer;
  int64_t out = 0;
  const auto* end = x.text.data() + x.text.size();
  const auto read = std::from_chars(x.text.data(), end, out);
  const bool whole = x.is(json_kind::string) && read.ec == std::errc{} && read.ptr == end;
  return whole ? std::optional{out} : std::nullopt;
}

std::string to_json(const json_value& x) {
  std::string out;
  append(out, x);
  return out;
}

} // namespace souk::http::aliases
