#include "http/routes/line_limit.hpp"

#include <catch2/catch.hpp>

namespace souk::http {

TEST_CASE("of many lines in a second the first are written, and the others counted", "[log]") {
  using std::chrono::milliseconds;
  const line_limit::time_point start{milliseconds{5'000}};
  line_limit limit{3};
  int written = 0;
  for (int i = 0; i < 100; ++i) {
    const auto d = limit.next(start + milliseconds{i});
    written += d.write;
    CHECK(d.left_out == 0);
  }
  CHECK(written == 3);

  SECTION("the next second tells how many, once") {
    const auto first = limit.next(start + milliseconds{1'000});
    CHECK(first.write);
    CHECK(first.left_out == 97);
    const auto second = limit.next(start + milliseconds{1'001});
    CHECK(second.write);
    CHECK(second.left_out == 0);
  }
  SECTION("a second without any is nothing to tell of") {
    CHECK(limit.next(start + milliseconds{1'000}).left_out == 97);
    const auto later = limit.next(start + milliseconds{60'000});
    CHECK(later.write);
    CHECK(later.left_out == 0);
  }
}

} // namespace souk::http
