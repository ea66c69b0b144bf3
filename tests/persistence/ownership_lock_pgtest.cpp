// Drives the committer while another node would take its shard over, against PostgreSQL: SQLite has
// one writer, who holds the whole file.
#include "tests/persistence/support/store.hpp"
#include "tests/system/support/waiting.hpp"

#include <catch2/catch.hpp>

#include <utility>

namespace souk::tests {

using namespace actors;
using persistence::connection;
using persistence::step;

namespace {

/// Whether nobody holds the row of order shard 1, so that it could be taken over now.
bool may_be_taken_over(const store& s) {
  return s.number("select count(*) from (select 1 from ownership where domain = 3 and shard = 1 "
                  "for update skip locked) as free")
         == 1;
}

} // namespace

TEST_CASE("rule 8: a shard is not taken over in the middle of its owner's write") {
  store s{engine::postgresql};
  s.stock_up({100});
  bool free_before = false;
  bool free_meanwhile = true;
  s.committer().on_step([&](step now, connection&) {
    if (now == step::before_begin)
      free_before = may_be_taken_over(s);
    if (now == step::before_commit)
      free_meanwhile = may_be_taken_over(s);
  });
  auto result = s.commit({place(5, {{1, 1}})});
  CHECK(result.decisions[0].error == ec::none);
  CHECK(free_before);
  CHECK_FALSE(free_meanwhile);
  CHECK(may_be_taken_over(s));
}

TEST_CASE("rule 8: an owner that falls silent in the middle of a write loses its lock, not more") {
  store s{engine::postgresql};
  s.stock_up({100});
  bool released = false;
  s.committer().on_step([&, first = true](step now, connection&) mutable {
    if (now == step::before_commit && std::exchange(first, false))
      released = eventually(30s, [&] { return may_be_taken_over(s); });
  });
  auto result = s.commit({place(5, {{1, 1}})});
  CHECK(released); // the session's own time-out ended it
  CHECK(result.decisions[0].error == ec::none);
  CHECK(result.decisions[0].answer.refused == refusal::none);
  CHECK(s.count("orders") == 1);
  CHECK(s.on_hand(1) == 99);
  CHECK(s.faults().empty());
}

} // namespace souk::tests
