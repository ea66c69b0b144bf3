// The part of /openapi.json on the request forms of existing shops.
#pragma once

#include "http/aliases/form_list.hpp"
#include "http/routes/json_writer.hpp"
#include "http/routes/route.hpp"

#include <string_view>
#include <vector>

namespace souk::http {

/// The tag of all forms.
inline constexpr std::string_view forms_tag = "forms";

using form_list = std::vector<aliases::listed_form>;

/// Writes the paths of the forms, but for those that are paths of `routes` too. Refers to the
/// components that the document has in any case, and to the schemas that are collected here.
void write_form_paths(json_writer& out, const std::vector<route>& routes, const form_list& forms);

/// Adds the named descriptions that forms consist of, each once.
void collect_form_schemas(const form_list& forms, std::vector<const schema*>& named);

} // namespace souk::http
