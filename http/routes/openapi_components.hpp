// The part of /openapi.json that operations refer to, and what refers to it.
#pragma once

#include "http/routes/json_writer.hpp"
#include "http/routes/openapi_forms.hpp"
#include "http/routes/route.hpp"

#include <array>
#include <string_view>
#include <vector>

namespace souk::http {

/// Of answers to requests that are counted.
inline constexpr std::array<std::string_view, 2> limit_headers{"RateLimit-Policy", "RateLimit"};

/// Writes `{"$ref": ...}` to a component of that kind.
void reference(json_writer& out, std::string_view kind, std::string_view name);

/// Writes `headers` with references to those; nothing if there are none.
void write_header_refs(json_writer& out, const std::vector<std::string_view>& names);

/// Writes a media type with its schema and, if there is one, an example (JSON).
void write_content(json_writer& out, std::string_view type, const schema& body,
                   std::string_view example);

/// Writes `components`: all that routes, forms and the document itself refer to.
void write_components(json_writer& out, const std::vector<route>& routes, const form_list& forms);

} // namespace souk::http
