#include "config/sources.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

namespace souk::config {

namespace {

/// The words of a command line, sorted but not yet checked.
struct words {
  std::string command;
  std::vector<std::string> rest;
  std::optional<std::string> file;
  std::vector<std::pair<const option*, std::string>> values;
  std::map<std::string, std::string> options;
  bool help = false;
};

/// The option of that name, with its dashes; null if there is none.
const command_option* find_command_option(std::string_view name) {
  for (const auto& o : command_options())
    if (name.starts_with("--") && name.substr(2) == o.name)
      return &o;
  return nullptr;
}

/// Gives every setting its value as a word of its own. CLI11 would take the next word as the value
/// of `--key=`, and cannot tell `--shop.demo serve` from `--shop.demo true`.
std::vector<std::string> separated(int argc, const char* const* argv) {
  std::vector<std::string> out;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "--") {
      out.insert(out.end(), argv + i, argv + argc);
      break;
    }
    auto equals = word.find('=');
    auto name = word.substr(0, equals);
    auto o = name.starts_with("--") ? find_option(name.substr(2)) : nullptr;
    auto own = o ? nullptr : find_command_option(name);
    if (!o && !own && name != "--config") {
      out.push_back(word);
      continue;
    }
    out.push_back(name);
    if (own && own->placeholder.empty()) {
      if (equals != word.npos)
        throw config_error{"souk: " + name + " takes no value"};
      out.push_back("true");
      continue;
    }
    auto next = i + 1 < argc ? std::optional<std::string>{argv[i + 1]} : std::nullopt;
    if (equals != word.npos)
      out.push_back(word.substr(equals + 1));
    else if (o && o->kind == value_kind::flag && next != "true" && next != "false")
      out.push_back("true");
    else if (next) {
      out.push_back(*next);
      ++i;
    } else
      throw config_error{"souk: " + name + " needs a value"};
  }
  return out;
}

/// A value for the last of its options counts. Nothing of an unknown option but its name is shown,
/// because what follows may be a misspelled setting's secret.
words read_words(int argc, const char* const* argv) {
  words out;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  auto add = [&app](const std::string& name) {
    return app.add_option(name, CLI::callback_t{[](const CLI::results_t&) { return true; }})
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  };
  app.add_flag("-h,--help", out.help);
  auto file = add("--config");
  std::vector<std::pair<const option*, CLI::Option*>> settable;
  for (const auto& o : options())
    settable.emplace_back(&o, add("--" + std::string{o.key}));
  std::vector<std::pair<const command_option*, CLI::Option*>> own;
  for (const auto& o : command_options())
    own.emplace_back(&o, add("--" + std::string{o.name}));
  app.add_option("command", out.command);

  auto args = separated(argc, argv);
  std::reverse(args.begin(), args.end()); // as CLI11 wants them
  try {
    app.parse(std::move(args));
  } catch (const CLI::ParseError& e) {
    throw config_error{std::string{"souk: "} + e.what()};
  }
  if (file->count() > 0)
    out.file = file->results().back();
  for (auto [o, given] : settable)
    if (given->count() > 0)
      out.values.emplace_back(o, given->results().back());
  for (auto [o, given] : own)
    if (given->count() > 0)
      out.options.emplace(o->name, given->results().back());
  for (auto& word : app.remaining()) {
    if (word.starts_with("-") && word != "-") // `-` alone is standard input or output
      throw config_error{"souk: " + word.substr(0, word.find('='))
                         + ": there is no such setting (souk --help lists them)"};
    out.rest.push_back(std::move(word));
  }
  return out;
}

const command& find_command(const std::string& name) {
  std::string known;
  for (const auto& c : commands()) {
    if (c.name == name)
      return c;
    known += (known.empty() ? "" : ", ") + std::string{c.name};
  }
  throw config_error{"souk: " + in_quotes(name) + " is not a command (" + known + ")"};
}

/// Throws config_error unless the command takes what was given besides settings.
void check_arguments(const command& what, const words& given) {
  const auto usage = "souk " + std::string{what.name} + " " + std::string{what.arguments};
  if (what.most == 0 && !given.rest.empty())
    throw config_error{"souk: " + std::string{what.name} + " takes no argument \""
                       + given.rest.front() + "\""};
  if (given.rest.size() < what.least || given.rest.size() > what.most)
    throw config_error{"souk: usage: " + usage};
  for (const auto& [name, value] : given.options)
    if (std::find(what.options.begin(), what.options.end(), name) == what.options.end())
      throw config_error{"souk: --" + name + " is no option of " + std::string{what.name}};
}

std::optional<std::string> file_to_read(const words& from,
                                        const std::vector<std::string>& standard_files) {
  if (from.file)
    return from.file;
  std::error_code ignored;
  for (const auto& path : standard_files)
    if (std::filesystem::exists(path, ignored))
      return path;
  return std::nullopt;
}

parsed printing(std::string text, int exit_code) {
  return {{}, {}, {}, {}, std::move(text), exit_code};
}

} // namespace

void apply(settings& to, const option& o, std::string_view value, const std::string& source) {
  if (o.set(to, value))
    return;
  auto what = o.secret ? "this" : in_quotes(value);
  throw config_error{"souk: " + source + ": " + what + " is not " + o.expected};
}

/// Variables that begin like settings and are none: of the tests, of the scripts (lib.sh), and
/// those that Kubernetes sets in every pod beside a service named "souk".
bool is_no_setting(std::string_view name) {
  return name.starts_with("SOUK_TEST_") || name == "SOUK_SKIP_PACKAGES" || name == "SOUK_PORT"
         || name.starts_with("SOUK_PORT_") || name.starts_with("SOUK_SERVICE_");
}

void apply_environment(settings& to, const char* const* environment) {
  for (; environment && *environment; ++environment) {
    std::string_view entry = *environment;
    auto equals = entry.find('=');
    auto name = entry.substr(0, equals);
    if (equals == entry.npos || !name.starts_with("SOUK_") || is_no_setting(name))
      continue;
    auto found = std::find_if(options().begin(), options().end(),
                              [&](const option& o) { return o.environment_name() == name; });
    if (found == options().end())
      throw config_error{"souk: " + std::string{name}
                         + " in the environment: there is no such setting"};
    apply(to, *found, entry.substr(equals + 1), std::string{name});
  }
}

parsed parse_command_line(int argc, const char* const* argv, const char* const* environment,
                          const std::vector<std::string>& standard_files) {
  auto given = read_words(argc, argv);
  if (given.help)
    return printing(help_text(), 0);
  if (given.command.empty())
    return printing(help_text(), 2);
  const auto& what = find_command(given.command);
  check_arguments(what, given);
  if (what.name == "config")
    return printing(sample_file(), 0);
  parsed out{{}, std::move(given.command), std::move(given.rest), std::move(given.options), {}, 0};
  if (!what.reads_settings)
    return out;
  if (auto path = file_to_read(given, standard_files))
    apply_file(out.values, *path);
  apply_environment(out.values, environment);
  for (const auto& [o, value] : given.values)
    apply(out.values, *o, value, "--" + std::string{o->key});
  return out;
}

} // namespace souk::config
