// The API's description for people and tools.
#pragma once

#include "http/aliases/form_list.hpp"
#include "http/routes/route.hpp"

#include <string>
#include <vector>

namespace souk::http {

/// An OpenAPI 3.1 document of these routes but the hidden ones, and of these forms, as JSON.
std::string make_openapi(const std::vector<route>& all,
                         const std::vector<aliases::listed_form>& forms = {});

} // namespace souk::http
