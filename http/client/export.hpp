// `souk export`: a running shop's products, users or orders into a file.
#pragma once

#include "http/client/api.hpp"
#include "http/client/console.hpp"
#include "http/client/records/columns.hpp"

namespace souk::client {

struct export_options {
  table what = table::products;
  std::string file; ///< empty or `-`: the console's output
  file_format format = file_format::csv;
  patience how{};
};

/// Pages through the API, one page in memory. What `souk import` takes is written as it takes it;
/// orders as JSON lines are what the API shows. A file appears under its name when it is complete.
/// Returns 0; throws client_error.
int export_file(const shop_login& who, const export_options& options, const console& to);

} // namespace souk::client
