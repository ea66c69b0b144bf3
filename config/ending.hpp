// The end of a server is bounded, whatever hangs.
#pragma once

#include <atomic>
#include <thread>

namespace souk::config {

/// Ends the process 9.9 s after this call if the returned thread has not been destroyed by then:
/// what was acknowledged is written, the others have been told, and a database that stands still
/// must not hold the end up. Exit code 70 (EX_SOFTWARE of sysexits.h) if `failed`, else 0.
/// `failed` must outlive the thread.
std::jthread end_in_time(const std::atomic<bool>& failed);

} // namespace souk::config
