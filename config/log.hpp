// Logs: text on a terminal, JSON lines elsewhere.
#pragma once

#include <string>

namespace souk::config {

/// Sets up the process's default logger (spdlog), which writes to standard error from any thread.
/// `level`: trace, debug, info, warning, error; `format`: text, json, or auto (text on a terminal).
/// A JSON line has `time`, `level`, `message` and, if the message names one at its end
/// (` request_id=...`), `request_id`.
void start_log(const std::string& level, const std::string& format);

} // namespace souk::config
