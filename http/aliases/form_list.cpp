#include "http/aliases/form_list.hpp"

#include "http/aliases/translation.hpp"
#include "http/routes/schemas.hpp"

#include <algorithm>

namespace souk::http::aliases {
namespace {

const schema id{.kind = schema_kind::integer, .min = 1};
const schema id_text{.kind = schema_kind::integer_or_text,
                     .description = "a number, or its digits"};
const schema product_id{.kind = schema_kind::integer_or_text,
                        .description = "the id here, or an external one"};
const schema count{.kind = schema_kind::integer, .min = 0};
const schema total{.kind = schema_kind::money, .description = "what the lines add up to"};
const schema text{};
const schema line{.kind = schema_kind::object,
                  .fields = {{"product_id", &product_id, true}, {"quantity", &id_text, true}}};
const schema lines{.kind = schema_kind::array, .min = 1, .max = 100, .items = &line};
const schema done{.kind = schema_kind::object, .fields = {{"message", &text, true}}};

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

const route* route_of(const std::vector<route>& routes, const form& x) {
  const auto path = x.to.substr(0, x.to.find('?'));
  const auto at = std::find_if(routes.begin(), routes.end(), [&](const route& y) {
    return y.method == x.to_method && same_shape(y.path, path);
  });
  return at == routes.end() ? nullptr : &*at;
}

const field* field_of(const route* to, std::string_view name) {
  return to && to->body ? find_field(to->body->fields, name) : nullptr;
}

/// What a field may be that is sent under `name`.
const schema* type_of(const form_field& x, std::string_view name, const route* to) {
  switch (x.as) {
  case read_as::integer: return name == "product_id" ? &product_id : &id_text;
  case read_as::user: return &schemas::user_id;
  case read_as::total: return &total;
  case read_as::items:
  case read_as::one_item: return &lines;
  case read_as::is: break;
  }
  const auto* canonical = field_of(to, name);
  if (!canonical)
    canonical = field_of(to, x.name);
  return canonical ? canonical->type : &text;
}

class listing {
public:
  listing(const std::vector<route>& routes, form_listing& to) : routes_{routes}, to_{to} {}

  void add(const form& x) {
    const auto* to = route_of(routes_, x);
    auto& listed = entry(x, to);
    listed.summary += x.summary;
    listed.document += x.document;
    listed.form_body = listed.form_body || x.form_body;
    if (listed.example.empty())
      listed.example = x.example;
    add_fields(x, to, listed);
    if (!listed.answer)
      listed.answer = answer_of(x, to);
  }

private:
  listed_form& entry(const form& x, const route* to) {
    for (auto& y : to_.forms)
      if (y.method == x.method && y.path == x.path) {
        y.summary += "; or: ";
        y.document += ", ";
        y.body_optional = true; // each has fields of its own
        return y;
      }
    listed_form fresh;
    fresh.method = x.method;
    fresh.path = x.path;
    fresh.to_method = x.to_method;
    fresh.to = x.to;
    fresh.who = to ? to->who : access::everyone;
    add_variables(x, fresh);
    return to_.forms.emplace_back(std::move(fresh));
  }

  static void add_variables(const form& x, listed_form& to) {
    const bool looked_up = !x.before.empty();
    for (auto path = x.path; !path.empty();) {
      const auto segment = next_segment(path);
      if (!segment.starts_with('{'))
        continue;
      const auto name = segment.substr(1, segment.size() - 2);
      const auto* type = segment == user_id_segment ? &schemas::user_id : &id;
      to.variables.push_back({name, name == "product_id" && looked_up ? &product_id : type});
    }
  }

  void add_fields(const form& x, const route* to, listed_form& listed) {
    schema body{.kind = schema_kind::object};
    for (const auto& f : x.fields) {
      if (f.as == read_as::one_item) {
        listed.query.push_back({"product_id", &product_id});
        listed.query.push_back({"quantity", &id});
        continue;
      }
      const auto* canonical = field_of(to, f.name);
      const bool in_body_only = x.source == fields_from::body;
      // Which of several names is sent, and what is left to a step, no schema says.
      const bool required = in_body_only && f.from.size() < 2 && f.as != read_as::user
                            && (canonical ? canonical->required : f.as == read_as::integer);
      for (const auto name : f.from.empty() ? std::vector{f.name} : f.from) {
        const auto* type = type_of(f, name, to);
        if (x.method == http_method::get || x.source != fields_from::body)
          listed.query.push_back({name, type});
        // A name that stands for another field too, such as an e-mail address, is sent once.
        if (x.method != http_method::get && x.source != fields_from::query
            && !find_field(body.fields, name))
          body.fields.push_back({name, type, required, !required});
      }
    }
    if (x.whole_body && to)
      listed.body = to->body;
    else if (!body.fields.empty())
      listed.body = &to_.made.emplace_back(std::move(body));
    listed.body_optional = listed.body_optional || x.body_optional || x.source != fields_from::body;
  }

  const schema* answer_of(const form& x, const route* to) {
    if (!x.message.empty())
      return &done;
    if (!to)
      return nullptr;
    for (const auto& a : to->answers)
      if (a.status < 300 && a.body)
        return shaped_answer(x.shape, *a.body, to_.made);
    return nullptr;
  }

  const std::vector<route>& routes_;
  form_listing& to_;
};

} // namespace

const field* find_field(const std::vector<field>& all, std::string_view name) {
  const auto at =
    std::find_if(all.begin(), all.end(), [name](const field& x) { return x.name == name; });
  return at == all.end() ? nullptr : &*at;
}

form_listing list_forms(const std::vector<route>& routes) {
  form_listing out;
  listing all{routes, out};
  for (const auto& x : all_forms())
    all.add(x);
  return out;
}

} // namespace souk::http::aliases
