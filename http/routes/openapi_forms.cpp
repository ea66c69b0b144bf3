#include "http/routes/openapi_forms.hpp"

#include <algorithm>
#include <string>

namespace souk::http {
namespace {

using aliases::listed_form;

/// The part of a path up to the next slash, which is taken off.
std::string_view next_segment(std::string_view& path) {
  const auto end = std::min(path.find('/'), path.size());
  const auto out = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return out;
}

/// Whether two paths are the same but for the names of their variables.
bool same_shape(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const auto x = next_segment(a);
    const auto y = next_segment(b);
    if (x != y && !(x.starts_with('{') && y.starts_with('{')))
      return false;
  }
  return a.empty() && b.empty();
}

/// Who may use a form: whoever may use the route that it leads to.
access who_may(const std::vector<route>& routes, const listed_form& x) {
  const auto path = x.to.substr(0, x.to.find('?'));
  const auto at = std::find_if(routes.begin(), routes.end(), [&](const route& y) {
    return y.method == x.to_method && same_shape(y.path, path);
  });
  return at == routes.end() ? access::everyone : at->who;
}

/// E.g. `form_post_user_user_id_addresses`.
std::string operation_of(const listed_form& x) {
  std::string out{"form_"};
  out.append(to_string(x.method)).append(x.path);
  std::erase_if(out, [](char c) { return c == '{' || c == '}'; });
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    if (c >= 'A' && c <= 'Z')
      return static_cast<char>(c | 0x20);
    return c == '/' || c == '-' ? '_' : c;
  });
  return out;
}

void write_parameter(json_writer& out, std::string_view name, bool in_path) {
  out.begin_object().key("name").string(name).key("in").string(in_path ? "path" : "query");
  out.key("required").boolean(in_path).key("schema");
  out.begin_object().key("type").string("string").end_object().end_object();
}

void write_parameters(json_writer& out, const listed_form& x) {
  out.key("parameters").begin_array();
  auto path = x.path;
  while (!path.empty())
    if (const auto segment = next_segment(path); segment.starts_with('{'))
      write_parameter(out, segment.substr(1, segment.size() - 2), true);
  for (const auto name : x.query)
    write_parameter(out, name, false);
  out.end_array();
}

/// Any object; the names of its fields are known, their types are what the API says.
void write_body(json_writer& out, const listed_form& x, std::string_view type) {
  out.key(type).begin_object().key("schema").begin_object().key("type").string("object");
  out.key("properties").begin_object();
  for (const auto name : x.body)
    out.key(name).begin_object().end_object();
  out.end_object().end_object().end_object();
}

void write_responses(json_writer& out, const listed_form& x) {
  constexpr std::string_view failures[][2] = {
    {"400", "Unreadable"},  {"401", "Unauthenticated"}, {"403", "Forbidden"},
    {"404", "NotFound"},    {"409", "Conflict"},        {"412", "Stale"},
    {"413", "TooLarge"},    {"414", "TooLarge"},        {"415", "UnsupportedMediaType"},
    {"422", "Invalid"},     {"429", "TooMany"},         {"431", "TooLarge"},
    {"503", "Unavailable"},
  };
  out.key("responses").begin_object();
  out.key("200").begin_object().key("description").string("as the document shows it");
  out.key("content").begin_object();
  out.key(x.to == "/docs" ? "text/html" : "application/json"); // a page is the one that is no JSON
  out.begin_object().key("schema").begin_object().end_object().end_object();
  out.end_object().end_object();
  if (x.method == http_method::get)
    out.key("304").begin_object().key("description").string("not modified").end_object();
  for (const auto& [status, component] : failures) {
    out.key(status).begin_object().key("$ref");
    out.string("#/components/responses/" + std::string{component}).end_object();
  }
  out.end_object();
}

void write_operation(json_writer& out, const listed_form& x, access who) {
  std::string method{to_string(x.method)};
  std::transform(method.begin(), method.end(), method.begin(),
                 [](char c) { return static_cast<char>(c | 0x20); });
  out.key(method).begin_object();
  out.key("operationId").string(operation_of(x)).key("summary").string(x.summary);
  out.key("description")
    .string("A request form of document " + x.document + ", for "
            + std::string{to_string(x.to_method)} + " " + std::string{x.to}
            + ". Ids may be numbers or strings.");
  out.key("tags").begin_array().string(forms_tag).end_array();
  out.key("x-access").string(to_string(who)).key("security").begin_array();
  if (who != access::everyone)
    out.begin_object().key("bearer").begin_array().end_array().end_object();
  out.end_array();
  write_parameters(out, x);
  if (x.has_body) {
    out.key("requestBody").begin_object().key("required").boolean(false);
    out.key("content").begin_object();
    write_body(out, x, "application/json");
    if (x.form_body)
      write_body(out, x, "application/x-www-form-urlencoded");
    out.end_object().end_object();
  }
  write_responses(out, x);
  out.end_object();
}

} // namespace

void write_form_paths(json_writer& out, const std::vector<route>& routes, const form_list& forms) {
  std::vector<std::string_view> done;
  for (const auto& x : forms) {
    const bool of_route = std::any_of(routes.begin(), routes.end(),
                                      [&x](const route& y) { return same_shape(y.path, x.path); });
    if (of_route || std::find(done.begin(), done.end(), x.path) != done.end())
      continue;
    done.push_back(x.path);
    out.key(x.path).begin_object();
    for (const auto& y : forms)
      if (y.path == x.path)
        write_operation(out, y, who_may(routes, y));
    out.end_object();
  }
}

} // namespace souk::http
