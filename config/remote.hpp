// The commands that work through a running shop's API. They print for the operator and return the
// exit status; they throw config_error for what is wrong with the words of the command line, and
// std::runtime_error for what fails.
#pragma once

#include "config/options.hpp"

namespace souk::config {

/// `souk import products|users FILE`: 1 if some lines were skipped.
int import_file(const parsed& p);

/// `souk export products|users|orders [FILE]`.
int export_file(const parsed& p);

/// `souk user create|role|password|disable|enable NAME [ROLE]`.
int change_user(const parsed& p);

/// Which shop `--url` and the settings mean: `http://127.0.0.1:8080`, without a `/` at the end.
std::string shop_url(const parsed& p);

} // namespace souk::config
