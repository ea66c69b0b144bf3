#include "http/routes/openapi.hpp"

#include "http/routes/openapi_components.hpp"
#include "http/routes/openapi_forms.hpp"
#include "http/routes/schemas.hpp"

#include <algorithm>
#include <iterator>

namespace souk::http {
namespace {

constexpr std::string_view description =
  "Money is an exact decimal in units of the shop's currency. Times are RFC 3339, UTC. Any change "
  "may carry an Idempotency-Key: with the same key, caller, route and body it has one effect, and "
  "the first successful answer is given again for 24 hours. Errors are RFC 9457 problems: `code` "
  "is stable.";

constexpr std::string_view tag_texts[][2] = {
  {"auth", "Accounts and tokens"},
  {"users", "The caller's account and addresses; all accounts for an ADMIN"},
  {"categories", "The tree that products stand in"},
  {"products", "The catalog"},
  {"stock", "How many there are of each product, and why"},
  {"cart", "What the caller is about to order"},
  {"orders", "Orders and their life cycle"},
  {"server", "The server itself"},
  {forms_tag, "The request forms of existing shops; new clients use the others"},
};

/// The group that an operation is shown in: what its path is about.
std::string_view tag_of(const route& x) {
  constexpr std::string_view base = "/api/v1/";
  if (x.path.substr(0, base.size()) != base)
    return x.domain ? domain::to_string(*x.domain) : "server";
  const auto rest = x.path.substr(base.size());
  return rest.substr(0, rest.find('/'));
}

/// What follows from a route's demands, in words.
std::string describe_demands(const route& x) {
  std::string out;
  switch (x.who) {
  case access::everyone: out = "For everyone, without a token."; break;
  case access::user: out = "For a user: needs a token."; break;
  case access::admin: out = "For an ADMIN: needs an administrator's token."; break;
  case access::provider:
    out = "For an ADMIN (needs an administrator's token) or whoever signs the body.";
    break;
  }
  if (x.form)
    out += " Takes a form as well as JSON.";
  if (x.changes)
    out += " Safe to repeat under an `Idempotency-Key`.";
  if (x.if_match)
    out += " With `If-Match` it changes only that version.";
  if (x.tagged && x.method == http_method::get)
    out += " With `If-None-Match` a known version is 304.";
  if (x.paged)
    out += " Page by page: follow `Link`.";
  if (x.limited)
    out += " Limited per user: see `RateLimit-Policy`.";
  return out;
}

bool has_id(const route& x) {
  return x.path.find('{') != std::string_view::npos;
}

void write_path_parameters(json_writer& out, std::string_view path) {
  for (auto open = path.find('{'); open != path.npos; open = path.find('{')) {
    const auto close = path.find('}', open);
    const auto segment = path.substr(open, close + 1 - open);
    out.begin_object().key("name").string(segment.substr(1, segment.size() - 2));
    out.key("in").string("path").key("required").boolean(true).key("schema").begin_object();
    if (segment == user_id_segment) {
      out.key("type").string("string").key("format").string("uuid");
    } else {
      out.key("type").string("integer").key("format").string("int64");
      out.key("minimum").integer(1).key("maximum").integer(max_safe_integer);
    }
    out.end_object().end_object();
    path.remove_prefix(close + 1);
  }
}

void write_parameters(json_writer& out, const route& x) {
  out.key("parameters").begin_array();
  write_path_parameters(out, x.path);
  for (const auto& p : x.query) {
    out.begin_object().key("name").string(p.name).key("in").string("query");
    if (!p.description.empty())
      out.key("description").string(p.description);
    out.key("required").boolean(false).key("schema");
    write_schema(out, *p.type);
    out.end_object();
  }
  if (x.changes)
    reference(out, "parameters", "IdempotencyKey");
  if (x.if_match)
    reference(out, "parameters", "IfMatch");
  if (x.tagged && x.method == http_method::get)
    reference(out, "parameters", "IfNoneMatch");
  if (x.resumable)
    reference(out, "parameters", "LastEventId");
  out.end_array();
}

void write_request_body(json_writer& out, const route& x) {
  if (!x.body)
    return;
  out.key("requestBody").begin_object().key("required").boolean(!x.body_optional);
  out.key("content").begin_object();
  write_content(out, "application/json", *x.body, x.body_example);
  if (x.form)
    write_content(out, "application/x-www-form-urlencoded", *x.body, {});
  out.end_object().end_object();
}

bool documents(const route& x, std::string_view status) {
  return std::any_of(x.answers.begin(), x.answers.end(),
                     [status](const auto& a) { return std::to_string(a.status) == status; });
}

/// Whether requests are counted: orders per user, or attempts at passwords.
bool is_counted(const route& x) {
  return x.limited || (x.method == http_method::post && documents(x, "429"));
}

void write_answer(json_writer& out, const route& x, const documented_answer& a) {
  out.key(std::to_string(a.status)).begin_object().key("description").string(a.description);
  std::vector<std::string_view> headers;
  if (x.tagged)
    headers.push_back("ETag");
  if (a.status == 201)
    headers.push_back("Location");
  if (x.paged)
    headers.push_back("Link");
  if (x.changes)
    headers.push_back("Idempotent-Replayed");
  if (is_counted(x))
    headers.insert(headers.end(), limit_headers.begin(), limit_headers.end());
  if (a.status < 400)
    write_header_refs(out, headers);
  else if (a.status == 429 && is_counted(x))
    write_header_refs(out, {"Retry-After", limit_headers[0], limit_headers[1]});
  else if (a.status == 429)
    write_header_refs(out, {"Retry-After"});
  const bool is_text = !a.body && a.content_type != documented_answer{}.content_type;
  if (a.body || a.status >= 400 || is_text) {
    out.key("content").begin_object();
    if (a.status < 400)
      write_content(out, a.content_type, a.body ? *a.body : schemas::plain_text, a.example);
    else
      write_content(out, "application/problem+json", schemas::problem, a.example);
    out.end_object();
  }
  out.end_object();
}

struct implied_failure {
  std::string_view status;
  std::string_view component;
  bool applies;
};

/// Failures that follow from what a route demands.
void write_failures(json_writer& out, const route& x) {
  const bool checked = x.body || !x.query.empty();
  const implied_failure all[] = {
    {"400", "Unreadable", x.body || x.changes || !x.query.empty() || has_id(x)},
    {"401", "Unauthenticated", x.who != access::everyone},
    {"403", "Forbidden", x.who == access::admin || x.who == access::provider},
    {"404", "NotFound", has_id(x)},
    {"412", "Stale", x.if_match},
    {"413", "TooLarge", x.method != http_method::get},
    {"414", "TooLarge", true},
    {"415", "UnsupportedMediaType", x.body != nullptr},
    {"422", "Invalid", checked || x.changes},
    {"429", "TooMany", x.limited},
    {"431", "TooLarge", true},
    {"503", "Unavailable", x.domain.has_value()},
  };
  for (const auto& f : all) {
    if (!f.applies || documents(x, f.status))
      continue;
    out.key(f.status);
    reference(out, "responses", f.component);
  }
}

void write_operation(json_writer& out, const route& x) {
  std::string method{to_string(x.method)};
  std::transform(method.begin(), method.end(), method.begin(),
                 [](char c) { return static_cast<char>(c | 0x20); });
  out.key(method).begin_object();
  out.key("operationId").string(x.operation).key("summary").string(x.summary);
  out.key("description").string(describe_demands(x));
  out.key("tags").begin_array().string(tag_of(x)).end_array();
  out.key("x-access").string(to_string(x.who));
  out.key("security").begin_array();
  if (x.who != access::everyone)
    out.begin_object().key("bearer").begin_array().end_array().end_object();
  if (x.who == access::provider)
    out.begin_object().key("paymentSignature").begin_array().end_array().end_object();
  out.end_array();
  write_parameters(out, x);
  write_request_body(out, x);
  out.key("responses").begin_object();
  for (const auto& a : x.answers)
    write_answer(out, x, a);
  if (x.tagged && x.method == http_method::get)
    out.key("304").begin_object().key("description").string("not modified").end_object();
  write_failures(out, x);
  out.end_object().end_object();
}

/// Every tag in use, in the order of `tag_texts`, then those without a text.
void write_tags(json_writer& out, const std::vector<route>& routes, bool with_forms) {
  std::vector<std::string_view> used;
  if (with_forms)
    used.push_back(forms_tag);
  for (const auto& x : routes)
    if (std::find(used.begin(), used.end(), tag_of(x)) == used.end())
      used.push_back(tag_of(x));
  const auto write = [&out](std::string_view name, std::string_view text) {
    out.begin_object().key("name").string(name);
    if (!text.empty())
      out.key("description").string(text);
    out.end_object();
  };
  out.key("tags").begin_array();
  for (const auto& [name, text] : tag_texts) {
    const auto at = std::find(used.begin(), used.end(), name);
    if (at == used.end())
      continue;
    write(name, text);
    used.erase(at);
  }
  for (const auto name : used)
    write(name, {});
  out.end_array();
}

void write_paths(json_writer& out, const std::vector<route>& routes, const form_list& forms) {
  std::vector<std::string_view> done;
  out.key("paths").begin_object();
  for (const auto& x : routes) {
    if (std::find(done.begin(), done.end(), x.path) != done.end())
      continue;
    done.push_back(x.path);
    out.key(x.path).begin_object();
    for (const auto& y : routes)
      if (y.path == x.path)
        write_operation(out, y);
    out.end_object();
  }
  write_form_paths(out, routes, forms);
  out.end_object();
}

} // namespace

std::string make_openapi(const std::vector<route>& all, const form_list& forms) {
  std::vector<route> routes;
  std::copy_if(all.begin(), all.end(), std::back_inserter(routes),
               [](const route& x) { return !x.hidden; });
  std::string text;
  json_writer out{text};
  out.begin_object().key("openapi").string("3.1.0");
  out.key("info").begin_object().key("title").string("Souk").key("version").string("1");
  out.key("description").string(description);
  out.key("contact").begin_object().key("name").string("Whoever runs this server").end_object();
  out.key("license").begin_object().key("name").string("Apache-2.0");
  out.key("identifier").string("Apache-2.0").end_object().end_object();
  out.key("servers").begin_array().begin_object().key("url").string("/");
  out.key("description").string("this server").end_object().end_array();
  write_tags(out, routes, !forms.empty());
  write_paths(out, routes, forms);
  write_components(out, routes, forms);
  out.end_object();
  return text;
}

} // namespace souk::http
