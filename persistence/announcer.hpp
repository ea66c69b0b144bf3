// Tells those concerned what a batch has committed. Knows actors and no SQL.
#pragma once

#include "persistence/committer.hpp"
#include "persistence/persistence.hpp"

#include <cstdint>
#include <span>

namespace souk::persistence {

/// Used by the writer's thread.
class announcer {
public:
  announcer() = default;
  explicit announcer(const listeners& l);

  /// The stock shards first, then notifiers and readers of the log; then the writes may be
  /// answered: who has seen an answer sees its counts. Takes the events out of the writes.
  void tell(std::span<actors::write* const> writes, const batch_result& result);

  /// After a loss of the connection, counts may have been committed that nobody was told.
  void tell_doubt();

private:
  void tell_stock(std::span<actors::write* const> writes, const batch_result& result);
  void tell_notifiers(std::span<actors::write* const> writes, const batch_result& result);
  void tell_log_readers(const batch_result& result);

  actors::router<actors::stock_actor> stock_;
  actors::router<actors::notifier_actor> notifiers_;
  actors::router<actors::log_reader_actor> log_readers_;
};

} // namespace souk::persistence
