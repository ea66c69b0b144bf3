#include "config/signals.hpp"

#include "actors/log.hpp"

#include <signal.h>

#include <exception>

namespace souk::config {
namespace {

sigset_t obeyed() {
  sigset_t out;
  sigemptyset(&out);
  for (int x : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&out, x);
  return out;
}

void read_again(http::tls_identity& tls) {
  try {
    tls.reload();
    spdlog::info("the certificate and its key were read again");
  } catch (const std::exception& e) {
    spdlog::error("the certificate stays what it was: {}", e.what());
  }
}

} // namespace

void block_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  const auto all = obeyed();
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

int wait_for_end(http::tls_identity* tls) {
  const auto all = obeyed();
  for (;;) {
    int signal = 0;
    sigwait(&all, &signal);
    if (signal != SIGHUP || tls == nullptr)
      return signal;
    read_again(*tls);
  }
}

} // namespace souk::config
