#include "actors/log.hpp"

template void fmt::detail::vformat_to<char>(buffer<char>& to, string_view format, format_args args,
                                            locale_ref locale);
