// Writes that go into one transaction, with what is known of them before it begins.
#pragma once

#include "actors/messages/store.hpp"
#include "actors/runtime/promise.hpp"
#include "persistence/appended_rows.hpp"
#include "persistence/batch_keys.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace souk::persistence {

/// What someone asked the writer, and where the answer goes.
template <class Command, class Answer>
struct asked {
  Command command;
  actors::promised<Answer> promise;
};

/// Each where it was put first: a write is large, and waits in several places.
using asked_write = std::unique_ptr<asked<actors::write, actors::written>>;

/// A batch that grows until it is begun.
struct write_batch {
  /// Whether the write may join: no two are for one key.
  bool accepts(const asked_write& x) const { return keys.accepts(x->command); }

  void add(asked_write x, backend kind, int64_t now) {
    keys.add(x->command);
    if (!rows)
      rows.emplace(kind);
    rows->add(x->command, now);
    writes.push_back(&x->command);
    asks.push_back(std::move(x));
  }

  std::vector<asked_write> asks;
  std::vector<actors::write*> writes; ///< theirs
  batch_keys keys;
  std::optional<appended_rows> rows; ///< those that the writes add; none without a write
};

} // namespace souk::persistence
