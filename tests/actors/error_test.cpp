// Drives the names of error codes and their way through caf::error by plain calls,
// against our own errors and CAF's.
#include "actors/error.hpp"

#include <caf/exit_reason.hpp>
#include <caf/make_message.hpp>
#include <caf/sec.hpp>
#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace souk::actors;

namespace {

constexpr auto last = static_cast<uint8_t>(ec::internal);

} // namespace

TEST_CASE("every code has a name of its own in snake_case") {
  std::set<std::string_view> names;
  for (uint8_t i = 0; i <= last; ++i) {
    auto name = to_string(static_cast<ec>(i));
    CAPTURE(int{i}, name);
    CHECK_FALSE(name.empty());
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == name.npos);
    names.insert(name);
  }
  CHECK(names.size() == size_t{last} + 1);
  CHECK(to_string(ec::out_of_stock) == "out_of_stock");
  CHECK(to_string(ec::outcome_unknown) == "outcome_unknown");
}

TEST_CASE("a code comes back from the error that it was made into") {
  for (uint8_t i = 1; i <= last; ++i)
    CHECK(code_of(caf::make_error(static_cast<ec>(i))) == static_cast<ec>(i));
  CHECK(code_of(caf::make_error(ec::order_limit_reached, int64_t{30})) == ec::order_limit_reached);
}

TEST_CASE("no error is no code") {
  CHECK(code_of(caf::error{}) == ec::none);
  CHECK(code_of(caf::none) == ec::none);
}

TEST_CASE("CAF's own errors leave open whether it happened") {
  CHECK(code_of(caf::make_error(caf::sec::request_timeout)) == ec::outcome_unknown);
  CHECK(code_of(caf::make_error(caf::sec::request_receiver_down)) == ec::outcome_unknown);
  CHECK(code_of(caf::make_error(caf::sec::runtime_error)) == ec::outcome_unknown);
  CHECK(code_of(caf::make_error(caf::exit_reason::kill)) == ec::outcome_unknown);
}

TEST_CASE("a code that only a newer node knows leaves open whether it happened") {
  CHECK(code_of(caf::error{last + 1, caf::atom("souk")}) == ec::outcome_unknown);
  CHECK(code_of(caf::error{255, caf::atom("souk")}) == ec::outcome_unknown);
}
