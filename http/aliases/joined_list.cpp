// How a list's pages are joined.
#include "http/aliases/translation.hpp"

#include <algorithm>

namespace souk::http::aliases {
namespace {

/// The cursor of a `Link: <...?cursor=...>; rel="next"`; empty: none.
std::string next_cursor(const response& page) {
  for (const auto& [name, value] : page.headers) {
    if (name != "Link" || value.find("rel=\"next\"") == std::string::npos)
      continue;
    const auto start = value.find("cursor=");
    if (start != std::string::npos)
      return value.substr(start + 7, value.find_first_of("&>", start) - start - 7);
  }
  return {};
}

void erase_header(response& r, std::string_view name) {
  std::erase_if(r.headers, [name](const auto& x) { return x.first == name; });
}

std::string with_parameter(std::string target, std::string_view name, std::string_view encoded) {
  target += target.find('?') == std::string::npos ? '?' : '&';
  return target.append(name).append("=").append(encoded);
}

} // namespace

/// A list on its way: the pages so far.
struct translation::joined_list {
  std::string target;        ///< with the client's parameters, without cursor and limit
  std::string limit = "200"; ///< of one page: of the longest orders, about three megabytes
  bool one_page = false;     ///< the client asked for a limit
  size_t rows = 0;
  std::string text = "[";
};

bool translation::is_field(std::string_view name) const {
  return std::any_of(at_->fields.begin(), at_->fields.end(), [name](const form_field& x) {
    return x.name == name || std::find(x.from.begin(), x.from.end(), name) != x.from.end();
  });
}

void translation::send_list() {
  auto list = std::make_shared<joined_list>();
  list->target = target_;
  std::string cursor;
  for (const auto& [name, value] : query_fields(sent_.target)) {
    auto encoded = percent_encode(value);
    if (name == "cursor") {
      cursor = std::move(encoded);
    } else if (name == "limit") {
      list->limit = std::move(encoded);
      list->one_page = true;
    } else if (!is_field(name)) {
      list->target = with_parameter(std::move(list->target), percent_encode(name), encoded);
    }
  }
  send_page(list, cursor);
}

void translation::send_page(const std::shared_ptr<joined_list>& list, std::string cursor) {
  auto target = with_parameter(list->target, "limit", list->limit);
  if (!cursor.empty())
    target = with_parameter(std::move(target), "cursor", cursor);
  ask(http_method::get, std::move(target), {}, [self = shared_from_this(), list](response&& page) {
    if (page.status >= 200 && page.status < 300)
      self->add_page(list, std::move(page));
    else
      self->receive(std::move(page));
  });
}

void translation::add_page(const std::shared_ptr<joined_list>& list, response&& page) {
  auto rows = json_of(page);
  if (!rows || !rows->is(json_kind::array))
    return refuse(describe(actors::ec::internal));
  auto& text = list->text;
  list->rows += rows->items.size();
  for (auto& row : rows->items) {
    if (at_->shape)
      at_->shape(*this, row);
    if (text.size() > 1)
      text += ',';
    text += to_json(row);
  }
  const auto cursor = next_cursor(page);
  if (!cursor.empty() && !list->one_page && list->rows < max_joined_rows
      && text.size() < max_joined_bytes)
    return send_page(list, cursor);
  erase_header(page, "Link");
  if (!cursor.empty())
    add_next_link(page, cursor);
  page.body = std::move(text);
  page.body += ']';
  succeed(std::move(page));
}

void translation::add_next_link(response& page, const std::string& cursor) const {
  const auto path = sent_.target.substr(0, sent_.target.find('?'));
  std::string link = "<" + path + "?cursor=" + cursor;
  for (const auto& [name, value] : query_fields(sent_.target))
    if (name != "cursor")
      link.append("&").append(percent_encode(name)).append("=").append(percent_encode(value));
  page.headers.emplace_back("Link", link + ">; rel=\"next\"");
}

} // namespace souk::http::aliases
