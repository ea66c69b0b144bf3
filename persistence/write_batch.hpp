// Writes that go into one transaction, with what is known of them before it begins.
#pragma once

#include "actors/messages/store.hpp"
#include "actors/runtime/promise.hpp"
#include "persistence/appended_rows.hpp"
#include "persistence/batch_keys.hpp"

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
using asked_write = asked<actors::write, actors::written>;

/// A batch that grows until it is begun.
struct write_batch {
  /// Whether the write may join: no two are for one key.
  bool accepts(const asked_write& x) const { return keys.accepts(x.command); }

  void add(asked_write x, backend kind, int64_t now) {
    keys.add(x.command);
    if (!rows)
      rows.emplace(kind);
    rows->add(x.command, now);
    writes.push_back(std::move(x.command));
    promises.push_back(std::move(x.promise));
  }

  /// The writes as the committer takes them; valid while the batch stays where it is.
  std::vector<const actors::write*> pointers() const {
    std::vector<const actors::write*> out;
    out.reserve(writes.size());
    for (auto& w : writes)
      out.push_back(&w);
    return out;
  }

  std::vector<actors::write> writes;
  std::vector<actors::promised<actors::written>> promises; ///< one a write
  batch_keys keys;
  std::optional<appended_rows> rows; ///< those that the writes add; none without a write
};

} // namespace souk::persistence
