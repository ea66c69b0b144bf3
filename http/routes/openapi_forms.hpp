// The part of /openapi.json on the request forms of existing shops.
#pragma once

#include "http/aliases/form.hpp"
#include "http/routes/json_writer.hpp"
#include "http/routes/route.hpp"

#include <string_view>
#include <vector>

namespace souk::http {

/// The tag of all forms.
inline constexpr std::string_view forms_tag = "forms";

using form_list = std::vector<aliases::listed_form>;

/// Writes the paths of the forms, but for those that are paths of routes too. Who may use a form is
/// said by the route among `routes` that it leads to. Refers to the components that the document
/// has in any case.
void write_form_paths(json_writer& out, const std::vector<route>& routes, const form_list& forms);

} // namespace souk::http
