#include "http/client/records/csv.hpp"

#include "http/client/records/raw_json.hpp"

#include <algorithm>

namespace souk::client {
namespace {

std::string column_name(std::string_view cell) {
  const auto first = cell.find_first_not_of(" \t");
  std::string out{first == cell.npos ? std::string_view{} : cell.substr(first)};
  out.erase(out.find_last_not_of(" \t") + 1);
  for (auto& c : out)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// For a message: one line of a bounded length, whatever the text holds.
std::string quoted(std::string_view text) {
  auto out = json_string(text.substr(0, 100));
  return out.empty() ? "one that is no UTF-8" : out;
}

} // namespace

csv_reader::csv_reader(std::istream& in, const std::vector<std::string_view>& columns)
  : record_reader{in} {
  skip_byte_order_mark();
  auto first = row();
  if (!first)
    throw file_error{"it is empty: its first line must name the columns"};
  if (const auto* bad = std::get_if<bad_line>(&*first))
    throw file_error{"line " + std::to_string(bad->line) + " " + bad->why};
  for (const auto& cell : std::get<std::vector<std::string>>(*first)) {
    auto name = column_name(cell);
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) {
      std::string known;
      for (auto x : columns)
        known += (known.empty() ? "" : ", ") + std::string{x};
      throw file_error{"its first line names a column " + quoted(name) + "; known are " + known};
    }
    if (std::find(header_.begin(), header_.end(), name) != header_.end())
      throw file_error{"its first line names the column " + quoted(name) + " twice"};
    header_.push_back(std::move(name));
  }
}

std::optional<std::variant<record, bad_line>> csv_reader::next() {
  const auto cells_of_row = row();
  if (!cells_of_row)
    return std::nullopt;
  if (const auto* bad = std::get_if<bad_line>(&*cells_of_row))
    return *bad;
  const auto& cells = std::get<std::vector<std::string>>(*cells_of_row);
  if (cells.size() != header_.size())
    return bad_line{row_line_, "has " + std::to_string(cells.size()) + " cells, the header has "
                                 + std::to_string(header_.size())};
  record out{row_line_, {}};
  for (size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].empty())
      continue;
    auto value = json_string(cells[i]);
    if (value.empty())
      return bad_line{row_line_, "is no UTF-8 in the column " + header_[i]};
    out.members.emplace_back(header_[i], std::move(value));
  }
  return out;
}

int csv_reader::at(size_t place) {
  while (place >= window_.text().size())
    if (!window_.more())
      return -1;
  return static_cast<unsigned char>(window_.text()[place]);
}

std::optional<std::variant<std::vector<std::string>, bad_line>> csv_reader::row() {
  while (at(0) == '\n' || (at(0) == '\r' && at(1) == '\n'))
    window_.drop(at(0) == '\n' ? 1 : 2);
  if (at(0) < 0)
    return std::nullopt;
  row_line_ = window_.line();
  std::vector<std::string> cells{""};
  bool in_quotes = false, closed = false; // a closed cell may only end
  // Nothing is dropped before the row is complete, so that a mistake can go back to its first line.
  for (size_t i = 0;; ++i) {
    const int c = at(i);
    if (i > max_record)
      return skip("is longer than " + std::to_string(max_record)
                  + " bytes (or a quote is not closed)");
    if (in_quotes) {
      if (c < 0)
        return skip("has a quote that is not closed");
      if (c != '"')
        cells.back() += static_cast<char>(c);
      else if (at(i + 1) == '"')
        cells.back() += '"', ++i;
      else
        in_quotes = false, closed = true;
    } else if (c < 0 || c == '\n' || (c == '\r' && (at(i + 1) == '\n' || at(i + 1) < 0))) {
      window_.drop(i + (c < 0 ? 0 : c == '\n' ? 1 : 2));
      return cells;
    } else if (c == ',') {
      cells.emplace_back();
      closed = false;
    } else if (closed)
      return skip("has something between a closing quote and the comma");
    else if (c != '"')
      cells.back() += static_cast<char>(c);
    else if (cells.back().empty())
      in_quotes = true;
    else
      return skip("has a quote inside a cell that does not begin with one");
  }
}

void append_csv(std::string& out, std::string_view cell) {
  const bool spaced = cell.starts_with(' ') || cell.ends_with(' ');
  if (!spaced && cell.find_first_of("\",\r\n") == cell.npos) {
    out += cell;
    return;
  }
  out += '"';
  for (char c : cell) {
    out += c;
    if (c == '"')
      out += '"';
  }
  out += '"';
}

} // namespace souk::client
