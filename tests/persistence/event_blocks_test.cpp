// Drives the ids of events that a session has left.
#include "persistence/event_blocks.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace souk::tests {

using persistence::event_blocks;

TEST_CASE("blocks of ids are wanted when those at hand do not suffice") {
  event_blocks ids;
  CHECK(ids.missing(0) == 0);
  CHECK(ids.missing(1) == 1);
  CHECK(ids.missing(event_blocks::size) == 1);
  CHECK(ids.missing(event_blocks::size + 1) == 2);
  ids.add(7);
  CHECK(ids.missing(event_blocks::size) == 0);
  ids.take(24);
  CHECK(ids.missing(1000) == 0);
  CHECK(ids.missing(1001) == 1);
}

TEST_CASE("ids are those of the blocks, ascending, each once") {
  event_blocks ids;
  ids.add(7);
  ids.add(9);
  auto all = ids.take(1000);
  CHECK(all.front() == 7 * 1024);
  auto more = ids.take(1048);
  all.insert(all.end(), more.begin(), more.end());
  CHECK(all.size() == 2048);
  CHECK(all[1023] == 7 * 1024 + 1023);
  CHECK(all[1024] == 9 * 1024);
  CHECK(all.back() == 9 * 1024 + 1023);
  CHECK(std::is_sorted(all.begin(), all.end()));
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  CHECK(ids.take(1).empty());
}

} // namespace souk::tests
