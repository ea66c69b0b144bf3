// The real curl, with command lines as documents show them.
#pragma once

#include "tests/system/support/shop.hpp"

#include <string>
#include <utility>
#include <vector>

namespace souk::tests {

/// What stands in a document for something that only the running shop knows.
using replacements = std::vector<std::pair<std::string, std::string>>;

/// Runs a command line that begins with `curl` in a shell, its `http://localhost[:port]` replaced
/// by the server's address and each `replace` by its value. Throws std::runtime_error if curl
/// fails.
answer curl(const shop& at, std::string line, const replacements& replace = {});

} // namespace souk::tests
