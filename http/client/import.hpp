// `souk import`: a file's products or users into a running shop.
#pragma once

#include "http/client/api.hpp"
#include "http/client/console.hpp"
#include "http/client/records/columns.hpp"

namespace souk::client {

struct import_options {
  table what = table::products; ///< or users
  std::string file;             ///< `-`: the console's input
  file_format format = file_format::csv;
  bool dry_run = false; ///< reads and checks, sends nothing
  patience how{};
};

/// Streams the file in batches over all connections. Products are found by their external id, else
/// by their id, else made; users by their name. Of several lines about one thing the last wins.
/// A line that is no record, or that the server refuses, is named on `err` and left out. Returns 0
/// if all went in, else 1. Throws client_error if it cannot go on; what was sent until then is in
/// the shop, and the same file may be imported again.
int import_file(const shop_login& who, const import_options& options, const console& to);

} // namespace souk::client
