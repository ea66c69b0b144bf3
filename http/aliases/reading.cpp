// How a form's request is read: body, query and path.
#include "http/aliases/translation.hpp"

#include "actors/domain/user.hpp"
#include "actors/domain/uuid.hpp"

namespace souk::http::aliases {
namespace {

std::string_view query_of(std::string_view target) {
  const auto start = target.find('?');
  return start == std::string_view::npos ? std::string_view{} : target.substr(start + 1);
}

/// The media type of a Content-Type, in lower case.
std::string media_type(std::string_view header) {
  auto out = domain::fold_login(header.substr(0, header.find(';')));
  while (!out.empty() && (out.back() == ' ' || out.back() == '\t'))
    out.pop_back();
  return out;
}

json_value as_integer(json_value x) {
  const auto number = integer_in(x);
  return number ? make_integer(*number) : std::move(x);
}

/// An order's line with its numbers as numbers; what is no object stays.
json_value as_line(const json_value& sent) {
  if (!sent.is(json_kind::object))
    return sent;
  auto out = make_object();
  for (const auto* name : {"product_id", "quantity"})
    if (const auto* x = sent.find(name))
      set(out, name, as_integer(*x));
  return out;
}

json_value as_lines(json_value x) {
  if (x.is(json_kind::array))
    for (auto& item : x.items)
      item = as_line(item);
  return x;
}

} // namespace

read_as kind_of(std::string_view name) {
  if (name == "user_id")
    return read_as::user;
  return name == "product_id" ? read_as::is : read_as::integer;
}

std::vector<std::pair<std::string, std::string>> query_fields(std::string_view target) {
  return read_form(query_of(target)).value_or(std::vector<std::pair<std::string, std::string>>{});
}

bool translation::read_fields() {
  if (!at_->fields.empty() && !read_body())
    return false;
  take_query();
  take_path();
  for (const auto& field : at_->fields)
    take_field(field);
  if (at_->on_behalf)
    if (const auto who = take(values_, "user_id"))
      on_behalf_of_ = who->text;
  if (errors_.empty())
    return true;
  fail(make_invalid(errors_, sent_.request_id));
  return false;
}

bool translation::read_body() {
  if (sent_.body.empty())
    return true;
  const auto type = media_type(sent_.content_type);
  const bool is_form = type == "application/x-www-form-urlencoded";
  if (is_form ? !at_->form_body : type != "application/json") {
    refuse({415, "unsupported_media_type",
            at_->form_body ? "Send application/json or a form." : "Send application/json."});
    return false;
  }
  if (is_form) {
    const auto fields = read_form(sent_.body);
    if (!fields) {
      refuse({400, "bad_request", "the form is not readable"});
      return false;
    }
    for (const auto& [name, value] : *fields)
      set(body_, name, make_text(value));
    return true;
  }
  auto read = read_json(sent_.body);
  if (!read.root) {
    refuse({400, "bad_request", read.error});
    return false;
  }
  if (!read.root->is(json_kind::object)) {
    fail_field("", "must be an object");
    return false;
  }
  body_ = std::move(*read.root);
  return true;
}

void translation::take_query() {
  for (const auto& [name, value] : query_fields(sent_.target)) {
    if (body_.find(name))
      continue;
    set(body_, name, make_text(value));
    ++query_fields_;
  }
}

void translation::take_path() {
  auto rest = at_->path;
  for (const auto& value : path_values_) {
    const auto open = rest.find('{');
    const auto name = rest.substr(open + 1, rest.find('}') - open - 1);
    rest.remove_prefix(rest.find('}') + 1);
    const auto kind = kind_of(name);
    auto x = kind == read_as::user ? make_text(value) : as_integer(make_text(value));
    if (kind == read_as::user && !domain::parse_uuid(value))
      errors_.push_back({"/path/" + std::string{name}, "must be a UUID"});
    else if (kind == read_as::integer && !x.is(json_kind::integer))
      errors_.push_back({"/path/" + std::string{name}, "must be an integer"});
    set(values_, name, std::move(x));
  }
}

std::string translation::pointer_to(std::string_view name) const {
  const auto first = body_.members.size() - query_fields_;
  bool in_query = at_->method == http_method::get;
  for (size_t i = first; i < body_.members.size(); ++i)
    in_query = in_query || body_.members[i].first == name;
  return (in_query ? "/query/" : "/") + std::string{name};
}

void translation::take_field(const form_field& field) {
  if (field.as == read_as::one_item)
    return take_one_item();
  const json_value* sent = nullptr;
  auto source = field.from.empty() ? field.name : field.from.front();
  const auto look = [&](std::string_view name) {
    const auto* x = sent ? nullptr : body_.find(name);
    if (!x || x->is(json_kind::null))
      return;
    sent = x;
    source = name;
  };
  for (const auto name : field.from)
    look(name);
  if (field.from.empty())
    look(field.name);
  auto pointer = pointer_to(source);
  if (pointer != "/" + std::string{field.name})
    pointers_.emplace_back("/" + std::string{field.name}, pointer);
  if (!sent)
    return;
  if (field.as == read_as::user && !domain::parse_uuid(sent->text))
    errors_.push_back({std::move(pointer), "must be a UUID"});
  auto value = *sent;
  if (field.as == read_as::integer)
    value = as_integer(std::move(value));
  else if (field.as == read_as::items)
    value = as_lines(std::move(value));
  set(values_, field.name, std::move(value));
}

void translation::take_one_item() {
  json_value items;
  items.kind = json_kind::array;
  items.items.push_back(as_line(body_));
  set(values_, "items", std::move(items));
  for (const std::string name : {"product_id", "quantity"})
    pointers_.emplace_back("/items/0/" + name, "/query/" + name);
}

} // namespace souk::http::aliases
