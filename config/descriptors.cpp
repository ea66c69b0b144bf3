#include "config/descriptors.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace souk::config {

void hold_standard_descriptors() {
  constexpr const char* stand_ins[] = {"/dev/null", "/dev/full", "/dev/null"};
  // In this order, each gets the lowest number that is free.
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) == -1 && ::open(stand_ins[fd], O_RDWR) < 0)
      ::open("/dev/null", O_RDWR);
}

} // namespace souk::config
