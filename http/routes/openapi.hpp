// The API's description for people and tools.
#pragma once

#include "http/routes/route.hpp"

#include <string>
#include <vector>

namespace souk::http {

/// An OpenAPI 3.1 document of these routes but the hidden ones, as JSON.
std::string make_openapi(const std::vector<route>& all);

} // namespace souk::http
