// A file of records, CSV or JSON lines, read as a stream: memory is bounded by the longest record.
#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace souk::client {

enum class file_format : uint8_t { csv, jsonl };

/// `csv` or `jsonl`.
std::optional<file_format> parse_format(std::string_view text);

/// By a file's suffix: .csv, or .jsonl, .ndjson, .json; nothing for any other.
std::optional<file_format> format_of(std::string_view path);

/// One record. A member's value is raw JSON; a CSV cell is a JSON string, an empty one is left out.
struct record {
  uint64_t line = 0; ///< where it begins; the first line is 1
  std::vector<std::pair<std::string, std::string>> members;
};

/// What cannot be read as a record. The next one begins on the line after `line`.
struct bad_line {
  uint64_t line = 0;
  std::string why;
};

/// The whole file is of no use; what() says why, without its name.
struct file_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A part of a file in memory: grows at the end, shrinks at the front.
class text_window {
public:
  explicit text_window(std::istream& in) : in_{in} {}

  /// What was read and is not dropped yet.
  std::string_view text() const { return std::string_view{data_}.substr(begin_); }

  /// Reads on; false at the end. Invalidates text(). Throws file_error if reading fails.
  bool more();

  /// Forgets `count` bytes of text() and counts the line breaks in them.
  void drop(size_t count);

  /// Forgets all up to and with the next line break, or the end.
  void drop_line();

  uint64_t line() const { return line_; }   ///< of the first byte of text()
  uint64_t bytes() const { return bytes_; } ///< dropped so far

private:
  std::istream& in_;
  std::string data_;
  size_t begin_ = 0;
  uint64_t line_ = 1;
  uint64_t bytes_ = 0;
};

/// For one thread. Its stream must outlive it.
class record_reader {
public:
  explicit record_reader(std::istream& in) : window_{in} {}
  record_reader(const record_reader&) = delete;
  record_reader& operator=(const record_reader&) = delete;
  virtual ~record_reader() = default;

  /// The next record, or what stands in its place; nothing at the end. Throws file_error.
  virtual std::optional<std::variant<record, bad_line>> next() = 0;

  /// How much of the file has been used.
  uint64_t bytes() const { return window_.bytes(); }

  /// The longest record, in bytes.
  static constexpr size_t max_record = 256 * 1024;

protected:
  bad_line skip(std::string why);
  void skip_byte_order_mark();

  text_window window_;
};

/// Reads the header of a CSV file at once: throws file_error if it has none or names a column that
/// is not among `columns`. JSON lines may have any member here.
std::unique_ptr<record_reader> make_reader(file_format format, std::istream& in,
                                           const std::vector<std::string_view>& columns);

} // namespace souk::client
