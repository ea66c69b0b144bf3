#include "http/routes/openapi_components.hpp"

#include "http/routes/schemas.hpp"

#include <string>

namespace souk::http {
namespace {

constexpr std::string_view header_texts[][2] = {
  {"ETag", "strong; names the version"},
  {"Location", "where the new object is"},
  {"Link", "RFC 8288; rel=next leads to the next page, if there is one"},
  {"Idempotent-Replayed", "true: the kept answer of an earlier request with the same key"},
  {"Retry-After", "seconds"},
  {"RateLimit-Policy", "where requests are limited: the quota and its window in seconds"},
  {"RateLimit", "what is left of the quota, and seconds until there is more"},
  {"WWW-Authenticate", "Bearer"},
};

void write_header_parameter(json_writer& out, std::string_view component, std::string_view name,
                            std::string_view text, int64_t max) {
  out.key(component).begin_object().key("name").string(name).key("in").string("header");
  out.key("required").boolean(false).key("description").string(text);
  out.key("schema").begin_object().key("type").string("string");
  if (max > 0)
    out.key("minLength").integer(1).key("maxLength").integer(max);
  out.end_object().end_object();
}

void write_failure(json_writer& out, std::string_view component, std::string_view text,
                   const std::vector<std::string_view>& headers = {}) {
  out.key(component).begin_object().key("description").string(text);
  write_header_refs(out, headers);
  out.key("content").begin_object();
  write_content(out, "application/problem+json", schemas::problem, {});
  out.end_object().end_object();
}

void write_responses(json_writer& out) {
  out.key("responses").begin_object();
  write_failure(out, "Unreadable", "unreadable JSON, path, query or Idempotency-Key");
  write_failure(out, "Unauthenticated", "no token, or one that is not valid", {"WWW-Authenticate"});
  write_failure(out, "Forbidden", "not allowed to this user");
  write_failure(out, "NotFound", "no such object, or someone else's");
  write_failure(out, "Conflict", "the present state does not allow it: see `code`");
  write_failure(out, "Stale", "If-Match names another version");
  write_failure(out, "TooLarge", "a body, path with query, or headers beyond the limits");
  write_failure(out, "UnsupportedMediaType", "another content type or charset");
  write_failure(out, "Invalid", "values that are not acceptable: see `errors`");
  write_failure(out, "TooMany", "too many orders in the window",
                {"Retry-After", limit_headers[0], limit_headers[1]});
  write_failure(out, "Unavailable",
                "`overloaded`: nothing happened; `outcome_unknown`: repeat with the same key",
                {"Retry-After"});
  out.end_object();
}

void write_schemas(json_writer& out, const std::vector<route>& routes, const form_list& forms) {
  std::vector<const schema*> named{&schemas::problem};
  for (const auto& x : routes) {
    if (x.body)
      collect_named(*x.body, named);
    for (const auto& p : x.query)
      collect_named(*p.type, named);
    for (const auto& a : x.answers)
      if (a.body)
        collect_named(*a.body, named);
  }
  collect_form_schemas(forms, named);
  out.key("schemas").begin_object();
  for (const auto* x : named) {
    out.key(x->name);
    write_schema(out, *x, true);
  }
  out.end_object();
}

} // namespace

void reference(json_writer& out, std::string_view kind, std::string_view name) {
  out.begin_object();
  out.key("$ref").string("#/components/" + std::string{kind} + "/" + std::string{name});
  out.end_object();
}

void write_header_refs(json_writer& out, const std::vector<std::string_view>& names) {
  if (names.empty())
    return;
  out.key("headers").begin_object();
  for (const auto name : names) {
    out.key(name);
    reference(out, "headers", name);
  }
  out.end_object();
}

void write_content(json_writer& out, std::string_view type, const schema& body,
                   std::string_view example) {
  out.key(type).begin_object().key("schema");
  write_schema(out, body);
  if (!example.empty())
    out.key("example").raw(example);
  out.end_object();
}

void write_components(json_writer& out, const std::vector<route>& routes, const form_list& forms) {
  out.key("components").begin_object();
  out.key("securitySchemes").begin_object().key("bearer").begin_object();
  out.key("type").string("http").key("scheme").string("bearer").key("bearerFormat").string("JWT");
  out.end_object();
  out.key("paymentSignature").begin_object().key("type").string("apiKey");
  out.key("in").string("header").key("name").string("X-Payment-Signature");
  out.key("description")
    .string("sha256=<HMAC-SHA256 of the body in hex>, with payments.secret; off "
            "where that is not set");
  out.end_object().end_object();
  out.key("parameters").begin_object();
  write_header_parameter(out, "IdempotencyKey", "Idempotency-Key",
                         "makes the request safe to repeat; ASCII characters", 255);
  write_header_parameter(out, "IfMatch", "If-Match",
                         "ETags, one of which must name the present version; * for any", 0);
  write_header_parameter(out, "IfNoneMatch", "If-None-Match", "ETags that the client has", 0);
  write_header_parameter(out, "LastEventId", "Last-Event-ID",
                         "the last event that the client has; default: none", 0);
  out.end_object();
  out.key("headers").begin_object();
  for (const auto& [name, text] : header_texts) {
    out.key(name).begin_object().key("description").string(text);
    out.key("schema").begin_object().key("type").string("string").end_object().end_object();
  }
  out.end_object();
  write_responses(out);
  write_schemas(out, routes, forms);
  out.end_object();
}

} // namespace souk::http
