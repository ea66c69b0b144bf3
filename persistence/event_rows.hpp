// The events of a batch as rows of PostgreSQL's log: neighbours share one.
#pragma once

#include "actors/messages/store.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace souk::persistence {

/// A row holds this many events at most, so that a reader who wants few need not read many.
inline constexpr size_t events_a_row = 128;

/// Collects a batch's events and writes them as rows of a binary COPY: id, kind, subject, payload,
/// created_at. Several whose ids follow one another share a row, which has the last one's id, no
/// kind, no subject, and as its payload `[[kind, subject, created_at, payload],..]`. Why: of the
/// time that a hot product's order took PostgreSQL, a sixth was its event's row.
class event_rows {
public:
  /// `e` must stay as it is until the rows are written.
  void add(const actors::event& e);

  size_t count() const { return entries_.size(); }

  /// Appends the rows. `ids` are ascending, one for each event.
  void copy(std::string& out, std::span<const int64_t> ids) const;

private:
  struct entry {
    const actors::event* event;
    size_t end; ///< of its text
  };
  void copy_row_of(std::string& out, size_t first, size_t last, int64_t id) const;

  std::string text_; ///< `[..],[..],`: made while the batch before is being committed
  std::vector<entry> entries_;
};

/// The events of a stored row, in order. One that cannot be read is left as it is: of no kind.
std::vector<actors::event> events_of(actors::event row);

} // namespace souk::persistence
