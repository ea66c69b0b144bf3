#include "http/aliases/translation.hpp"

#include "actors/domain/user.hpp"
#include "http/server/problem_text.hpp"

#include <algorithm>

namespace souk::http::aliases {
namespace {

/// Of an answer of ours, whose size the API has bounded.
constexpr size_t max_answer_values = 10'000'000;

std::string_view query_of(std::string_view target) {
  const auto start = target.find('?');
  return start == std::string_view::npos ? std::string_view{} : target.substr(start + 1);
}

/// None of them if the query is not readable: the canonical route demands what is needed.
std::vector<std::pair<std::string, std::string>> query_fields(std::string_view target) {
  return read_form(query_of(target)).value_or(std::vector<std::pair<std::string, std::string>>{});
}

bool is_success(const response& r) {
  return r.status >= 200 && r.status < 300;
}

/// The media type of a Content-Type, in lower case.
std::string media_type(std::string_view header) {
  auto out = domain::fold_login(header.substr(0, header.find(';')));
  while (!out.empty() && (out.back() == ' ' || out.back() == '\t'))
    out.pop_back();
  return out;
}

/// What a variable of a path or a template is, by its name.
read_as kind_of(std::string_view name) {
  if (name == "user_id")
    return read_as::user;
  return name == "product_id" ? read_as::is : read_as::integer;
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

std::string text_of(const json_value& x) {
  return x.is(json_kind::string) ? x.text : to_json(x);
}

/// The cursor of a `Link: <...?cursor=...>; rel="next"`; empty: none.
std::string next_cursor(const response& page) {
  for (const auto& [name, value] : page.headers) {
    if (name != "Link" || value.find("rel=\"next\"") == std::string::npos)
      continue;
    const auto start = value.find("cursor=");
    if (start != std::string::npos)
      return value.substr(start + 7, value.find_first_of("&>", start) - start - 7);
  }
  return {};
}

void erase_header(response& r, std::string_view name) {
  std::erase_if(r.headers, [name](const auto& x) { return x.first == name; });
}

std::string with_parameter(std::string target, std::string_view name, std::string_view encoded) {
  target += target.find('?') == std::string::npos ? '?' : '&';
  return target.append(name).append("=").append(encoded);
}

/// A pointer in the form's terms.
std::string renamed(const std::vector<std::pair<std::string, std::string>>& names,
                    const std::string& pointer) {
  for (const auto& [from, to] : names)
    if (pointer == from || pointer.rfind(from + "/", 0) == 0)
      return to + pointer.substr(from.size());
  return pointer;
}

/// Lets a problem's pointers name the fields as they were sent.
void rename_pointers(response& r, const std::vector<std::pair<std::string, std::string>>& names) {
  if (names.empty() || r.content_type != problem_content_type)
    return;
  auto problem = read_json(r.body);
  auto* errors = problem.root ? find(*problem.root, "errors") : nullptr;
  if (!errors)
    return;
  for (auto& error : errors->items)
    if (auto* pointer = find(error, "pointer"))
      pointer->text = renamed(names, pointer->text);
  r.body = to_json(*problem.root);
}

} // namespace

/// A list on its way: the pages so far.
struct translation::joined_list {
  std::string target;        ///< with the client's parameters, without cursor and limit
  std::string limit = "200"; ///< of one page: of the longest orders, about three megabytes
  bool one_page = false;     ///< the client asked for a limit
  size_t rows = 0;
  std::string text = "[";
};

std::optional<json_value> json_of(const response& r) {
  if (!is_success(r))
    return std::nullopt;
  if (r.body.empty())
    return json_value{};
  return read_json(r.body, max_answer_values).root;
}

translation::translation(std::shared_ptr<inner_link> inner, const form& at, request&& sent,
                         reply&& answer, std::vector<std::string> path_values, rules how)
  : inner_{std::move(inner)},
    at_{&at},
    sent_{std::move(sent)},
    answer_{std::move(answer)},
    path_values_{std::move(path_values)},
    how_{how},
    body_{make_object()},
    values_{make_object()} {
  if (at.own)
    on_behalf_of_ = "me";
}

void translation::start() {
  if (read_fields())
    step(0);
}

// -- reading --------------------------------------------------------------------------------------

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

// -- asking ---------------------------------------------------------------------------------------

void translation::step(size_t index) {
  if (index == at_->before.size())
    return send();
  at_->before[index](shared_from_this(),
                     [self = shared_from_this(), index] { self->step(index + 1); });
}

bool translation::fill_target(json_value& body) {
  target_.clear();
  auto rest = at_->to;
  std::vector<field_error> missing;
  while (true) {
    const auto open = std::min(rest.find('{'), rest.size());
    target_ += rest.substr(0, open);
    if (open == rest.size())
      break;
    const auto close = rest.find('}');
    const auto name = rest.substr(open + 1, close - open - 1);
    const auto value = take(body, name);
    rest.remove_prefix(close + 1);
    const bool fits = value && (kind_of(name) == read_as::user || value->is(json_kind::integer));
    if (fits)
      target_ += percent_encode(text_of(*value));
    else
      missing.push_back({renamed(pointers_, "/" + std::string{name}),
                         value ? "must be an integer" : "is required"});
  }
  if (missing.empty())
    return true;
  fail(make_invalid(missing, sent_.request_id));
  return false;
}

request translation::make_request(http_method method, std::string target, std::string body) const {
  request out;
  out.method = to_string(method);
  out.target = std::move(target);
  out.body = std::move(body);
  if (!out.body.empty())
    out.content_type = "application/json";
  out.authorization = sent_.authorization;
  out.user_id = sent_.user_id;
  out.request_id = sent_.request_id;
  out.peer = sent_.peer;
  out.on_behalf_of = on_behalf_of_;
  return out;
}

void translation::dispatch(request&& req, answered then) {
  if (inner_->app)
    return inner_->app->handle(std::move(req), reply{std::move(then)});
  auto lost = make_problem({503, "overloaded", "The server is stopping.", true}, sent_.request_id);
  then(std::move(lost));
}

void translation::ask(http_method method, std::string target, std::string body, answered then) {
  dispatch(make_request(method, std::move(target), std::move(body)), std::move(then));
}

void translation::send() {
  auto body = values_;
  if (!fill_target(body))
    return;
  if (at_->list)
    return send_list();
  const bool has_body = at_->to_method != http_method::get && !at_->fields.empty()
                        && !(at_->body_optional && body.members.empty());
  auto out = make_request(at_->to_method, target_, has_body ? to_json(body) : std::string{});
  if (at_->whole_body) {
    out.body = sent_.body;
    out.content_type = sent_.content_type;
  }
  out.trusted_catalog = at_->catalog && how_.open_catalog;
  out.idempotency_key = sent_.idempotency_key;
  out.has_idempotency_key = sent_.has_idempotency_key;
  out.if_match = sent_.if_match;
  if (!at_->after) // else the answer holds more than its ETag names
    out.if_none_match = sent_.if_none_match;
  dispatch(std::move(out),
           [self = shared_from_this()](response&& r) { self->receive(std::move(r)); });
}

bool translation::is_field(std::string_view name) const {
  return std::any_of(at_->fields.begin(), at_->fields.end(), [name](const form_field& x) {
    return x.name == name || std::find(x.from.begin(), x.from.end(), name) != x.from.end();
  });
}

void translation::send_list() {
  auto list = std::make_shared<joined_list>();
  list->target = target_;
  std::string cursor;
  for (const auto& [name, value] : query_fields(sent_.target)) {
    auto encoded = percent_encode(value);
    if (name == "cursor") {
      cursor = std::move(encoded);
    } else if (name == "limit") {
      list->limit = std::move(encoded);
      list->one_page = true;
    } else if (!is_field(name)) {
      list->target = with_parameter(std::move(list->target), percent_encode(name), encoded);
    }
  }
  send_page(list, cursor);
}

void translation::send_page(const std::shared_ptr<joined_list>& list, std::string cursor) {
  auto target = with_parameter(list->target, "limit", list->limit);
  if (!cursor.empty())
    target = with_parameter(std::move(target), "cursor", cursor);
  ask(http_method::get, std::move(target), {}, [self = shared_from_this(), list](response&& page) {
    if (is_success(page))
      self->add_page(list, std::move(page));
    else
      self->receive(std::move(page));
  });
}

void translation::add_page(const std::shared_ptr<joined_list>& list, response&& page) {
  auto rows = json_of(page);
  if (!rows || !rows->is(json_kind::array))
    return refuse(describe(actors::ec::internal));
  auto& text = list->text;
  list->rows += rows->items.size();
  for (auto& row : rows->items) {
    if (at_->shape)
      at_->shape(*this, row);
    if (text.size() > 1)
      text += ',';
    text += to_json(row);
  }
  const auto cursor = next_cursor(page);
  if (!cursor.empty() && !list->one_page && list->rows < max_joined_rows
      && text.size() < max_joined_bytes)
    return send_page(list, cursor);
  erase_header(page, "Link");
  if (!cursor.empty())
    add_next_link(page, cursor);
  page.body = std::move(text);
  page.body += ']';
  succeed(std::move(page));
}

void translation::add_next_link(response& page, const std::string& cursor) const {
  const auto path = sent_.target.substr(0, sent_.target.find('?'));
  std::string link = "<" + path + "?cursor=" + cursor;
  for (const auto& [name, value] : query_fields(sent_.target))
    if (name != "cursor")
      link.append("&").append(percent_encode(name)).append("=").append(percent_encode(value));
  page.headers.emplace_back("Link", link + ">; rel=\"next\"");
}

void translation::read_all(std::vector<std::string> targets,
                           std::function<void(std::vector<response>&&)> done) {
  struct run {
    std::vector<std::string> targets;
    std::vector<response> answers;
    std::function<void(std::vector<response>&&)> done;

    static void next(const std::shared_ptr<run>& self, const translation_ptr& t) {
      const auto at = self->answers.size();
      const bool failed = at > 0 && self->answers.back().status >= 500;
      if (failed || at == self->targets.size())
        return self->done(std::move(self->answers));
      t->ask(http_method::get, self->targets[at], {}, [self, t](response&& r) {
        self->answers.push_back(std::move(r));
        next(self, t);
      });
    }
  };
  run::next(std::make_shared<run>(run{std::move(targets), {}, std::move(done)}),
            shared_from_this());
}

// -- answering ------------------------------------------------------------------------------------

void translation::receive(response&& r) {
  if (!is_success(r)) {
    rename_pointers(r, pointers_);
    return answer_(std::move(r));
  }
  r.status = at_->status;
  if (!at_->message.empty()) {
    success_ = std::move(r);
    auto answer = make_object();
    set(answer, "message", make_text(at_->message));
    return finish(answer);
  }
  if (!at_->shape && !at_->after)
    return succeed(std::move(r));
  success_ = std::move(r);
  auto answer = json_of(success_);
  if (!answer)
    return refuse(describe(actors::ec::internal));
  shape(*answer);
  if (!at_->after)
    return finish(*answer);
  erase_header(success_, "ETag");
  at_->after(shared_from_this(), std::move(*answer));
}

void translation::shape(json_value& answer) {
  if (!at_->shape)
    return;
  if (!answer.is(json_kind::array))
    return at_->shape(*this, answer);
  for (auto& item : answer.items)
    at_->shape(*this, item);
}

void translation::add_header(std::string name, std::string value) {
  headers_.emplace_back(std::move(name), std::move(value));
}

void translation::finish(const json_value& answer) {
  success_.body = to_json(answer);
  success_.content_type = "application/json";
  succeed(std::move(success_));
}

void translation::succeed(response&& r) {
  for (auto& x : headers_)
    r.headers.push_back(std::move(x));
  answer_(std::move(r));
}

void translation::fail(response&& why) {
  why.headers.emplace_back("X-Content-Type-Options", "nosniff");
  why.headers.emplace_back("Cache-Control", "no-store");
  answer_(std::move(why));
}

void translation::refuse(const failure& why) {
  fail(make_problem(why, sent_.request_id));
}

void translation::fail_field(std::string pointer, std::string detail) {
  fail(make_invalid({{std::move(pointer), std::move(detail)}}, sent_.request_id));
}

void translation::fail_products(std::vector<field_error> where) {
  const auto why = describe(actors::ec::product_not_found);
  auto problem = read_json(make_invalid(where, sent_.request_id).body).root.value_or(make_object());
  set(problem, "code", make_text(why.code));
  set(problem, "detail", make_text(why.detail));
  auto out = make_problem(why, sent_.request_id);
  out.body = to_json(problem);
  rename_pointers(out, pointers_);
  fail(std::move(out));
}

} // namespace souk::http::aliases
