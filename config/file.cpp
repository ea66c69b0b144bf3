#include "config/sources.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace souk::config {

namespace {

std::string read_text(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::string out;
  char block[4096];
  while (in.read(block, sizeof block) || in.gcount() > 0)
    out.append(block, static_cast<size_t>(in.gcount()));
  if (!in.is_open() || in.bad())
    throw config_error{"souk: cannot read " + in_quotes(path) + ": " + std::strerror(errno)};
  return out;
}

std::string_view type_name(const toml::node& x) {
  switch (x.type()) {
  case toml::node_type::none: return "nothing";
  case toml::node_type::table: return "a group";
  case toml::node_type::array: return "a list";
  case toml::node_type::string: return "a string";
  case toml::node_type::integer: return "a number";
  case toml::node_type::floating_point: return "a number with a decimal point";
  case toml::node_type::boolean: return "true or false";
  case toml::node_type::date: return "a date";
  case toml::node_type::time: return "a time";
  case toml::node_type::date_time: return "a time";
  }
  return "something else";
}

/// The value in the text form that all sources share; nothing if its type does not fit the setting.
std::optional<std::string> text_form(const toml::node& x, value_kind kind) {
  if (auto text = x.as_string())
    return text->get();
  if (auto number = x.as_integer(); number && kind != value_kind::text)
    return std::to_string(number->get());
  if (auto flag = x.as_boolean(); flag && kind == value_kind::flag)
    return flag->get() ? "true" : "false";
  auto list = x.as_array();
  if (!list || kind != value_kind::ports)
    return std::nullopt;
  std::string out;
  for (const auto& item : *list) {
    auto part = item.is_array() ? std::nullopt : text_form(item, kind);
    if (!part)
      return std::nullopt;
    out += (&item == &list->front() ? "" : ",") + *part;
  }
  return out;
}

/// One file on its way into the settings.
class reader {
public:
  reader(settings& to, const std::string& path) : to_{to}, path_{path} {}

  void read(const toml::table& from, const std::string& prefix) {
    for (const auto& [name, node] : from) {
      auto key = prefix + std::string{name.str()};
      if (auto o = find_option(key))
        set(*o, node);
      else if (auto group = node.as_table(); group && is_group(key))
        read(*group, key + ".");
      else
        throw config_error{"souk: " + place(key) + ": there is no such setting"};
    }
  }

private:
  // A key in quotes may hold anything; a message stays one line.
  std::string place(const std::string& key) const {
    auto shown = in_quotes(key);
    bool plain = shown.size() == key.size() + 2;
    return (plain ? key : shown) + " in " + path_;
  }

  static bool is_group(const std::string& key) {
    return std::any_of(options().begin(), options().end(),
                       [&](const option& o) { return o.key.starts_with(key + "."); });
  }

  void set(const option& o, const toml::node& node) {
    auto source = place(std::string{o.key});
    auto value = text_form(node, o.kind);
    if (!value)
      throw config_error{"souk: " + source + ": " + std::string{type_name(node)} + " is not "
                         + (o.kind == value_kind::text ? "a string in quotes" : o.expected)};
    apply(to_, o, *value, source);
  }

  settings& to_;
  const std::string& path_;
};

} // namespace

void apply_file(settings& to, const std::string& path) {
  auto text = read_text(path);
  try {
    reader{to, path}.read(toml::parse(text, path), "");
  } catch (const toml::parse_error& e) {
    std::string why{e.description()};
    std::replace(why.begin(), why.end(), '\n', ' ');
    throw config_error{"souk: " + path + " line " + std::to_string(e.source().begin.line) + ": "
                       + why};
  }
}

} // namespace souk::config
