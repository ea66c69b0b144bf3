#include "config/descriptors.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace souk::config {

void hold_standard_descriptors() {
  constexpr const char* stand_ins[] = {"/dev/null", "/dev/full", "/dev/null"};
  // In this order, each gets the lowest number that is free.
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) == -1 && ::open(stand_ins[fd], O_RDWR) < 0)
      ::open("/dev/null", O_RDWR);
}

uint32_t descriptors_for_clients(uint32_t wanted) {
  constexpr rlim_t kept_back = 128;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return wanted;
  if (limit.rlim_cur < limit.rlim_max) {
    auto raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0)
      limit = raised;
  }
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= wanted + kept_back)
    return wanted;
  return static_cast<uint32_t>(limit.rlim_cur > 2 * kept_back ? limit.rlim_cur - kept_back
                                                              : limit.rlim_cur / 2);
}

} // namespace souk::config
