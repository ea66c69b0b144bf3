// The table as /openapi.json shows it.
#include "http/aliases/form.hpp"

#include <algorithm>

namespace souk::http::aliases {
namespace {

/// Where a form's fields are read from, as its document shows it.
void list_fields(const form& x, listed_form& to) {
  for (const auto& field : x.fields) {
    const auto name = field.from.empty() ? field.name : field.from.front();
    if (field.as == read_as::one_item)
      to.query.insert(to.query.end(), {"product_id", "quantity"});
    else
      (x.method == http_method::get ? to.query : to.body).push_back(name);
    if (x.source == fields_from::either)
      to.query.push_back(name);
  }
  to.has_body = to.has_body || x.whole_body || !to.body.empty();
  to.form_body = to.form_body || x.form_body;
}

} // namespace

std::vector<listed_form> list_forms() {
  std::vector<listed_form> out;
  for (const auto& x : all_forms()) {
    const auto same = [&x](const listed_form& y) {
      return y.method == x.method && y.path == x.path;
    };
    auto at = std::find_if(out.begin(), out.end(), same);
    if (at == out.end()) {
      listed_form fresh;
      fresh.method = x.method;
      fresh.path = x.path;
      fresh.to_method = x.to_method;
      fresh.to = x.to;
      at = out.insert(out.end(), std::move(fresh));
    } else {
      at->summary += "; or: ";
      at->document += ", ";
    }
    at->summary += x.summary;
    at->document += x.document;
    list_fields(x, *at);
  }
  return out;
}

} // namespace souk::http::aliases
