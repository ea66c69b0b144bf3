// The commands that read or prepare a database without serving it. They print for the operator and
// return the exit status; they throw persistence::database_error.
#pragma once

#include "config/settings.hpp"

namespace souk::config {

/// `souk check`: prints what does not balance; 1 if anything does not.
int check(const settings& s);

/// `souk migrate`: brings the schema up to date and prints what was applied.
int migrate(const settings& s);

} // namespace souk::config
