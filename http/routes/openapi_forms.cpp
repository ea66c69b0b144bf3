#include "http/routes/openapi_forms.hpp"

#include "http/routes/schemas.hpp"

#include <algorithm>
#include <string>

namespace souk::http {
namespace {

using aliases::listed_form;

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

void write_parameter(json_writer& out, const parameter& x, bool in_path) {
  out.begin_object().key("name").string(x.name).key("in").string(in_path ? "path" : "query");
  out.key("required").boolean(in_path).key("schema");
  write_schema(out, *x.type);
  out.end_object();
}

void write_parameters(json_writer& out, const listed_form& x) {
  out.key("parameters").begin_array();
  for (const auto& y : x.variables)
    write_parameter(out, y, true);
  for (const auto& y : x.query)
    write_parameter(out, y, false);
  out.end_array();
}

void write_body(json_writer& out, const listed_form& x, std::string_view type, bool with_example) {
  out.key(type).begin_object().key("schema");
  write_schema(out, *x.body);
  if (with_example && !x.example.empty())
    out.key("example").raw(x.example);
  out.end_object();
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
  out.key(x.answer ? "application/json" : "text/html").begin_object().key("schema");
  write_schema(out, x.answer ? *x.answer : schemas::plain_text);
  out.end_object().end_object().end_object();
  if (x.method == http_method::get)
    out.key("304").begin_object().key("description").string("not modified").end_object();
  for (const auto& [status, component] : failures) {
    out.key(status).begin_object().key("$ref");
    out.string("#/components/responses/" + std::string{component}).end_object();
  }
  out.end_object();
}

void write_operation(json_writer& out, const listed_form& x) {
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
  out.key("x-access").string(to_string(x.who)).key("security").begin_array();
  if (x.who != access::everyone)
    out.begin_object().key("bearer").begin_array().end_array().end_object();
  out.end_array();
  write_parameters(out, x);
  if (x.body) {
    out.key("requestBody").begin_object().key("required").boolean(!x.body_optional);
    out.key("content").begin_object();
    write_body(out, x, "application/json", true);
    if (x.form_body)
      write_body(out, x, "application/x-www-form-urlencoded", false);
    out.end_object().end_object();
  }
  write_responses(out, x);
  out.end_object();
}

} // namespace

void write_form_paths(json_writer& out, const std::vector<route>& routes, const form_list& forms) {
  std::vector<std::string_view> done;
  for (const auto& x : forms) {
    const bool of_route =
      std::any_of(routes.begin(), routes.end(), [&x](const route& y) { return y.path == x.path; });
    if (of_route || std::find(done.begin(), done.end(), x.path) != done.end())
      continue;
    done.push_back(x.path);
    out.key(x.path).begin_object();
    for (const auto& y : forms)
      if (y.path == x.path)
        write_operation(out, y);
    out.end_object();
  }
}

void collect_form_schemas(const form_list& forms, std::vector<const schema*>& named) {
  for (const auto& x : forms) {
    if (x.body)
      collect_named(*x.body, named);
    if (x.answer)
      collect_named(*x.answer, named);
  }
}

} // namespace souk::http
