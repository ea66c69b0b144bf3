// How a form's request is read: body, query and path.
#include "http/aliases/translation.hpp"

#include "actors/domain/money.hpp"
#include "actors/domain/user.hpp"
#include "actors/domain/uuid.hpp"

#include <algorithm>

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

/// No currency has more digits.
constexpr int most_digits = 4;

/// A sum that was made of binary fractions is off by less than half of the last digit; what is no
/// amount stays.
json_value as_total(json_value x) {
  auto text = x.is(json_kind::string) ? x.text : to_json(x);
  auto read = domain::parse_money(text, most_digits);
  if (read.error == domain::money_error::too_many_digits
      && text.find_first_of("eE") == std::string::npos) {
    const auto cut = text.find('.') + most_digits + 1;
    read = domain::parse_money(text.substr(0, cut), most_digits);
    read.minor += text[cut] >= '5' ? 1 : 0;
  }
  if (read.error != domain::money_error::none)
    return x;
  text = domain::format_money(read.minor, most_digits);
  while (text.back() == '0' && text.find('.') != std::string::npos)
    text.pop_back();
  if (text.back() == '.')
    text.pop_back();
  return make_text(text);
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
  if (!read_form(query_of(sent_.target))) {
    refuse({400, "bad_request", "The query is not readable."});
    return false;
  }
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
  if (sent_.body.empty() || at_->source == fields_from::query)
    return true;
  const auto type = media_type(sent_.content_type);
  const bool is_form = type == "application/x-www-form-urlencoded";
  // FastAPI takes what names no type for JSON, too.
  const bool is_json = type.empty() || type == "application/json"
                       || (type.starts_with("application/") && type.ends_with("+json"));
  if (is_form ? !at_->form_body : !is_json) {
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
    refuse_repeated(*fields, "/");
    for (const auto& [name, value] : *fields)
      set(body_, name, make_text(value));
    return true;
  }
  auto read = read_json(sent_.body);
  if (!read.too_large.empty()) {
    fail_field(read.too_large, "is too large a number");
    return false;
  }
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

void translation::refuse_repeated(const std::vector<std::pair<std::string, std::string>>& sent,
                                  const std::string& place) {
  for (size_t i = 0; i < sent.size(); ++i) {
    const auto& name = sent[i].first;
    const auto same = [&name](const auto& x) { return x.first == name; };
    const auto here = sent.begin() + static_cast<std::ptrdiff_t>(i);
    if (reads(name) && std::find_if(sent.begin(), here, same) == here
        && std::find_if(here + 1, sent.end(), same) != sent.end())
      errors_.push_back({place + name, "must not be given twice"});
  }
}

bool translation::reads(std::string_view name) const {
  return std::any_of(at_->fields.begin(), at_->fields.end(), [name](const form_field& x) {
    if (x.as == read_as::one_item)
      return name == "product_id" || name == "quantity";
    return x.from.empty() ? x.name == name
                          : std::find(x.from.begin(), x.from.end(), name) != x.from.end();
  });
}

void translation::take_query() {
  if (at_->method != http_method::get && at_->source == fields_from::body)
    return;
  const auto sent = query_fields(sent_.target);
  refuse_repeated(sent, "/query/");
  for (const auto& [name, value] : sent) {
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
  else if (field.as == read_as::total)
    value = as_total(std::move(value));
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
