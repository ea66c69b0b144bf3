// Drives the table of shards and a router's view of it by plain calls,
// against shards that are started, replaced and let go.
#include "actors/runtime/router.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <vector>

using namespace souk::actors;

namespace {

/// Stands for an actor's handle.
using handle = std::shared_ptr<int>;

handle make(int n) {
  return std::make_shared<int>(n);
}

} // namespace

TEST_CASE("a router without a table has no shards") {
  CHECK(router<handle>{}.size() == 0);
}

TEST_CASE("a shard that was not started yet has no address") {
  router r{std::make_shared<shard_table<handle>>(3)};
  CHECK(r.size() == 3);
  CHECK_FALSE(r.at(2));
}

TEST_CASE("a router sees a shard's next life") {
  auto table = std::make_shared<shard_table<handle>>(2);
  router a{table};
  auto b = a;
  table->set(1, make(10));
  CHECK(*a.at(1) == 10);
  CHECK_FALSE(a.at(0));
  table->set(1, make(11));
  CHECK(*a.at(1) == 11);
  CHECK(*b.at(1) == 11);
}

TEST_CASE("a table that was cleared leads nowhere") {
  auto table = std::make_shared<shard_table<handle>>(1);
  router r{table};
  auto h = make(1);
  table->set(0, h);
  CHECK(r.at(0) == h);
  table->clear();
  CHECK_FALSE(r.at(0));
  CHECK(h.use_count() == 1);
}

TEST_CASE("any of a pool is each of them in turn") {
  auto table = std::make_shared<shard_table<handle>>(3);
  for (int i = 0; i < 3; ++i)
    table->set(static_cast<uint32_t>(i), make(i));
  router r{table};
  for (int i = 0; i < 7; ++i)
    CHECK(*r.any() == i % 3);
}

TEST_CASE("those who ask a pool take turns with each other") {
  auto table = std::make_shared<shard_table<handle>>(2);
  for (int i = 0; i < 2; ++i)
    table->set(static_cast<uint32_t>(i), make(i));
  std::vector<router<handle>> askers(64, router{table});
  int asked[2]{};
  for (size_t i = 0; i < askers.size(); ++i) {
    const int which = *askers[i].any();
    CHECK(which == static_cast<int>(i % 2));
    ++asked[which];
  }
  CHECK(asked[0] == asked[1]);
}
