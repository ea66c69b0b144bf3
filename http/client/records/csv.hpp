// Comma-separated values as RFC 4180 has them: quoted cells, doubled quotes, line breaks in cells.
// Lines may also end with LF alone, and the file may begin with a byte order mark.
#pragma once

#include "http/client/records/reader.hpp"

namespace souk::client {

/// The first line names the columns. Empty lines are passed over. After a mistake it goes on with
/// the next line, so that a quote that is never closed costs its own line and no other.
class csv_reader : public record_reader {
public:
  /// Throws file_error: no header, a column twice, or one that is not among `columns`.
  csv_reader(std::istream& in, const std::vector<std::string_view>& columns);

  std::optional<std::variant<record, bad_line>> next() override;

  const std::vector<std::string>& header() const { return header_; }

private:
  /// Reads the cells of a row; nothing at the end.
  std::optional<std::variant<std::vector<std::string>, bad_line>> row();
  int at(size_t place);

  std::vector<std::string> header_;
  uint64_t row_line_ = 0; ///< where the last row began
};

/// Appends a cell, in quotes if it needs them.
void append_csv(std::string& out, std::string_view cell);

} // namespace souk::client
