// The mailer: one file per mail.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace souk::actors {

struct mailer_config {
  std::string dir; ///< made when the first mail is written; only its owner may read
  std::string from = "souk@localhost"; ///< an address
  size_t max_queue = 1'000;            ///< mails waiting; more fail with `overloaded`
};

/// Spawn it `detached`, it blocks. A mail is `<ms since 1970>-<random>.eml`: written under another
/// name, synced, then renamed. Holds nothing, so a restart loses only what waits in its mailbox.
mailer_actor::behavior_type mailer_behavior(mailer_actor::pointer self, mailer_config config);

/// A mail as RFC 5322 text; empty if an address or the subject is not acceptable in a header.
/// `now`: milliseconds since 1970.
std::string format_mail(const send_mail& mail, const std::string& from, const std::string& id,
                        int64_t now);

} // namespace souk::actors
