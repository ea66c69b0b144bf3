// One request form of an existing shop: a row of the table, all of it data but for named steps.
#pragma once

#include "http/aliases/json_edit.hpp"
#include "http/routes/route.hpp"
#include "http/server/exchange.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::http::aliases {

class translation;
using translation_ptr = std::shared_ptr<translation>;

/// How a field of a form is read. Whatever does not fit stays as it was sent: the canonical route
/// says what is wrong with it.
enum class read_as : uint8_t {
  is,       ///< as it was sent
  integer,  ///< a string of digits is its number
  user,     ///< a user's UUID; anything else is 422
  total,    ///< an amount that was summed up in binary fractions: their error is rounded away
  items,    ///< order lines `{product_id, quantity}`, both as integers where they are
  one_item, ///< order lines of one, from the fields `product_id` and `quantity`
};

/// Where a request's fields are read from. Passwords must not be taken from where proxies log them.
enum class fields_from : uint8_t {
  body,   ///< and of a GET from the query
  query,  ///< a body is ignored
  either, ///< the body wins
};

struct form_field {
  std::string_view name = {};              ///< in the canonical request
  std::vector<std::string_view> from = {}; ///< in the form, the first there wins; empty: the same
  read_as as = read_as::is;
};

/// What has to be asked before the canonical request; calls `next` to go on, or ends the
/// translation.
using before_step = void (*)(const translation_ptr& t, std::function<void()> next);

/// What is made of a refused canonical request; ends the translation.
using refusal_step = void (*)(const translation_ptr& t, response&& why);

/// Adds to a successful answer what other canonical requests tell; ends the translation.
using after_step = void (*)(const translation_ptr& t, json_value&& answer);

/// Changes one object of a successful answer (each, if the answer is an array).
using shaper = void (*)(translation& t, json_value& answer);

/// Whether a row is meant, where several share a method and a path, by the query as sent.
using form_condition = bool (*)(std::string_view query);

struct form {
  http_method method = http_method::get;
  /// Without prefix; a segment in braces is any text. `{user_id}` must be a UUID, `{product_id}` is
  /// looked up, all others must be integers.
  std::string_view path = {};
  std::string_view document = {}; ///< which of the documents shows it, e.g. `002, 004`
  std::string_view summary = {};

  http_method to_method = http_method::get;
  /// Segments and values in braces are taken from the path or from the fields.
  std::string_view to = {};

  std::vector<form_field> fields = {}; ///< of the body, a form or the query; others are dropped
  fields_from source = fields_from::body;
  bool whole_body = false;    ///< the body goes on as it is; no `fields` then
  bool body_optional = false; ///< without any field no body is sent at all
  bool form_body = false;     ///< the body may be a form
  bool list = false;          ///< pages are followed and joined
  bool own = false;           ///< an ADMIN is answered like an ordinary user
  bool on_behalf = false;     ///< `user_id` is whose request it is, if an ADMIN makes it
  bool catalog = false;       ///< open to all where the settings open the catalog
  bool open = false;          ///< needs no token, like its canonical route
  bool outside_ids = false;   ///< numbers name products as an external catalog does
  form_condition when = nullptr;
  std::vector<before_step> before = {};
  unsigned status = 200; ///< of a success: what FastAPI gives where a document is silent
  shaper shape = nullptr;
  after_step after = nullptr;
  refusal_step refused = nullptr;
  std::string_view example = {}; ///< a body as the document shows it, JSON
  std::string_view message = {}; ///< a success is answered with `{"message": ...}`
};

/// All forms; where two rows fit, the first is meant.
const std::vector<form>& all_forms();

} // namespace souk::http::aliases
