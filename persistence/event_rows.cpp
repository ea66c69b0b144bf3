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

/// The texts of a JSON array's elements; nothing if it is none. Only strings and brackets are
/// looked at: what is inside is for others to read, and a payload stays as it was written.
std::optional<std::vector<std::string_view>> elements_of(std::string_view array) {
  std::vector<std::string_view> all;
  size_t depth = 0;
  size_t begin = 1;
  bool quoted = false;
  for (size_t at = 0; at < array.size(); ++at) {
    const char c = array[at];
    if (quoted) {
      at += c == '\\' ? 1 : 0;
      quoted = c != '"';
      continue;
    }
    quoted = c == '"';
    depth += c == '[' || c == '{' ? 1 : 0;
    if (depth == 0)
      return std::nullopt;
    if (depth == 1 && (c == ',' || c == ']')) {
      all.push_back(array.substr(begin, at - begin));
      begin = at + 1;
    }
    if (c == ']' || c == '}')
      --depth;
    if (depth == 0)
      return c == ']' && at + 1 == array.size() ? std::optional{std::move(all)} : std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> string_of(std::string_view json) {
  if (json.size() < 2 || json.front() != '"' || json.back() != '"')
    return std::nullopt;
  if (json.find('\\') == json.npos)
    return std::string{json.substr(1, json.size() - 2)};
  const auto text = nlohmann::json::parse(json, nullptr, false);
  return text.is_string() ? std::optional{text.get<std::string>()} : std::nullopt;
}

/// One entry of a shared row, without its id.
std::optional<event> event_of(std::string_view entry) {
  const auto parts = elements_of(entry);
  if (!parts || parts->size() != 4)
    return std::nullopt;
  auto kind = string_of((*parts)[0]);
  auto subject = string_of((*parts)[1]);
  const auto time = (*parts)[2];
  int64_t created_at = 0;
  const auto [end, ec] = std::from_chars(time.data(), time.data() + time.size(), created_at);
  if (!kind || !subject || ec != std::errc{} || end != time.data() + time.size())
    return std::nullopt;
  return event{0, std::move(*kind), std::move(*subject), std::string{(*parts)[3]}, created_at, {}};
}

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
  std::vector<event> all;
  const auto list = row.kind.empty() ? elements_of(row.payload) : std::nullopt;
  if (list) {
    all.reserve(list->size());
    auto id = row.id - static_cast<int64_t>(list->size());
    for (const auto entry : *list) {
      auto e = event_of(entry);
      if (!e) {
        all.clear();
        break;
      }
      e->id = ++id;
      all.push_back(std::move(*e));
    }
  }
  if (all.empty())
    all.push_back(std::move(row));
  return all;
}

} // namespace souk::persistence
