// The signals that a server obeys.
#pragma once

#include "http/server/tls_identity.hpp"

namespace souk::config {

/// Holds SIGTERM, SIGINT and SIGHUP back for `wait_for_end`, and ignores SIGPIPE: whoever read the
/// log may go away. Call it before any thread begins, so that all inherit it.
void block_signals();

/// Waits for the signal that ends the server, and returns it. With a certificate SIGHUP is none: it
/// reads the files again, and what is wrong with them is logged. `tls`: null without one.
int wait_for_end(http::tls_identity* tls);

} // namespace souk::config
