// Runs the rest of a test case once for each database.
#pragma once

#include "tests/system/support/shop.hpp"

#include <catch2/catch.hpp>

/// Declares `kind`; a failure names the database.
#define SOUK_FOR_EACH_DATABASE(kind)                                                               \
  const auto kind = GENERATE(::souk::tests::engine::sqlite, ::souk::tests::engine::postgresql);    \
  INFO("database: " << ::souk::tests::to_string(kind))
