#include "http/client/categories.hpp"

#include "http/client/records/raw_json.hpp"

#include <algorithm>
#include <charconv>

namespace souk::client {
namespace {

constexpr const char* route = "/api/v1/categories";

int64_t number_in(std::string_view value) {
  int64_t out = 0;
  std::from_chars(value.data(), value.data() + value.size(), out);
  return out;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos)
    return {};
  return std::string{text.substr(first, text.find_last_not_of(" \t") - first + 1)};
}

} // namespace

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> out{""};
  for (size_t i = 0; i < path.size(); ++i) {
    const bool escape =
      path[i] == '\\' && i + 1 < path.size() && (path[i + 1] == '/' || path[i + 1] == '\\');
    if (escape)
      out.back() += path[++i];
    else if (path[i] == '/')
      out.emplace_back();
    else
      out.back() += path[i];
  }
  for (auto& name : out)
    name = trimmed(name);
  return out;
}

std::string join_path(const std::vector<std::string>& names) {
  std::string out;
  for (size_t i = 0; i < names.size(); ++i) {
    out += i > 0 ? "/" : "";
    for (char c : names[i]) {
      if (c == '/' || c == '\\')
        out += '\\';
      out += c;
    }
  }
  return out;
}

void categories::add(int64_t id, node what) {
  children_.emplace(std::pair{what.parent, what.name}, id);
  named_[what.name].push_back(id);
  nodes_.insert_or_assign(id, std::move(what));
}

void categories::load() {
  nodes_.clear();
  children_.clear();
  named_.clear();
  answers_.clear();
  shop_.list("cannot read the categories", route, [this](std::string_view x) {
    const auto id = number_in(member(x, "id"));
    add(id, {number_in(member(x, "parent_id")), text_of(member(x, "name"))});
  });
}

std::optional<int64_t> categories::child(int64_t parent, const std::string& name) const {
  const auto it = children_.find({parent, name});
  return it == children_.end() ? std::nullopt : std::optional{it->second};
}

categories::found categories::find(std::string_view path) {
  const std::string asked{path};
  if (const auto known = answers_.find(asked); known != answers_.end())
    return known->second;
  const auto names = split_path(path);
  found out;
  if (std::any_of(names.begin(), names.end(), [](const auto& x) { return x.empty(); }))
    return {0, "category has an empty name in its path"};
  if (names.size() == 1 && !child(0, names[0]))
    if (const auto same = named_.find(names[0]); same != named_.end()) {
      if (same->second.size() > 1)
        return {0, "category is the name of several: give its path"};
      return {same->second.front(), {}};
    }
  for (const auto& name : names) {
    auto next = child(out.id, name);
    if (!next) {
      auto body = "{\"name\":" + json_string(name) + "}";
      if (out.id != 0)
        add_member(body, "parent_id", std::to_string(out.id));
      const auto got = shop_.call("POST", route, std::move(body));
      if (got.status != 201 || !is_json(got.body))
        return {0, "category cannot be made: " + describe(got)};
      next = number_in(member(got.body, "id"));
      add(*next, {out.id, name});
      ++made_;
    }
    out.id = *next;
  }
  constexpr size_t most_kept = 100'000;
  if (answers_.size() < most_kept)
    answers_.emplace(asked, out);
  return out;
}

std::string categories::path_of(int64_t id) const {
  std::vector<std::string> names;
  for (auto it = nodes_.find(id); it != nodes_.end(); it = nodes_.find(it->second.parent)) {
    names.push_back(it->second.name);
    if (names.size() > nodes_.size())
      break; // a cycle, which a healthy shop does not have
  }
  std::reverse(names.begin(), names.end());
  return join_path(names);
}

} // namespace souk::client
