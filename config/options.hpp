// The one table of all settings, and the way from a command line to settings. The table drives the
// command line, the environment, the file, `--help` and the sample file.
#pragma once

#include "config/settings.hpp"
#include "config/values.hpp"

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace souk::config {

/// How a value stands in a TOML file; everywhere else it is text.
enum class value_kind : uint8_t { text, number, flag, ports };

/// One setting, bound to its member of `settings`.
struct option {
  std::string_view key;         ///< `group.name`
  std::string_view placeholder; ///< for `--help`, e.g. `DURATION`
  std::string_view description; ///< why one would set it; one line
  std::string expected;         ///< completes `"80x" is not ...`: type, range and unit
  value_kind kind = value_kind::text;
  bool secret = false; ///< never printed, not even when it is wrong

  /// Checks a value in text form and stores it; if it is not as expected: false, nothing stored.
  std::function<bool(settings&, std::string_view)> set;
  /// The value in text form; `set` accepts it.
  std::function<std::string(const settings&)> get;

  /// SOUK_GROUP_NAME
  std::string environment_name() const;
};

/// All settings, grouped, in the order of `settings`.
const std::vector<option>& options();

/// What `souk --help` prints: commands, and every setting with its default and environment name.
std::string help_text();

/// A souk.toml with every setting at its default; what `souk config` prints.
std::string sample_file();

/// A mistake in a source of settings. what() is the whole line to print, e.g.
/// `souk: http.port in souk.toml: "80x" is not a port (0 to 65535), or several, each once`.
class config_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// What a command line asks for.
struct parsed {
  settings values;
  std::string command;                        ///< empty: print `text` and end with `exit_code`
  std::vector<std::string> rest;              ///< arguments of the command that are no settings
  std::map<std::string, std::string> options; ///< `--format csv` as {format, csv}; a flag is `true`
  std::string text; ///< for standard output, if exit_code is 0; else standard error
  int exit_code = 0;
};

/// Puts settings together: defaults < file < environment < command line. The file is
/// `--config FILE`, else the first of `standard_files` that exists. `environment` is laid out as
/// `environ`; names of tests, scripts and Kubernetes are left alone. Throws config_error on
/// anything unknown or wrong.
parsed parse_command_line(int argc, const char* const* argv, const char* const* environment,
                          const std::vector<std::string>& standard_files = {"souk.toml",
                                                                            "/etc/souk/souk.toml"});

/// `database.url`, or the embedded database in `data.dir` if it is empty.
std::string database_url(const settings& x);

} // namespace souk::config
