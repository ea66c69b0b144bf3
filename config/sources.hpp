// The single sources of settings. Only for this folder.
#pragma once

#include "config/options.hpp"

#include <string>
#include <string_view>

namespace souk::config {

/// The setting of that key; null if there is none.
const option* find_option(std::string_view key);

/// Stores a value. Throws config_error, with `source` as the place of the mistake.
void apply(settings& to, const option& o, std::string_view value, const std::string& source);

/// Stores what a TOML file says. Throws config_error if it cannot be read or holds a mistake.
void apply_file(settings& to, const std::string& path);

/// Stores what the SOUK_ variables say. Throws config_error.
void apply_environment(settings& to, const char* const* environment);

/// The text in double quotes, on one line, cut if it is long: for messages.
std::string in_quotes(std::string_view text);

/// A word that may follow `souk`.
struct command {
  std::string_view name;
  std::string_view arguments; ///< for `--help`; empty: it takes none
  std::string_view description;
  bool reads_settings = true; ///< false: works with a broken souk.toml
  size_t least = 0;           ///< how many arguments
  size_t most = 0;
  std::vector<std::string_view> options{}; ///< of those below, which it takes
};

const std::vector<command>& commands();

/// What some commands take besides settings, as `--name`.
struct command_option {
  std::string_view name;
  std::string_view placeholder; ///< empty: it has no value
  std::string_view description;
};

const std::vector<command_option>& command_options();

} // namespace souk::config
