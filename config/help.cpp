#include "actors/domain/json_text.hpp"
#include "config/sources.hpp"

#include <algorithm>

namespace souk::config {

namespace {

std::string padded(std::string_view text, size_t width) {
  std::string out{text};
  out.resize(std::max(out.size(), width), ' ');
  return out;
}

std::string toml_value(const option& o, const std::string& value) {
  switch (o.kind) {
  case value_kind::number:
  case value_kind::flag: return value;
  case value_kind::ports: return "[" + value + "]";
  case value_kind::text: break;
  }
  std::string out;
  domain::append_json_string(out, value);
  return out;
}

} // namespace

const std::vector<command>& commands() {
  static const std::vector<command> all{
    {"serve", "", "run the server"},
    {"migrate", "", "bring the database's tables up to date, then end"},
    {"check", "", "compare the books in the database and name what does not balance"},
    {"import",
     "products|users FILE",
     "put a file's lines into a running shop; -: standard input",
     true,
     2,
     2,
     {"url", "username", "password", "format", "connections", "dry-run"}},
    {"export",
     "products|users|orders [FILE]",
     "write a running shop's, as import takes them",
     true,
     1,
     2,
     {"url", "username", "password", "format"}},
    {"user",
     "create|role|password|disable|enable NAME [ROLE]",
     "make or change an account of a running shop",
     true,
     2,
     3,
     {"url", "username", "password", "role", "email", "password-stdin"}},
    {"recover", "[NAME]",
     "while no server runs: NAME (else admin.username) becomes ADMIN, with a new password", true, 0,
     1},
    {"config", "", "print a souk.toml with every setting and its default", false},
    {"version", "", "print the version", false},
  };
  return all;
}

const std::vector<command_option>& command_options() {
  static const std::vector<command_option> all{
    {"url", "URL", "of the running shop; else http.address and the first of http.port"},
    {"username", "NAME", "of an administrator there; else admin.username"},
    {"password", "PASSWORD",
     "the administrator's; else admin.password, else asked on the terminal"},
    {"format", "csv|jsonl", "of the file; else by its suffix"},
    {"connections", "N", "batches on their way at once, 1 to 256; else 8"},
    {"dry-run", "", "read and check the file, send nothing"},
    {"role", "USER|ADMIN", "of a new user; else USER"},
    {"email", "ADDRESS", "of a new user"},
    {"password-stdin", "", "the user's password is the first line of standard input"},
  };
  return all;
}

std::string help_text() {
  std::string out = "Souk, a shop's order backend.\n\n"
                    "Usage: souk COMMAND [--group.name VALUE]...\n\nCommands:\n";
  for (const auto& c : commands()) {
    auto words = std::string{c.name} + (c.arguments.empty() ? "" : " ") + std::string{c.arguments};
    constexpr size_t column = 10;
    out += "  " + padded(words, column);
    if (words.size() >= column)
      out += "\n  " + std::string(column, ' ');
    out += std::string{c.description} + "\n";
  }
  out += "\nOptions:\n"
         "  -h, --help     print this\n"
         "  --config FILE  read this file; else souk.toml, else /etc/souk/souk.toml, if it exists\n"
         "\n"
         "Options of import, export and user, which work through the running shop:\n";
  for (const auto& o : command_options())
    out += "  " + padded("--" + std::string{o.name} + " " + std::string{o.placeholder}, 23)
           + std::string{o.description} + "\n";
  out += "\n"
         "Settings: as below on the command line, by the name in brackets in the environment,\n"
         "as `name` under `[group]` in the file. The command line wins over the environment,\n"
         "that over the file, and the file over the default. Durations: 500ms, 10s, 30m, 24h.\n";
  const settings defaults;
  for (const auto& o : options()) {
    auto value = o.get(defaults);
    out += "\n  --" + std::string{o.key} + " " + std::string{o.placeholder} + "  ["
           + o.environment_name() + "]  default: " + (value.empty() ? "empty" : value) + "\n      "
           + std::string{o.description} + "\n";
  }
  return out;
}

std::string sample_file() {
  std::string out = "# Every setting of Souk at its default, as `souk config` prints it. The\n"
                    "# environment (SOUK_HTTP_PORT) and the command line (--http.port) win over\n"
                    "# this file. Durations are written \"500ms\", \"10s\", \"30m\", \"24h\".\n";
  const settings defaults;
  std::string_view group;
  for (const auto& o : options()) {
    auto dot = o.key.find('.');
    if (o.key.substr(0, dot) != group) {
      group = o.key.substr(0, dot);
      out += "\n[" + std::string{group} + "]\n";
    }
    out += "# " + std::string{o.description} + "\n";
    out += std::string{o.key.substr(dot + 1)} + " = " + toml_value(o, o.get(defaults)) + "\n";
  }
  return out;
}

std::string in_quotes(std::string_view text) {
  constexpr size_t longest = 100;
  bool cut = text.size() > longest;
  std::string out;
  domain::append_json_string(out, text.substr(0, longest));
  return cut ? out + "..." : out;
}

} // namespace souk::config
