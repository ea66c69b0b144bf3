// `souk recover`: the way back into a shop whose administrators have lost their passwords.
#pragma once

#include "config/options.hpp"

namespace souk::config {

/// Gives the user that is named, else `admin.username`, a new password (`admin.password`, else one
/// that is made up and printed), the role ADMIN and an enabled account, and ends the account's
/// sessions. Works on the database itself, so that whoever may read it needs no token: no server
/// may run on it, and its tables are brought up to date as `serve` does. Returns the exit status.
/// Throws std::runtime_error with one clear line, among others persistence::database_error.
int recover(const parsed& p);

} // namespace souk::config
