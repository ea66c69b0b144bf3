// Drives the limit of open files by plain calls, in this process: its soft limit alone, which can
// be raised again.
#include "config/descriptors.hpp"

#include <catch2/catch.hpp>

#include <sys/resource.h>

using souk::config::descriptors_for_clients;

namespace {

rlimit limit_now() {
  rlimit x{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &x) == 0);
  return x;
}

} // namespace

TEST_CASE("the limit of open files is raised, and leaves room for others than clients") {
  const auto before = limit_now();
  REQUIRE(before.rlim_max >= 512);
  auto lowered = before;
  lowered.rlim_cur = 256;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &lowered) == 0);
  CHECK(descriptors_for_clients(10) == 10);
  CHECK(limit_now().rlim_cur == before.rlim_max);
  if (before.rlim_max < 4'000'000'000) {
    const auto all = static_cast<uint32_t>(before.rlim_max);
    CHECK(descriptors_for_clients(all - 128) == all - 128);
    CHECK(descriptors_for_clients(all) == all - 128);
  }
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
}
