// The table as /openapi.json shows it: each form with what it takes and what it answers, which
// follows from its canonical route's descriptions and from what its row changes of them.
#pragma once

#include "http/aliases/form.hpp"
#include "http/routes/route.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace souk::http::aliases {

struct listed_form {
  http_method method = http_method::get;
  std::string_view path = {};
  std::string summary;
  std::string document;
  http_method to_method = http_method::get; ///< of the canonical route, as in form
  std::string_view to = {};
  access who = access::everyone;         ///< as of the canonical route
  std::vector<parameter> variables = {}; ///< of the path, in its order
  std::vector<parameter> query = {};     ///< fields that are read from the query
  const schema* body = nullptr;          ///< none: it takes no body
  bool body_optional = false;            ///< the fields may all be elsewhere, or left out
  bool form_body = false;                ///< the body may be a form
  std::string_view example = {};         ///< of the body, JSON
  const schema* answer = nullptr;        ///< none: a page of HTML
};

/// Forms that share a method and a path are one, with the fields of all. Names canonical
/// descriptions by address; owns those that differ.
struct form_listing {
  std::vector<listed_form> forms;
  std::deque<schema> made;
};

/// All forms, in the table's order. `routes`: those that forms lead to.
form_listing list_forms(const std::vector<route>& routes);

/// The field of that name; null: there is none.
const field* find_field(const std::vector<field>& all, std::string_view name);

/// The description of the answers that `by` makes of a canonical answer; kept in `made` where it is
/// another one, once for each name. No shaper: the canonical one itself.
const schema* shaped_answer(shaper by, const schema& canonical, std::deque<schema>& made);

} // namespace souk::http::aliases
