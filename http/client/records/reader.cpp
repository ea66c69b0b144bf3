#include "http/client/records/reader.hpp"

#include "http/client/records/csv.hpp"
#include "http/client/records/raw_json.hpp"

#include <algorithm>

namespace souk::client {
namespace {

/// A JSON object a line; empty lines are passed over.
class json_lines_reader : public record_reader {
public:
  explicit json_lines_reader(std::istream& in) : record_reader{in} { skip_byte_order_mark(); }

  std::optional<std::variant<record, bad_line>> next() override {
    for (;;) {
      const auto end = find_end();
      if (!end)
        return skip("is longer than " + std::to_string(max_record) + " bytes");
      auto text = window_.text().substr(0, *end);
      const auto line = window_.line();
      const auto last = text.find_last_not_of(" \t\r");
      if (last != text.npos) {
        auto out = read(text.substr(0, last + 1), line);
        drop(*end);
        return out;
      }
      if (*end == window_.text().size())
        return std::nullopt;
      drop(*end);
    }
  }

private:
  /// Where the line ends; nothing if it is too long.
  std::optional<size_t> find_end() {
    size_t from = 0;
    for (;;) {
      const auto text = window_.text();
      const auto end = std::min(text.find('\n', from), text.size());
      if (end > max_record)
        return std::nullopt;
      from = text.size();
      if (end < text.size() || !window_.more())
        return end;
    }
  }

  void drop(size_t end) { window_.drop(end + (end < window_.text().size() ? 1 : 0)); }

  static std::variant<record, bad_line> read(std::string_view text, uint64_t line) {
    const auto first = text.find_first_not_of(" \t");
    if (!is_json(text))
      return bad_line{line, "is no JSON in UTF-8"};
    if (text[first] != '{')
      return bad_line{line, "is no JSON object"};
    record out{line, {}};
    for (auto& x : members(text)) {
      const auto same = [&](const auto& known) { return known.first == x.name; };
      if (std::any_of(out.members.begin(), out.members.end(), same))
        return bad_line{line, "has " + json_string(x.name) + " twice"};
      out.members.emplace_back(std::move(x.name), x.value);
    }
    return out;
  }
};

} // namespace

std::optional<file_format> parse_format(std::string_view text) {
  if (text == "csv")
    return file_format::csv;
  if (text == "jsonl")
    return file_format::jsonl;
  return std::nullopt;
}

std::optional<file_format> format_of(std::string_view path) {
  if (path.ends_with(".csv") || path.ends_with(".CSV"))
    return file_format::csv;
  for (std::string_view suffix : {".jsonl", ".ndjson", ".json"})
    if (path.ends_with(suffix))
      return file_format::jsonl;
  return std::nullopt;
}

bool text_window::more() {
  constexpr size_t block = 64 * 1024;
  if (!in_.good())
    return false;
  if (begin_ > 0) {
    data_.erase(0, begin_);
    begin_ = 0;
  }
  const auto size = data_.size();
  data_.resize(size + block);
  in_.read(data_.data() + size, block);
  const auto count = static_cast<size_t>(in_.gcount());
  data_.resize(size + count);
  if (in_.bad())
    throw file_error{"it cannot be read to its end"};
  return count > 0;
}

void text_window::drop(size_t count) {
  const auto gone = text().substr(0, count);
  line_ += static_cast<uint64_t>(std::count(gone.begin(), gone.end(), '\n'));
  begin_ += gone.size();
  bytes_ += gone.size();
}

void text_window::drop_line() {
  for (;;) {
    const auto end = text().find('\n');
    drop(end == std::string_view::npos ? text().size() : end + 1);
    if (end != std::string_view::npos || !more())
      return;
  }
}

bad_line record_reader::skip(std::string why) {
  bad_line out{window_.line(), std::move(why)};
  window_.drop_line();
  return out;
}

void record_reader::skip_byte_order_mark() {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  while (window_.text().size() < mark.size() && window_.more()) {}
  if (window_.text().starts_with(mark))
    window_.drop(mark.size());
}

std::unique_ptr<record_reader> make_reader(file_format format, std::istream& in,
                                           const std::vector<std::string_view>& columns) {
  if (format == file_format::csv)
    return std::make_unique<csv_reader>(in, columns);
  return std::make_unique<json_lines_reader>(in);
}

} // namespace souk::client
