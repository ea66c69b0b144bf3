#include "http/routes/route_table.hpp"

#include "http/routes/json_reader.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace souk::http {
namespace {

/// The slot of a method; http_methods if it has none.
size_t slot_of(std::string_view method) {
  if (method == "HEAD")
    return static_cast<size_t>(http_method::get);
  for (size_t i = 0; i < http_methods; ++i)
    if (method == to_string(static_cast<http_method>(i)))
      return i;
  return http_methods;
}

bool is_known_elsewhere(std::string_view method) {
  return method == "CONNECT" || method == "TRACE";
}

/// The Allow header of a path; empty if it has no route.
std::string allowed(const std::array<const route*, http_methods>& at) {
  std::string out;
  for (size_t i = 0; i < http_methods; ++i) {
    if (!at[i])
      continue;
    out.append(to_string(static_cast<http_method>(i))).append(", ");
    if (static_cast<http_method>(i) == http_method::get)
      out.append("HEAD, ");
  }
  return out.empty() ? out : out.append("OPTIONS");
}

std::optional<int64_t> read_id(std::string_view text) {
  int64_t id = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, id);
  if (read.ec != std::errc{} || read.ptr != end || id < 1 || id > max_safe_integer)
    return std::nullopt;
  return id;
}

/// Takes the next segment off a path that begins with a slash.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const auto out = path.substr(0, end);
  path.remove_prefix(end);
  return out;
}

} // namespace

route_table::route_table(std::vector<route> routes) : routes_{std::move(routes)}, nodes_(1) {
  for (const auto& x : routes_)
    insert(x);
}

void route_table::insert(const route& x) {
  uint32_t at = 0;
  auto rest = x.path;
  while (rest.size() > 1)
    at = child(at, take_segment(rest));
  auto& slot = nodes_[at].at[static_cast<size_t>(x.method)];
  if (!slot)
    slot = &x;
}

uint32_t route_table::child(uint32_t parent, std::string_view segment) {
  const auto made = static_cast<uint32_t>(nodes_.size());
  if (segment.front() == '{') {
    const auto kind = segment == user_id_segment ? &node::user_child : &node::id_child;
    if (nodes_[parent].*kind == 0) {
      nodes_[parent].*kind = made;
      nodes_.emplace_back();
    }
    return nodes_[parent].*kind;
  }
  for (const auto& [name, next] : nodes_[parent].literals)
    if (name == segment)
      return next;
  nodes_[parent].literals.emplace_back(segment, made);
  nodes_.emplace_back();
  return made;
}

const route_table::node* route_table::step(const node& from, std::string_view segment,
                                           match& ids) const {
  for (const auto& [name, next] : from.literals)
    if (name == segment)
      return &nodes_[next];
  if (const auto read = from.id_child == 0 ? std::nullopt : read_id(segment)) {
    (ids.id == 0 ? ids.id : ids.id2) = *read;
    return &nodes_[from.id_child];
  }
  if (const auto read = from.user_child == 0 ? std::nullopt : domain::parse_uuid(segment)) {
    ids.user_id = *read;
    return &nodes_[from.user_child];
  }
  return nullptr;
}

route_table::walked route_table::walk(std::string_view path) const {
  walked out{&nodes_[0]};
  if (path.empty() || path[0] != '/')
    return {nullptr, {}, true};
  if (path.back() == '/')
    path.remove_suffix(1);
  while (out.at && !path.empty()) {
    const auto segment = take_segment(path);
    if (segment.find('%') == std::string_view::npos) {
      out.at = step(*out.at, segment, out.ids);
    } else if (const auto decoded = percent_decode(segment, false)) {
      out.at = step(*out.at, *decoded, out.ids);
    } else {
      return {nullptr, {}, true};
    }
  }
  return out;
}

match route_table::find(std::string_view method, std::string_view path) const {
  const bool options = method == "OPTIONS";
  const auto slot = slot_of(method);
  if (slot == http_methods && !options && !is_known_elsewhere(method))
    return {match_kind::unknown_method};
  if (options && path == "*")
    return {match_kind::options, nullptr, 0, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"};
  const auto end = walk(path);
  if (end.bad_escape)
    return {match_kind::bad_path};
  if (!end.at)
    return {match_kind::no_path};
  if (slot < http_methods && end.at->at[slot])
    return {match_kind::found, end.at->at[slot], end.ids.id, {}, end.ids.id2, end.ids.user_id};
  auto allow = allowed(end.at->at);
  if (allow.empty())
    return {match_kind::no_path};
  return {options ? match_kind::options : match_kind::no_method, nullptr, 0, std::move(allow)};
}

const route_table& all_routes() {
  static const route_table table{[] {
    std::vector<route> all;
    add_health_routes(all);
    add_docs_routes(all);
    add_auth_routes(all);
    add_password_routes(all);
    add_user_routes(all);
    add_user_import_routes(all);
    add_address_routes(all);
    add_product_routes(all);
    add_category_routes(all);
    add_import_routes(all);
    add_stock_routes(all);
    add_order_routes(all);
    add_order_change_routes(all);
    add_order_history_routes(all);
    add_cart_routes(all);
    return all;
  }()};
  return table;
}

std::string canonical_path(const route& at, int64_t id, int64_t id2, const domain::uuid& user_id) {
  std::string out;
  auto rest = at.path;
  for (auto open = rest.find('{'); open != rest.npos; open = rest.find('{')) {
    const auto close = rest.find('}', open);
    out += rest.substr(0, open);
    if (rest.substr(open, close + 1 - open) == user_id_segment)
      out += domain::to_string(user_id);
    else
      out += std::to_string(std::exchange(id, id2));
    rest.remove_prefix(close + 1);
  }
  return out.append(rest);
}

} // namespace souk::http
