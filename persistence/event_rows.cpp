#include "persistence/event_rows.hpp"

#include "actors/domain/json_text.hpp"
#include "persistence/copy_rows.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace souk::persistence {

using actors::event;

namespace {

std::string_view payload_of(const event& e) {
  return e.payload.empty() ? std::string_view{"{}"} : e.payload;
}

/// Reads a shared row's payload, in one go: each event is read once by whoever follows the log.
/// What an event's own payload says is for others to read; it stays as it was written.
class entry_reader {
public:
  explicit entry_reader(std::string_view text) : text_{text} {}

  /// The events, without their ids; nothing if the text is no list of entries.
  std::optional<std::vector<event>> all() {
    std::vector<event> found;
    if (!take('['))
      return std::nullopt;
    do {
      if (!entry(found.emplace_back()))
        return std::nullopt;
    } while (take(','));
    return take(']') && at_ == text_.size() ? std::optional{std::move(found)} : std::nullopt;
  }

private:
  bool entry(event& e) {
    return take('[') && string(e.kind) && take(',') && string(e.subject) && take(',')
           && integer(e.created_at) && take(',') && value(e.payload) && take(']');
  }

  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c)
      return false;
    ++at_;
    return true;
  }

  bool string(std::string& to) {
    const auto begin = at_;
    bool escapes = false;
    if (!skip_string(escapes))
      return false;
    const auto json = text_.substr(begin, at_ - begin);
    if (!escapes) {
      to = json.substr(1, json.size() - 2);
      return true;
    }
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    if (!parsed.is_string())
      return false;
    to = parsed.get<std::string>();
    return true;
  }

  bool integer(int64_t& to) {
    const auto [end, ec] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), to);
    at_ = static_cast<size_t>(end - text_.data());
    return ec == std::errc{};
  }

  /// Whatever ends where its brackets do, or else before the next comma or bracket.
  bool value(std::string& to) {
    const auto begin = at_;
    size_t depth = 0;
    bool escapes = false;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!skip_string(escapes))
          return false;
        continue;
      }
      if (depth == 0 && (c == ',' || c == ']' || c == '}'))
        break;
      depth += c == '[' || c == '{' ? 1 : 0;
      depth -= c == ']' || c == '}' ? 1 : 0;
      ++at_;
    }
    to = text_.substr(begin, at_ - begin);
    return at_ > begin;
  }

  bool skip_string(bool& escapes) {
    if (!take('"'))
      return false;
    while (at_ < text_.size() && text_[at_] != '"') {
      const bool escape = text_[at_] == '\\';
      escapes = escapes || escape;
      at_ += escape ? 2 : 1;
    }
    return at_ < text_.size() && take('"');
  }

  std::string_view text_;
  size_t at_ = 0;
};

void copy_event(std::string& out, const event& e, int64_t id) {
  copy_row row{out, 5};
  row.bigint(id).text(e.kind).text(e.subject).text(payload_of(e)).bigint(e.created_at);
}

} // namespace

void event_rows::add(const event& e) {
  text_ += '[';
  domain::append_json_string(text_, e.kind);
  text_ += ',';
  domain::append_json_string(text_, e.subject);
  text_ += ',';
  domain::append_int(text_, e.created_at);
  text_ += ',';
  text_.append(payload_of(e)).append("],");
  entries_.push_back({&e, text_.size()});
}

void event_rows::copy(std::string& out, std::span<const int64_t> ids) const {
  size_t first = 0;
  while (first < entries_.size()) {
    size_t last = first;
    while (last + 1 < entries_.size() && ids[last + 1] == ids[last] + 1
           && last + 1 - first < events_a_row)
      ++last;
    copy_row_of(out, first, last, ids[last]);
    first = last + 1;
  }
}

void event_rows::copy_row_of(std::string& out, size_t first, size_t last, int64_t id) const {
  if (first == last)
    return copy_event(out, *entries_[first].event, id);
  const auto from = first == 0 ? 0 : entries_[first - 1].end;
  event row;
  row.payload = "[";
  row.payload.append(text_, from, entries_[last].end - 1 - from).append("]");
  for (auto i = first; i <= last; ++i)
    row.created_at = std::max(row.created_at, entries_[i].event->created_at);
  copy_event(out, row, id);
}

std::vector<event> events_of(event row) {
  if (row.kind.empty())
    if (auto all = entry_reader{row.payload}.all()) {
      auto id = row.id - static_cast<int64_t>(all->size());
      for (auto& e : *all)
        e.id = ++id;
      return std::move(*all);
    }
  std::vector<event> one;
  one.push_back(std::move(row));
  return one;
}

} // namespace souk::persistence
