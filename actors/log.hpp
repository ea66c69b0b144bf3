// Logging, for whoever logs. How it looks and where it goes: config/log.hpp.
#pragma once

#include <spdlog/spdlog.h>

#ifndef SPDLOG_COMPILED_LIB
#error "link spdlog::spdlog, or this target has a logger of its own, which nobody has set up"
#endif

// What fmt needs to format anything at all is 75 KB of code: log.cpp alone compiles it.
extern template void fmt::detail::vformat_to<char>(buffer<char>& to, string_view format,
                                                   format_args args, locale_ref locale);
