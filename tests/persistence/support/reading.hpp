// A reading session of a test's own.
#pragma once

#include "persistence/reads.hpp"
#include "tests/persistence/support/store.hpp"

#include <chrono>
#include <memory>

namespace souk::tests {

/// A reading session.
struct reading {
  explicit reading(const store& s)
    : session{persistence::location::parse(s.options.url), persistence::access::reader,
              std::chrono::seconds{10}} {
    session.open();
    ask = std::make_unique<persistence::reads>(session.sql(), session.kind());
  }
  ~reading() { ask.reset(); }

  persistence::reads* operator->() { return ask.get(); }

  persistence::connection session;
  std::unique_ptr<persistence::reads> ask;
};

} // namespace souk::tests
